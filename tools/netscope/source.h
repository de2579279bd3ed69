/* SPDX-License-Identifier: MIT
 *
 * The sources that the settings name.
 *
 * Thread: control. Errors: -errno and one sentence.
 */
#ifndef TOOLS_NETSCOPE_SOURCE_H
#define TOOLS_NETSCOPE_SOURCE_H

#include "tools/netscope/interface_names.h"
#include "tools/netscope/settings.h"

struct nsc_sources {
	struct nsc_rx *rx[NSC_WORKERS_MAX];
	uint32_t n; /* 1, or one for each worker */
	uint32_t workers;
	uint32_t wanted;                          /* readers, where there can be several */
	bool readers;                             /* all workers read the source, in blocks */
	bool lanes;                               /* a capture thread stands between the one source and the workers */
	struct nsc_interface_names interfaces;    /* n = 0: not live */
	char interface[NSC_INTERFACE_NAMES_TEXT]; /* all of them, for people; "" = not live */
	struct nsc_feed *feed;                    /* what another host sends; NULL: none */
	struct nsc_error note;                    /* which source was taken, and why; "" = nothing to say */
	bool fell_back;                           /* not the one that would have been better: to be said in any case */
};

/* How many of `cores` (>= 1) can be busy at the same time under a quota of `millicores` (UINT64_MAX: none): >= 1. */
uint32_t nsc_cores_granted(uint32_t cores, uint64_t millicores);

/* How many workers the settings mean: 1 without the pipeline, else 1..NSC_WORKERS_MAX. */
uint32_t nsc_workers_wanted(const struct nsc_settings *settings);

/* How many threads shall read files of `bytes` together (any), where threads may run on `cores` cores (>= 1):
 * 1..NSC_WORKERS_MAX. Several only where they were asked for, or are faster and the answer is the same. */
uint32_t nsc_readers_wanted(const struct nsc_settings *settings, uint64_t bytes, uint32_t cores);

/* Whether they name an interface, or nothing, which means the default one. */
bool nsc_source_is_live(const struct nsc_settings *settings);

/* Whether they read what another host sends (-r tcp://), and nothing else. *port, unless NULL: there. */
bool nsc_source_is_feed(const struct nsc_settings *settings, uint16_t *port);

/* Whether strangers send to the source while it is read: an interface or a feed. */
bool nsc_source_is_exposed(const struct nsc_settings *settings);

/* How files of `bytes` together (any) are read where the page cache may take `room` bytes (UINT64_MAX: not known). */
enum nsc_direct nsc_source_direct(enum nsc_direct_choice choice, uint64_t bytes, uint64_t room);

/* So many files may be open at once, as far as the limit of the process can be raised; one that stays too low shows
 * when a file cannot be opened. */
void nsc_source_allow_descriptors(uint32_t files);

/* Opens all of them, or none. */
int nsc_sources_open(struct nsc_sources *sources, const struct nsc_settings *settings, struct nsc_error *error);
void nsc_sources_close(struct nsc_sources *sources);

#endif
