/* SPDX-License-Identifier: MIT
 *
 * Classic BPF, written down in the order in which it runs. X is where the header at hand begins, A what comes next; all
 * jumps go forward.
 *
 * The kernel runs it on a packet that it has received with the link header already behind it and its type beside it,
 * and on one that it sends with the link header before it. Loads from a fixed place reach into pieces of a packet that
 * are not at hand; the negative ones, which would name a header whatever lies before it, do not.
 */
#include "fanout.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "netscope/ipv6.h"

enum { MEM_TYPE, MEM_ADDRESSES, MEM_BASE, MEM_PORTS, MEM_NEXT };
enum { TAGS_MAX = 4, OUTGOING = 4, ETHERNET = 14 };

/* Places that are jumped to before they are known. */
struct label {
	uint32_t n;
	uint32_t from[64]; /* instructions whose jump leads there */
};

static uint32_t fanout_put(struct nsc_fanout *f, uint16_t code, uint32_t k)
{
	assert(f->n < NSC_FANOUT_MAX);
	f->program[f->n] = (struct sock_filter){ .code = code, .k = k };
	return f->n++;
}

static void go(struct nsc_fanout *f, struct label *to)
{
	to->from[to->n++] = fanout_put(f, BPF_JMP | BPF_JA, 0);
}

/* To `to` when A is k; on with the next instruction when not. The jump itself is a long one. */
static void go_if(struct nsc_fanout *f, uint32_t k, struct label *to)
{
	uint32_t at = fanout_put(f, BPF_JMP | BPF_JEQ | BPF_K, k);

	f->program[at].jf = 1;
	go(f, to);
}

static void here(struct nsc_fanout *f, const struct label *label)
{
	for (uint32_t i = 0; i < label->n; i++)
		f->program[label->from[i]].k = f->n - label->from[i] - 1;
}

static void fanout_load(struct nsc_fanout *f, uint16_t size, uint32_t at)
{
	fanout_put(f, BPF_LD | size | BPF_IND, at);
}

static void load_mem(struct nsc_fanout *f, uint32_t at)
{
	fanout_put(f, BPF_LD | BPF_MEM, at);
}

static void store(struct nsc_fanout *f, uint32_t at)
{
	fanout_put(f, BPF_ST, at);
}

/* X += bytes; A is lost. */
static void skip(struct nsc_fanout *f, uint32_t bytes)
{
	fanout_put(f, BPF_MISC | BPF_TXA, 0);
	fanout_put(f, BPF_ALU | BPF_ADD | BPF_K, bytes);
	fanout_put(f, BPF_MISC | BPF_TAX, 0);
}

/* A += mem[at]; X is lost. */
static void add_mem(struct nsc_fanout *f, uint32_t at)
{
	fanout_put(f, BPF_LDX | BPF_MEM, at);
	fanout_put(f, BPF_ALU | BPF_ADD | BPF_X, 0);
}

/* --- the way to IP ---------------------------------------------------------------------------- */

static void put_start(struct nsc_fanout *f)
{
	struct label sent = { 0 }, type = { 0 };

	fanout_put(f, BPF_LD | BPF_W | BPF_ABS, (uint32_t)SKF_AD_OFF + SKF_AD_PKTTYPE);
	go_if(f, OUTGOING, &sent);
	fanout_put(f, BPF_LD | BPF_W | BPF_ABS, (uint32_t)SKF_AD_OFF + SKF_AD_PROTOCOL);
	fanout_put(f, BPF_LDX | BPF_IMM, 0);
	go(f, &type);
	here(f, &sent);
	fanout_put(f, BPF_LD | BPF_H | BPF_ABS, ETHERNET - 2);
	fanout_put(f, BPF_LDX | BPF_IMM, ETHERNET);
	here(f, &type);
}

/* A is the type of what begins at X. When that is one of a few headers with a type in it, that type and what begins
 * behind. */
