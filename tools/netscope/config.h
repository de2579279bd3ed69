/* SPDX-License-Identifier: MIT
 *
 * The configuration file: TOML under the command line. What was set there already is checked in the file, not changed.
 *
 * Thread: control. Errors: -EINVAL or -errno and one sentence that begins with file:line:column.
 */
#ifndef TOOLS_NETSCOPE_CONFIG_H
#define TOOLS_NETSCOPE_CONFIG_H

#include "tools/netscope/problems.h"
#include "tools/netscope/settings.h"

/* At most 256 KiB. `problems`: gets each wrong key, and reading goes on behind it; NULL = the first one ends it. */
int nsc_config_load(struct nsc_settings *settings, const char *path, struct nsc_problems *problems,
		    struct nsc_error *error);

/* The same from memory; `name` is how the sentences call it. */
int nsc_config_parse(struct nsc_settings *settings, const char *name, const char *text, size_t size,
		     struct nsc_problems *problems, struct nsc_error *error);

#endif
