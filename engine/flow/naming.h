/* SPDX-License-Identifier: MIT
 *
 * Who flows talk to: listens to the first bytes of both directions of each TCP and UDP flow until they have said it,
 * and no longer. docs/names.md has the rules.
 *
 * The beginning of a stream is put together in a block while it is incomplete: first in a small one, which most hellos
 * fit, then in a large one. When all of a size are lent, the oldest of a few gives way, and its flow is not listened to
 * any further (NAME_SKIPPED). The same holds for hellos beyond those that a tick has time for.
 */
#ifndef NETSCOPE_FLOW_NAMING_H
#define NETSCOPE_FLOW_NAMING_H

#include "engine/base/name_store.h"
#include "netscope/names.h"

struct nsc_naming;

struct nsc_naming_options {
	enum nsc_names names;   /* not OFF */
	uint64_t memory;        /* bytes for names, of this worker */
	uint32_t blocks;        /* 1..NSC_NAMING_BLOCKS_MAX of each size; more when the next line allows them */
	uint64_t block_memory;  /* bytes of small blocks; a quarter of it is for large ones */
	uint32_t hellos_a_tick; /* of TLS and QUIC that are read in a tick; 0 = all */
	bool keep;              /* records are read later than a moment after they ended: an export */
};

#define NSC_NAMING_BLOCKS_MAX (1u << 24)

/* Takes its memory from `arena`, and from libcrypto. 0 or -errno. Thread: control. */
int nsc_naming_open(struct nsc_naming **naming, const struct nsc_naming_options *options, struct nsc_arena *arena,
		    struct nsc_error *error);
void nsc_naming_close(struct nsc_naming *naming); /* NULL is fine */

/* Bytes that it takes at most; few at the start. */
uint64_t nsc_naming_bytes(const struct nsc_naming_options *options);

/* From now on flows keep host names, or applications alone: not OFF. What they have, they keep. Thread: control. */
void nsc_naming_keep(struct nsc_naming *naming, enum nsc_names names);

/* Makes memory present ahead of the owner; true when it did something. Thread: control. */
bool nsc_naming_prepare(struct nsc_naming *naming);

#endif
