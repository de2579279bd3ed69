/* SPDX-License-Identifier: MIT
 *
 * Pages and completion scripts, made from the option table and the registry of counters.
 *
 * Thread: control.
 */
#ifndef TOOLS_NETSCOPE_GENERATE_H
#define TOOLS_NETSCOPE_GENERATE_H

#include <stdio.h>

void nsc_generate_man(FILE *out);
void nsc_generate_cli_page(FILE *out);
void nsc_generate_config_page(FILE *out);
void nsc_generate_metrics_page(FILE *out);
void nsc_generate_probes_page(FILE *out);
void nsc_generate_bash(FILE *out);
void nsc_generate_zsh(FILE *out);

#endif
