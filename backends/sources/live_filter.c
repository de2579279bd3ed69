/* SPDX-License-Identifier: MIT
 *
 * The kernel's program:
 *
 *      is it an outgoing packet of the loopback interface? ── yes ─► refuse
 *      has the kernel taken a tag out? ─────────────────────── yes ─► the moved program
 *      the program as libpcap made it
 *      the moved program
 */
#include "live_filter.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "file_filter.h"
#include "linktype.h"
#include "netscope/engine.h"

enum { TAG_AT = 12, TAG_BYTES = 4, PROLOGUE_MAX = 8, OUTGOING = 4 };

static_assert(NSC_LIVE_FILTER_WIDE >= (unsigned)PROLOGUE_MAX, "the prologue and one instruction");
static_assert(sizeof(struct sock_filter) == 8, "code, jt, jf, k: as in struct bpf_insn");

/* --- the moved program ------------------------------------------------------------------------ */

static uint32_t load_bytes(const struct sock_filter *i)
{
	return BPF_SIZE(i->code) == BPF_W ? 4 : BPF_SIZE(i->code) == BPF_H ? 2 : 1;
}

/* A load at `k` of the frame on the wire becomes one of the frame without its tag, or of the tag beside it. */
static bool move_absolute(struct sock_filter *i)
{
	uint32_t bytes = load_bytes(i);

	if (i->k >= TAG_AT + TAG_BYTES)
		i->k -= TAG_BYTES;
	else if (bytes == 2 && i->k == TAG_AT)
		i->k = (uint32_t)SKF_AD_OFF + SKF_AD_VLAN_TPID;
	else if (bytes == 2 && i->k == TAG_AT + 2)
		i->k = (uint32_t)SKF_AD_OFF + SKF_AD_VLAN_TAG;
	else
		return i->k + bytes <= TAG_AT;
	/* the two fields beside the packet are loaded as words */
	if (i->k >= (uint32_t)SKF_AD_OFF)
		i->code = BPF_LD | BPF_W | BPF_ABS;
	return true;
}

static bool move_relative(struct sock_filter *i)
{
	if (i->k < TAG_AT + TAG_BYTES)
		return false;
	i->k -= TAG_BYTES;
	return true;
}

/* False when the instruction has no counterpart without the tag. */
static bool move(struct sock_filter *i)
{
	if (BPF_CLASS(i->code) != BPF_LD && BPF_CLASS(i->code) != BPF_LDX)
		return true;
	switch (BPF_MODE(i->code)) {
	case BPF_ABS:
		return move_absolute(i);
	case BPF_IND:
	case BPF_MSH:
		return move_relative(i);
	case BPF_LEN:
		return false;
	}
	return true;
}

/* --- putting it together ---------------------------------------------------------------------- */

static void live_filter_put(struct nsc_live_filter *f, uint16_t code, uint8_t jt, uint8_t jf, uint32_t k)
{
	f->program[f->n++] = (struct sock_filter){ .code = code, .jt = jt, .jf = jf, .k = k };
}

static void put_load(struct nsc_live_filter *f, uint32_t field)
{
	live_filter_put(f, BPF_LD | BPF_W | BPF_ABS, 0, 0, (uint32_t)SKF_AD_OFF + field);
}

static void put_once(struct nsc_live_filter *f, uint32_t interface)
{
	put_load(f, SKF_AD_IFINDEX);
	live_filter_put(f, BPF_JMP | BPF_JEQ | BPF_K, 0, 3, interface);
	put_load(f, SKF_AD_PKTTYPE);
	live_filter_put(f, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, OUTGOING);
	live_filter_put(f, BPF_RET | BPF_K, 0, 0, 0);
}

/* An accepting `ret` says how much is kept. */
static struct sock_filter with_snaplen(struct sock_filter i, uint32_t snaplen)
{
	if (i.code == (BPF_RET | BPF_K) && i.k)
		i.k = snaplen;
	return i;
}

