/* SPDX-License-Identifier: MIT
 *
 * The effective configuration as one JSON object, in sections as in the configuration file.
 */
#ifndef TOOLS_NETSCOPE_SETTINGS_JSON_H
#define TOOLS_NETSCOPE_SETTINGS_JSON_H

#include "tools/netscope/settings.h"

/* Every option that has a key: {"capture":{"read_pcap":"a.pcap",...},...}. The caller frees it; NULL without memory.
 * Always valid UTF-8, whatever bytes a path has. Thread: control. */
char *nsc_settings_json(const struct nsc_settings *settings);

#endif
