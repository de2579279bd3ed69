/* SPDX-License-Identifier: MIT
 *
 * The effective configuration as TOML, which reads back to itself.
 */
#ifndef TOOLS_NETSCOPE_SETTINGS_TOML_H
#define TOOLS_NETSCOPE_SETTINGS_TOML_H

#include "tools/netscope/settings.h"

#include <stdio.h>

/* `comments`: says over each key what it means. Thread: control. */
void nsc_settings_toml(FILE *out, const struct nsc_settings *settings, bool comments);

/* 0, or -EILSEQ and one sentence: a path has bytes that TOML cannot hold. */
int nsc_settings_toml_check(const struct nsc_settings *settings, struct nsc_error *error);

/* A commented file that holds every key with its default. */
void nsc_settings_example(FILE *out);

#endif