/* The jump over the untagged program is a BPF_JA, which reaches any distance. */
static void put_programs(struct nsc_live_filter *f, const struct sock_filter *from, uint32_t n, uint32_t snaplen,
			 bool tags)
{
	if (tags) {
		put_load(f, SKF_AD_VLAN_TAG_PRESENT);
		live_filter_put(f, BPF_JMP | BPF_JEQ | BPF_K, 1, 0, 0);
		live_filter_put(f, BPF_JMP | BPF_JA, 0, 0, n);
	}
	for (uint32_t i = 0; i < n; i++)
		f->program[f->n++] = with_snaplen(from[i], snaplen);
	for (uint32_t i = 0; i < n && tags; i++) {
		struct sock_filter moved = with_snaplen(from[i], snaplen);
		bool good = move(&moved);

		f->program[f->n++] = good ? moved : (struct sock_filter){ .code = BPF_RET | BPF_K, .k = snaplen };
		if (!good)
			f->recheck[true] = (const struct bpf_insn *)(const void *)from;
	}
}

static uint32_t length_of(const struct sock_filter *program)
{
	uint32_t last = 0; /* the furthest instruction that a jump or a step reaches */

	for (uint32_t i = 0;; i++) {
		uint16_t class = BPF_CLASS(program[i].code);

		if (class == BPF_JMP && BPF_OP(program[i].code) == BPF_JA)
			last = NSC_MAX(last, i + 1 + program[i].k);
		else if (class == BPF_JMP)
			last = NSC_MAX(last, i + 1 + NSC_MAX(program[i].jt, program[i].jf));
		else if (class != BPF_RET)
			last = NSC_MAX(last, i + 1);
		if (i >= last)
			return i + 1;
	}
}

/* Everything that passes, one instruction. */
static const struct sock_filter pass = { .code = BPF_RET | BPF_K, .k = 1 };

int nsc_live_filter_open(struct nsc_live_filter **filter, const struct nsc_live_filter_options *o,
			 struct nsc_error *error)
{
	uint32_t snaplen = o->snaplen ? o->snaplen : NSC_PACKET_BYTES_MAX, n;
	const struct sock_filter *expression = &pass, *kernel = &pass;
	struct nsc_file_filter *compiled = NULL;
	struct nsc_live_filter *f;
	int status = o->expression ? nsc_file_filter_open(&compiled, o->expression, (int)o->row, !o->apart, error) : 0;

	if (status)
		return status;
	if (compiled)
		expression = (const void *)nsc_file_filter_program(compiled, o->row, error);
	n = length_of(expression);
	/* A program that is too long for the kernel once it stands there twice is ours alone, like that of a cooked
	 * link. */
	if (!o->cooked && 2 * n + PROLOGUE_MAX <= BPF_MAXINSNS)
		kernel = expression;
	f = calloc(1, sizeof(*f) + (2 * n + PROLOGUE_MAX) * sizeof(f->program[0]));
	if (!f) {
		nsc_file_filter_close(compiled);
		return nsc_fail(error, -ENOMEM, "no memory for a filter of %u instructions", n);
	}
	f->compiled = compiled;
	if (o->once)
		put_once(f, o->once);
	memcpy(f->wide, f->program, f->n * sizeof(f->wide[0]));
	f->wide[f->n] = with_snaplen(pass, snaplen);
	f->n_wide = f->n + 1;
	f->whole = compiled ? (const struct bpf_insn *)(const void *)expression : NULL;
	put_programs(f, kernel, kernel == &pass ? 1 : n, snaplen,
		     kernel != &pass && nsc_linktypes[o->row].link == NSC_LINK_ETHERNET);
	if (kernel != expression)
		f->recheck[false] = f->recheck[true] = (const struct bpf_insn *)(const void *)expression;
	*filter = f;
	return 0;
}

void nsc_live_filter_close(struct nsc_live_filter *f)
{
	if (!f)
		return;
	nsc_file_filter_close(f->compiled);
	free(f);
}

/* --- the kernel ------------------------------------------------------------------------------- */

static int attach(int fd, const struct sock_filter *program, uint32_t n)
{
	struct sock_fprog fprog = { .len = (unsigned short)n, .filter = (struct sock_filter *)(uintptr_t)program };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &fprog, sizeof(fprog)) ? -errno : 0;
}

int nsc_live_filter_attach(const struct nsc_live_filter *f, int fd)
{
	return attach(fd, f->program, f->n);
}

int nsc_live_filter_widen(const struct nsc_live_filter *f, int fd)
{
	return attach(fd, f->wide, f->n_wide);
}

int nsc_live_filter_shut(int fd)
{
	static const struct sock_filter nothing = { .code = BPF_RET | BPF_K, .k = 0 };

	return attach(fd, &nothing, 1);
}
