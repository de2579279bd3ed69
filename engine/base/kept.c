/* SPDX-License-Identifier: MIT
 *
 * A log of blocks, a log of comments, and a row for each interface. Pages that nobody writes cost nothing.
 */
#include "netscope/kept.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "netscope/interfaces.h"

static struct {
	uint8_t bytes[NSC_KEPT_MAX];
	size_t used;
	uint64_t n, lost;
} kept_blocks;

struct kept_comment { /* its text follows, and padding up to the next one */
	uint64_t number;
	uint16_t length;
};

static struct {
	alignas(8) uint8_t bytes[NSC_KEPT_COMMENTS_MAX];
	size_t used;
	uint64_t n, lost;
	uint64_t last;     /* number of the one before ... */
	uint32_t together; /* ... and the bytes of all that it has */
} kept_comments;

static struct {
	struct kept_interface {
		uint16_t linktype, name;
		const struct kept_comment *comment; /* or NULL */
	} row[NSC_KEPT_INTERFACES_MAX];
	uint32_t n;
} kept_interfaces;

/* Of interfaces, which no packet has as its number. */
#define KEPT_INTERFACE UINT64_MAX

/* --- blocks ----------------------------------------------------------------------------------- */

void nsc_kept_add(const uint8_t *block, uint32_t length)
{
	size_t used = __atomic_load_n(&kept_blocks.used, __ATOMIC_RELAXED);

	if (length > NSC_KEPT_BLOCK_MAX || length > NSC_KEPT_MAX - used) {
		nsc_kept_lose();
		return;
	}
	memcpy(kept_blocks.bytes + used, block, length);
	__atomic_store_n(&kept_blocks.n, kept_blocks.n + 1, __ATOMIC_RELAXED);
	__atomic_store_n(&kept_blocks.used, used + length, __ATOMIC_RELEASE);
}

void nsc_kept_lose(void)
{
	__atomic_store_n(&kept_blocks.lost, kept_blocks.lost + 1, __ATOMIC_RELAXED);
}

size_t nsc_kept_blocks(size_t from, const uint8_t **blocks)
{
	*blocks = kept_blocks.bytes + from;
	return __atomic_load_n(&kept_blocks.used, __ATOMIC_ACQUIRE) - from;
}

/* --- comments --------------------------------------------------------------------------------- */

static size_t kept_comment_size(uint16_t length)
{
	return (sizeof(struct kept_comment) + length + 7) & ~(size_t)7;
}

/* NULL when there is no room. */
static const struct kept_comment *keep_comment(uint64_t number, const uint8_t *text, uint16_t length)
{
	size_t used = __atomic_load_n(&kept_comments.used, __ATOMIC_RELAXED), size = kept_comment_size(length);
	struct kept_comment *comment = (struct kept_comment *)(kept_comments.bytes + used);

	if (size > NSC_KEPT_COMMENTS_MAX - used) {
		nsc_kept_lose_comment();
		return NULL;
	}
	comment->number = number;
	comment->length = length;
	memcpy(comment + 1, text, length);
	__atomic_store_n(&kept_comments.n, kept_comments.n + 1, __ATOMIC_RELAXED);
	__atomic_store_n(&kept_comments.used, used + size, __ATOMIC_RELEASE);
	return comment;
}

void nsc_kept_comment(uint64_t number, const uint8_t *text, uint16_t length)
{
	uint32_t before = number == kept_comments.last ? kept_comments.together : 0;
	uint32_t size = (uint32_t)kept_comment_size(length);

	if (before + size > NSC_KEPT_OF_PACKET_MAX) {
		nsc_kept_lose_comment();
		return;
	}
	kept_comments.last = number;
	kept_comments.together = before + size;
	keep_comment(number, text, length);
}

void nsc_kept_lose_comment(void)
{
	__atomic_store_n(&kept_comments.lost, kept_comments.lost + 1, __ATOMIC_RELAXED);
}

/* Those of interfaces stand between the others. */
bool nsc_kept_next_comment(size_t *at, uint64_t number, const uint8_t **text, uint16_t *length)
{
	size_t used = __atomic_load_n(&kept_comments.used, __ATOMIC_ACQUIRE);

	while (*at < used) {
		const struct kept_comment *comment = (const struct kept_comment *)(kept_comments.bytes + *at);

		if (comment->number > number && comment->number != KEPT_INTERFACE)
			return false;
		*at += kept_comment_size(comment->length);
		if (comment->number != number)
			continue;
		*text = (const uint8_t *)(comment + 1);
		*length = comment->length;
		return true;
	}
	return false;
}

/* --- interfaces ------------------------------------------------------------------------------- */

static struct kept_interface *kept_interface_find(uint16_t linktype, uint8_t name)
{
	uint32_t n = __atomic_load_n(&kept_interfaces.n, __ATOMIC_ACQUIRE);

	for (uint32_t i = 0; i < n; i++)
		if (kept_interfaces.row[i].linktype == linktype && kept_interfaces.row[i].name == name)
			return &kept_interfaces.row[i];
	return NULL;
}

static bool kept_same(const struct kept_comment *comment, const uint8_t *text, uint16_t length)
{
	return comment && comment->length == length && !memcmp(comment + 1, text, length);
}

void nsc_kept_interface(uint16_t linktype, uint8_t name, const uint8_t *text, uint16_t length)
{
	const struct kept_interface *have = kept_interface_find(linktype, name);
	uint32_t n = kept_interfaces.n;

	if (have || n == NSC_KEPT_INTERFACES_MAX) {
		if (length && !(have && kept_same(have->comment, text, length)))
			nsc_kept_lose_comment();
		return;
	}
	kept_interfaces.row[n] = (struct kept_interface){
		.linktype = linktype,
		.name = name,
		.comment = length ? keep_comment(KEPT_INTERFACE, text, length) : NULL,
	};
	__atomic_store_n(&kept_interfaces.n, n + 1, __ATOMIC_RELEASE);
}

bool nsc_kept_interface_comment(uint16_t linktype, uint8_t name, const uint8_t **text, uint16_t *length)
{
	const struct kept_interface *have = kept_interface_find(linktype, name);

	if (!have || !have->comment)
		return false;
	*text = (const uint8_t *)(have->comment + 1);
	*length = have->comment->length;
	return true;
}

/* --- what is missing -------------------------------------------------------------------------- */

bool nsc_kept_missing(bool pcapng, char *text, size_t size)
{
	uint64_t blocks = kept_blocks.lost + (pcapng ? 0 : kept_blocks.n);
	uint64_t comments = kept_comments.lost + (pcapng ? 0 : kept_comments.n);
	char of_blocks[64] = "", of_comments[48] = "";

	if (!blocks && !comments)
		return false;
	if (blocks)
		snprintf(of_blocks, sizeof(of_blocks), "%" PRIu64 " block%s of names and secrets", blocks,
			 blocks == 1 ? "" : "s");
	if (comments)
		snprintf(of_comments, sizeof(of_comments), "%" PRIu64 " comment%s", comments, comments == 1 ? "" : "s");
	snprintf(text, size, "the capture file that was written lacks %s%s%s%s", of_blocks,
		 blocks && comments ? " and " : "", of_comments,
		 pcapng ? "" : ": pcapng keeps them (a name that ends in .pcapng)");
	return true;
}
