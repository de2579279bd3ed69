/* SPDX-License-Identifier: MIT
 *
 * A detector: one const row, one file. A *measure* says by what contacts are counted (the key) and what is kept of each
 * key; a *detector* is a rule over a measure. Detectors that ask for the same measure over the same window share what
 * it holds.
 *
 * Another detector is another file and another row of NSC_DETECTORS (and, if it counts something new, another
 * measure in that file); nothing else names one.
 *
 * Thread: publisher, but for configure. Allocates, blocks: never.
 */
#ifndef NETSCOPE_DETECT_DETECTOR_H
#define NETSCOPE_DETECT_DETECTOR_H

#include "engine/detect/contact.h"
#include "netscope/alert.h"

#define NSC_MEASURE_MULTISETS 3u
#define NSC_DETECTORS_MAX 12u

struct nsc_detect_key {
	uint8_t addr[16]; /* IPv4 in the first 4, the rest 0 */
	uint16_t port;    /* 0 where it does not belong to the key */
	uint8_t ip_version;
};

struct nsc_measure {
	uint32_t n_multisets; /* 1..NSC_MEASURE_MULTISETS */
	struct {
		enum nsc_alert_value value; /* what it is called in an alert */
		bool series;                /* the sum of counts; otherwise the number of different hashes */
		uint64_t most; /* different ones that there are, so that no estimate says more; 0 = no limit */
	} multiset[NSC_MEASURE_MULTISETS];
	/* The key of a contact and its hash, and what it adds to each multiset: a count, or a hash; 0 = nothing (as
	 * `add` is before). */
	void (*read)(const struct nsc_contact *, const uint64_t seed[2], struct nsc_detect_key *, uint64_t *hash,
		     uint64_t add[NSC_MEASURE_MULTISETS]);
	/* All that a contact adds in 64 bits, or 0 when that does not say it; and back, the upper 48 bits of hashes as
	 * read gives them. A key that had one contact is held as such a number (without a series: the same contact,
	 * however often). NULL: never. */
	uint64_t (*pack)(const struct nsc_contact *);
	void (*unpack)(uint64_t packed, const uint64_t seed[2], uint64_t add[NSC_MEASURE_MULTISETS]);
	/* The same hash, from the key alone. */
	uint64_t (*hash)(const struct nsc_detect_key *, const uint64_t seed[2]);
	bool minor; /* few keys: a small part of the memory is enough */
	/* Source or target of an alert. */
	void (*name_alert)(const struct nsc_detect_key *, struct nsc_alert *);
};

struct nsc_rule { /* a detector with its options */
	bool enabled;
	bool any;             /* one value that reaches its threshold is enough; otherwise all of them */
	uint32_t contacts;    /* bits of the kinds that its measure must see */
	uint32_t if_answered; /* of these, what counts only while somebody answers somebody */
	uint32_t if_silent;   /* and what counts only while nobody does */
	uint64_t window_ns, cooldown_ns;
	uint64_t at_least[NSC_MEASURE_MULTISETS]; /* thresholds; NSC_ALERT_NONE = none */
	uint64_t at_most[NSC_MEASURE_MULTISETS];  /* NSC_ALERT_NONE = none */
	uint64_t shown[NSC_MEASURE_MULTISETS];    /* thresholds as an alert tells them */
	bool observed[NSC_MEASURE_MULTISETS];     /* values that an alert tells */
};

struct nsc_detector {
	enum nsc_alert_kind kind;
	const struct nsc_measure *measure; /* NULL: it has no keys, and detectors.c asks it by itself */
	/* Fills a rule that has no thresholds yet and tells nothing. Thread: control. */
	void (*configure)(const struct nsc_detect_options *, struct nsc_rule *);
};

/* Each detector nsc_detector_<name>, in the order in which rules are applied. */
#define NSC_DETECTORS(X)                                                                                               \
	X(syn_flood)                                                                                                   \
	X(few_sources)                                                                                                 \
	X(port_scan)                                                                                                   \
	X(silent_scan)                                                                                                 \
	X(arp_sweep)                                                                                                   \
	X(udp_icmp_flood)                                                                                              \
	X(microburst)

#define NSC_X(name) extern const struct nsc_detector nsc_detector_##name;
NSC_DETECTORS(NSC_X)
#undef NSC_X

extern const struct nsc_detector *const nsc_detector_table[]; /* of NSC_DETECTORS; ends with NULL */

#endif
