/* SPDX-License-Identifier: MIT
 *
 * pktgen's command line: one table of traffic options, profiles that set many of them, and the output's own.
 */
#ifndef PKTGEN_OPTIONS_H
#define PKTGEN_OPTIONS_H

#include <stdio.h>

#include "tools/pktgen/writer.h"

struct pktgen_options {
	struct nsc_gen_options gen;
	struct writer_options output;
	const char *truth; /* NULL: beside the output; "": none */
	bool help;
};

/* Reads the command line. 0, or -EINVAL and a sentence. */
int pktgen_options_parse(struct pktgen_options *options, int argc, char **argv, struct nsc_error *error);
void pktgen_options_help(FILE *file);

#endif
