/* SPDX-License-Identifier: MIT
 *
 * The capture files that are looked through.
 */
#ifndef TOOLS_EXTRACT_INPUTS_H
#define TOOLS_EXTRACT_INPUTS_H

#include "netscope/error.h"

struct nsc_inputs {
	char **path;
	uint32_t n; /* 1..NSC_RX_FILES_MAX once read */
};

/* `paths` as nsc_path_next has them: files, and folders, which stand for the capture files directly in them, in the
 * order of their names. 0, or -errno and one sentence: a pipe, what does not exist, a folder without a capture file,
 * too many of them. Thread: control. Allocates: the names. */
int nsc_inputs_read(struct nsc_inputs *inputs, const char *paths, struct nsc_error *error);
void nsc_inputs_close(struct nsc_inputs *inputs);

/* Whether a file of this name in a folder is taken for a capture file: .pcap, .pcapng or .cap, perhaps with digits
 * behind it, as tcpdump writes them, perhaps compressed (.gz, .zst, .xz, .bz2, .lz4). Never one whose name begins with
 * a point. */
bool nsc_inputs_takes(const char *name);

#endif