static void put_header(struct nsc_fanout *f, const uint32_t *types, uint32_t n, uint32_t bytes)
{
	struct label take = { 0 }, next = { 0 };

	for (uint32_t i = 0; i < n; i++)
		go_if(f, types[i], &take);
	go(f, &next);
	here(f, &take);
	fanout_load(f, BPF_H, bytes - 2);
	store(f, MEM_TYPE);
	skip(f, bytes);
	load_mem(f, MEM_TYPE);
	here(f, &next);
}

/* --- addresses -------------------------------------------------------------------------------- */

static void put_addresses(struct nsc_fanout *f, uint32_t from, uint32_t to)
{
	fanout_put(f, BPF_STX, MEM_BASE);
	fanout_load(f, BPF_W, from);
	store(f, MEM_ADDRESSES);
	for (uint32_t at = from + 4; at < to; at += 4) {
		fanout_load(f, BPF_W, at);
		add_mem(f, MEM_ADDRESSES);
		store(f, MEM_ADDRESSES);
		fanout_put(f, BPF_LDX | BPF_MEM, MEM_BASE);
	}
}

static void go_with_ports(struct nsc_fanout *f, struct label *ports, struct label *none)
{
	go_if(f, 6, ports);
	go_if(f, 17, ports);
	go_if(f, 132, ports);
	go(f, none);
}

/* A is the length of the header at X: X behind it. */
static void put_behind(struct nsc_fanout *f, struct label *next)
{
	fanout_put(f, BPF_ALU | BPF_ADD | BPF_X, 0);
	fanout_put(f, BPF_MISC | BPF_TAX, 0);
	go(f, next);
}

static void put_ipv4(struct nsc_fanout *f, struct label *ports, struct label *none)
{
	struct label first = { 0 }, has = { 0 };

	put_addresses(f, 12, 20);
	fanout_load(f, BPF_H, 6);
	fanout_put(f, BPF_ALU | BPF_AND | BPF_K, 0x1fff);
	go_if(f, 0, &first);
	go(f, none);
	here(f, &first);
	fanout_load(f, BPF_B, 9);
	go_with_ports(f, &has, none);
	here(f, &has);
	fanout_load(f, BPF_B, 0);
	fanout_put(f, BPF_ALU | BPF_AND | BPF_K, 15);
	fanout_put(f, BPF_ALU | BPF_LSH | BPF_K, 2);
	put_behind(f, ports);
}

/* The extension header at X has (its second byte + `more`) << `shift` bytes: what follows it in MEM_NEXT, X behind it.
 */
static void put_sized(struct nsc_fanout *f, uint32_t more, uint32_t shift, struct label *next)
{
	fanout_load(f, BPF_B, 0);
	store(f, MEM_NEXT);
	fanout_load(f, BPF_B, 1);
	fanout_put(f, BPF_ALU | BPF_ADD | BPF_K, more);
	fanout_put(f, BPF_ALU | BPF_LSH | BPF_K, shift);
	put_behind(f, next);
}

/* The headers that an extension header can be, by the rule of its length (NSC_IPV6_BYTES_...). */
enum { BY_8, BY_4, FIXED, RULES };

/* One extension header: what follows it in MEM_NEXT, and X behind it. To `end` when there is none. */
static void put_extension(struct nsc_fanout *f, struct label *end, struct label *none)
{
	struct label rule[RULES] = { { .n = 0 } }, first = { 0 }, next = { 0 };

	load_mem(f, MEM_NEXT);
#define NSC_X(id, number, length, field, label) go_if(f, number, &rule[length]);
	NSC_IPV6_EXTENSIONS(NSC_X)
#undef NSC_X
	go(f, end);
	here(f, &rule[BY_8]);
	put_sized(f, 1, 3, &next);
	here(f, &rule[BY_4]);
	put_sized(f, 2, 2, &next);
	here(f, &rule[FIXED]); /* a fragment's: the first has ports */
	fanout_load(f, BPF_H, 2);
	fanout_put(f, BPF_ALU | BPF_AND | BPF_K, NSC_IPV6_FRAGMENT_LATER);
	go_if(f, 0, &first);
	go(f, none);
	here(f, &first);
	fanout_load(f, BPF_B, 0);
	store(f, MEM_NEXT);
	skip(f, NSC_IPV6_EXTENSION_MIN);
	here(f, &next);
}

