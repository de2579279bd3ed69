/* SPDX-License-Identifier: MIT
 *
 * --generate: word to printer.
 */
#include "tools/netscope/generate.h"

#include "tools/netscope/options.h"

/* In the order of the words in options.c. */
static void (*const printers[])(FILE *) = {
	NULL,
	nsc_generate_man,
	nsc_generate_bash,
	nsc_generate_zsh,
	nsc_generate_cli_page,
	nsc_generate_config_page,
	nsc_settings_example,
	nsc_generate_metrics_page,
};

void nsc_generate(FILE *out, unsigned what)
{
	if (what && what < NSC_ARRAY_LEN(printers))
		printers[what](out);
}
