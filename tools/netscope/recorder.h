/* SPDX-License-Identifier: MIT
 *
 * netscope recorder: asks a running sensor for packets out of its flight recorder, and writes them.
 */
#ifndef TOOLS_NETSCOPE_RECORDER_H
#define TOOLS_NETSCOPE_RECORDER_H

#include "tools/netscope/settings.h"

/* Says on standard error how it went. 0; -EINVAL: wrong usage; else -errno; each with one sentence. The file is there
 * when it is whole, and not before. Thread: control. Blocks: as long as the sensor answers. */
int nsc_recorder_ask(const struct nsc_settings *settings, struct nsc_error *error);

#endif