static void put_ipv6(struct nsc_fanout *f, struct label *ports, struct label *none)
{
	struct label end = { 0 };

	put_addresses(f, 8, NSC_IPV6_HEADER);
	fanout_load(f, BPF_B, 6);
	store(f, MEM_NEXT);
	skip(f, NSC_IPV6_HEADER);
	for (uint32_t i = 0; i < NSC_IPV6_EXTENSIONS_MAX; i++)
		put_extension(f, &end, none);
	here(f, &end);
	load_mem(f, MEM_NEXT);
	go_with_ports(f, ports, none);
}

/* --- the number ------------------------------------------------------------------------------- */

/* A ^= A >> bits; X is lost. */
static void put_fold(struct nsc_fanout *f, uint32_t bits)
{
	store(f, MEM_ADDRESSES);
	fanout_put(f, BPF_ALU | BPF_RSH | BPF_K, bits);
	fanout_put(f, BPF_LDX | BPF_MEM, MEM_ADDRESSES);
	fanout_put(f, BPF_ALU | BPF_XOR | BPF_X, 0);
}

/* Sums do not care which end sent the packet. The kernel takes the number modulo the rings. */
static void put_number(struct nsc_fanout *f, const struct label *ports, const struct label *none, const uint32_t key[3])
{
	struct label mix = { 0 };

	here(f, ports);
	fanout_load(f, BPF_H, 0);
	store(f, MEM_PORTS);
	fanout_load(f, BPF_H, 2);
	add_mem(f, MEM_PORTS);
	store(f, MEM_PORTS);
	go(f, &mix);
	here(f, none);
	fanout_put(f, BPF_LD | BPF_IMM, 0);
	store(f, MEM_PORTS);
	here(f, &mix);
	load_mem(f, MEM_ADDRESSES);
	fanout_put(f, BPF_ALU | BPF_MUL | BPF_K, key[0] | 1);
	store(f, MEM_ADDRESSES);
	load_mem(f, MEM_PORTS);
	fanout_put(f, BPF_ALU | BPF_MUL | BPF_K, key[1] | 1);
	add_mem(f, MEM_ADDRESSES);
	put_fold(f, 16);
	fanout_put(f, BPF_ALU | BPF_MUL | BPF_K, key[2] | 1);
	put_fold(f, 15);
	fanout_put(f, BPF_RET | BPF_A, 0);
}

int nsc_fanout_draw(uint32_t key[3], struct nsc_error *error)
{
	size_t bytes = 3 * sizeof(*key);

	if (getrandom(key, bytes, 0) == (ssize_t)bytes)
		return 0;
	return nsc_fail(error, -errno, "no random numbers for the choice of rings: %s", strerror(errno));
}

void nsc_fanout_build(struct nsc_fanout *f, const uint32_t key[3])
{
	static const uint32_t tags[] = { 0x8100, 0x88a8, 0x9100 }, pppoe[] = { 0x8864 };
	struct label ipv4 = { 0 }, ipv6 = { 0 }, ports = { 0 }, none = { 0 };

	f->n = 0;
	put_start(f);
	for (uint32_t i = 0; i < TAGS_MAX; i++)
		put_header(f, tags, NSC_ARRAY_LEN(tags), 4);
	put_header(f, pppoe, 1, 8);
	go_if(f, 0x0800, &ipv4);
	go_if(f, 0x0021, &ipv4); /* inside PPPoE */
	go_if(f, 0x86dd, &ipv6);
	go_if(f, 0x0057, &ipv6);
	fanout_put(f, BPF_RET | BPF_K, 0);
	here(f, &ipv4);
	put_ipv4(f, &ports, &none);
	here(f, &ipv6);
	put_ipv6(f, &ports, &none);
	put_number(f, &ports, &none, key);
}
