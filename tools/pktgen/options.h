/* SPDX-License-Identifier: MIT
 *
 * pktgen's command line: one table of traffic options, profiles that set many of them, and the output's own.
 */
#ifndef PKTGEN_OPTIONS_H
#define PKTGEN_OPTIONS_H

#include <stdio.h>

#include "tools/pktgen/writer.h"

struct pktgen_send_options {
	const char *interface; /* NULL: a file is written */
	const char *from;      /* capture file whose frames are sent; NULL: generated ones */
	double rate;           /* frames per second, 0 = as fast as it goes */
	double seconds;        /* 0 = no end by time */
	uint64_t count;        /* 0 = all of the file, or --packets */
	bool anyway;           /* also through an interface that somebody uses */
};

struct pktgen_options {
	struct nsc_gen_options gen;
	struct writer_options output;
	struct pktgen_send_options send;
	const char *truth; /* NULL: beside the output; "": none */
	bool help;
};

/* Reads the command line. 0, or -EINVAL and a sentence. */
int pktgen_options_parse(struct pktgen_options *options, int argc, char **argv, struct nsc_error *error);
void pktgen_options_help(FILE *file);

#endif
