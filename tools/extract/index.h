/* SPDX-License-Identifier: MIT
 *
 * What the indexes beside the capture files (docs/pcap-index.md) save: parts of files, and files.
 */
#ifndef TOOLS_EXTRACT_INDEX_H
#define TOOLS_EXTRACT_INDEX_H

#include "tools/extract/file.h"

enum { NSC_INDEX_SAID_MOST = 5 }; /* sentences about indexes that cannot be used */

struct nsc_extract_index {
	bool decap;          /* as the packets are decoded */
	const char *tunnels; /* the text of --decap-port */
	/* so far */
	uint32_t used, missing, refused; /* files, by their index */
	uint64_t read;                   /* bytes of indexes */
};

/* Asks the index of the file, if that can help, which parts of it must be read for the job, and sets `spans` or `skip`.
 * An index that is missing, or of which something is wrong, leaves the file to be read whole; what is wrong is told on
 * standard error, of the first files. Thread: control. Allocates. */
void nsc_extract_index_ask(struct nsc_extract_index *index, struct nsc_extract_file *file,
			   const struct nsc_extract_job *job);

/* Says in one line which files are read whole, if there are any. */
void nsc_extract_index_tell(const struct nsc_extract_index *index);

#endif
