/* SPDX-License-Identifier: MIT
 *
 * Whether test frames may go through an interface: one that somebody uses is refused.
 *
 * Thread: control. Errors: -errno and one sentence.
 */
#ifndef TOOLS_SEND_GUARD_H
#define TOOLS_SEND_GUARD_H

#include "netscope/error.h"

/* How this machine uses the interface: "has the address 10.0.0.1", "carries the default route", "belongs to a bridge or
 * a bond", "is a wireless interface"; in `text`, which is "" when it does not. An IPv6 address that an interface gives
 * itself does not count. */
enum { NSC_SEND_USE = 128 };
void nsc_send_guard_use(const char *interface, char text[NSC_SEND_USE]);

/* -ENETDOWN: it is down, or has no carrier; -ENODEV: there is no such interface. */
int nsc_send_guard_link(const char *interface, struct nsc_error *error);

/* -EBUSY: it is used. */
int nsc_send_guard_check(const char *interface, struct nsc_error *error);

#endif
