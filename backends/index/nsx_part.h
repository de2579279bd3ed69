/* SPDX-License-Identifier: MIT
 *
 * One part of an index, in memory, while its packets come (nsx.h).
 *
 * Thread: one at a time. Allocates: at open.
 */
#ifndef NETSCOPE_INDEX_NSX_PART_H
#define NETSCOPE_INDEX_NSX_PART_H

#include "backends/index/conversation.h"
#include "backends/index/nsx_file.h"

struct nsc_nsx_builder;

/* NULL without memory. `secret` chooses buckets. */
struct nsc_nsx_builder *nsc_nsx_builder_open(uint64_t secret);
uint64_t nsc_nsx_builder_memory(void);

/* Begins another part. */
void nsc_nsx_builder_reset(struct nsc_nsx_builder *builder);

/* Whether another page fits, with one conversation. */
bool nsc_nsx_builder_has_room(const struct nsc_nsx_builder *builder);

/* Begins a page at byte `begin` of the capture; the one before it ends there. False: that one is empty, or 4 GiB long
 * or more. */
bool nsc_nsx_builder_page(struct nsc_nsx_builder *builder, uint64_t begin, bool describes);
/* The page that is open; NULL: none is. */
const struct nsc_nsx_page *nsc_nsx_builder_at(const struct nsc_nsx_builder *builder);

/* A packet of the page that is open. `hash`: of this conversation, any that is keyed, or 0 for the builder's own.
 * False: there is no room for its conversation, and nothing has changed. */
bool nsc_nsx_builder_add(struct nsc_nsx_builder *builder, const struct nsc_conversation *conversation, uint32_t hash,
			 uint64_t ts_ns);

/* Writes the part, whose last page ends at `end`, behind part `previous`. Its place, or NSC_UNKNOWN: it has no page, or
 * one that is too long. */
uint64_t nsc_nsx_builder_write(struct nsc_nsx_builder *builder, struct nsc_nsx_file *file, uint64_t previous,
			       uint64_t end, struct nsc_nsx_part *part);

void nsc_nsx_builder_close(struct nsc_nsx_builder *builder); /* NULL is allowed */

#endif
