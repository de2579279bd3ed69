/* SPDX-License-Identifier: MIT
 *
 * An alert as a message of syslog, RFC 5424.
 *
 * Thread: any. Allocates, blocks: never.
 */
#ifndef TOOLS_SHIP_SYSLOG_TEXT_H
#define TOOLS_SHIP_SYSLOG_TEXT_H

#include "tools/ship/alerts.h"

enum { NSC_SYSLOG_MAX = 2048 }; /* what every receiver of RFC 5424 should take */

/* <PRI>1 TIME SENSOR netscope RUN KIND [netscope@PEN NAME="VALUE" ...] SENTENCE. Facility daemon; severity 2, 4 or 6
 * for critical, warning and info. No NUL, no line end. `pen`: the private enterprise number in the name of the
 * structured data. Returns its length; what does not fit would be an alert with values that none has. */
size_t nsc_syslog_text(char text[NSC_SYSLOG_MAX], const struct nsc_ship_alert *alert, uint32_t pen);

/* A value of structured data, with \ before ", \ and ]; a byte that is a control or not UTF-8 becomes '?'. Writes at
 * most `room` bytes, never a part of a character. Returns the end. */
char *nsc_syslog_value(char *at, size_t room, const char *value, size_t length);

#endif
