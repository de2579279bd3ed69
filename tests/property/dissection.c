/* SPDX-License-Identifier: MIT
 *
 * Holds the dissector over whole captures, and over damaged copies of their packets: the tree is well formed, its
 * layers stand where decode says, the fast packet line is the tree's line, and every view keeps within its room.
 *
 *     dissection                     all captures that there are
 *     dissection FILE FIELD...       prints these fields of each packet, a line each, for tests/golden/fields
 */
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/text/escape.h"
#include "netscope/decode.h"
#include "netscope/dissect.h"
#include "netscope/rx.h"

#define DAMAGED 3         /* copies of each packet */
#define DAMAGED_SEEDS 500 /* of each seed */

static uint64_t random_state = 0x9e3779b97f4a7c15ull;
static uint64_t n_packets, n_flows, n_fast;
static unsigned n_files, n_wrong;
static struct nsc_dissection tree, scratch;

static uint64_t next_random(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

static void wrong(const char *path, uint64_t number, const char *what)
{
	if (n_wrong++ < 20)
		printf("# %s packet %llu: %s\n", path, (unsigned long long)number, what);
}

/* --- properties ------------------------------------------------------------------------------- */

static bool well_formed(const struct nsc_field *f, uint16_t i)
{
	if (f->offset > tree.cap_len || f->length > tree.cap_len - f->offset || f->depth > NSC_DISSECT_DEPTH)
		return false;
	if (f->parent == NSC_NO_FIELD)
		return f->depth == 0;
	return f->parent < i && tree.field[f->parent].depth + 1 == f->depth;
}

static void check_tree(const char *path, uint64_t number)
{
	for (uint16_t i = 0; i < tree.n; i++) {
		uint32_t length;

		if (!well_formed(&tree.field[i], i)) {
			wrong(path, number, tree.field[i].type->name);
			return;
		}
		if (tree.field[i].type->kind == NSC_VALUE_TEXT)
			nsc_field_bytes(&tree, &tree.field[i], &length);
	}
}

static bool field_at(const char *name, uint32_t offset, uint64_t value)
{
	for (uint16_t i = nsc_dissection_find(&tree, name, 0); i != NSC_NO_FIELD;
	     i = nsc_dissection_find(&tree, name, i + 1))
		if (tree.field[i].offset == offset && tree.field[i].value == value)
			return true;
	return false;
}

/* A packet that makes a flow has, in the tree, its ports and its IP header where decode found them. */
static void check_decode(const char *path, uint64_t number, const struct nsc_packet *pkt)
{
	const char *prefix = pkt->ip_proto == NSC_PROTO_TCP   ? "tcp.srcport"
			     : pkt->ip_proto == NSC_PROTO_UDP ? "udp.srcport"
							      : "sctp.srcport";

	if (pkt->fate != NSC_FATE_FLOW)
		return;
	n_flows++;
	if (!field_at(prefix, pkt->l4_off, pkt->src_port))
		wrong(path, number, "the ports are not where decode found them");
	if (!field_at(pkt->ip_version == 4 ? "ip.version" : "ipv6.version", pkt->l3_off, pkt->ip_version))
		wrong(path, number, "the IP header is not where decode found it");
	if (pkt->ip_proto == NSC_PROTO_TCP && pkt->l4_len && !field_at("tcp.seq", pkt->l4_off + 4, pkt->tcp_seq))
		wrong(path, number, "the sequence number is another");
	if (pkt->ip_proto == NSC_PROTO_TCP && pkt->l4_len && !field_at("tcp.len", pkt->l4_off, pkt->payload_len))
		wrong(path, number, "the payload length is another");
}

static void check_line(const char *path, uint64_t number, const struct nsc_packet *pkt)
{
	static char fast[NSC_LINE_MAX], slow[NSC_LINE_MAX];
	size_t n, m;

	scratch.n = UINT16_MAX;
	n = nsc_dissect_line(pkt, number, &scratch, fast, sizeof(fast));
	m = nsc_dissect_line_of(&tree, pkt->ts_ns, number, slow, sizeof(slow));
	n_fast += scratch.n == UINT16_MAX;
	if (n == m && memcmp(fast, slow, n) == 0)
		return;
	wrong(path, number, "the fast line and the tree's differ:");
	if (n_wrong < 20)
		printf("#   %.*s\n#   %.*s\n", (int)n, fast, (int)m, slow);
}

static bool is_printable(const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (text[i] != '\n' && (text[i] < 0x20 || text[i] > 0x7e))
			return false;
	return true;
}

static void check_views(const char *path, uint64_t number, const struct nsc_packet *pkt)
{
	static char out[1 << 17];
	size_t room = next_random() % sizeof(out), n;

	n = nsc_dissect_text(&tree, out, room);
	if (n > room || !is_printable(out, n))
		wrong(path, number, "detail block");
	n = nsc_dissect_json(&tree, out, room);
	if (n > room || !is_printable(out, n) || (room >= 64 && out[n - 1] != '}'))
		wrong(path, number, "JSON");
	n = nsc_dissect_hex(pkt->data, pkt->cap_len, out, sizeof(out));
	if (n > NSC_HEX_MAX || !is_printable(out, n))
		wrong(path, number, "hex dump");
}

static void check_packet(const char *path, uint64_t number, struct nsc_packet *pkt)
{
	struct nsc_decode_options options = { .track_sctp = true };

	n_packets++;
	nsc_dissect(&tree, pkt);
	check_tree(path, number);
	check_line(path, number, pkt);
	check_views(path, number, pkt);
	for (unsigned decap = 0; decap < 2; decap++) {
		options.decap = decap;
		nsc_decode_burst(&options, pkt, 1);
		check_decode(path, number, pkt);
	}
}

/* A copy in memory of exactly its size, so that the address sanitizer sees a byte too far. */
static void check_damaged(const char *path, uint64_t number, const struct nsc_packet *pkt)
{
	struct nsc_packet copy = *pkt;
	uint32_t length = (uint32_t)(next_random() % 4 ? pkt->cap_len : next_random() % (pkt->cap_len + 1));
	uint8_t *bytes = malloc(length ? length : 1);

	if (!bytes)
		abort();
	memcpy(bytes, pkt->data, length);
	for (unsigned i = next_random() % 4; length && i > 0; i--)
		bytes[next_random() % NSC_MIN(length, 128)] = (uint8_t)next_random();
	copy.data = bytes;
	copy.cap_len = length;
	check_packet(path, number, &copy);
	free(bytes);
}

/* --- captures --------------------------------------------------------------------------------- */

static struct nsc_rx *open_capture(const char *path)
{
	const struct nsc_rx_file_options options = { .path = path, .loans = 1, .snaplen = 262144 };
	struct nsc_error error;
	struct nsc_rx *rx = NULL;

	return nsc_rx_file_open(&rx, &options, &error) == 0 ? rx : NULL;
}

static void check_file(const char *path)
{
	static struct nsc_burst burst;
	struct nsc_rx *rx = open_capture(path);
	uint64_t number = 0;

	if (!rx)
		return;
	n_files++;
	do {
		nsc_rx_poll(rx, &burst);
		for (uint32_t i = 0; i < burst.n; i++) {
			check_packet(path, ++number, &burst.pkt[i]);
			for (unsigned k = 0; k < DAMAGED && number < 5000; k++)
				check_damaged(path, number, &burst.pkt[i]);
		}
		nsc_rx_release(rx, burst.loan);
	} while (burst.state == NSC_RX_MORE || burst.state == NSC_RX_IDLE);
	nsc_rx_close(rx);
}

/* A seed of the decode fuzzer: link type, options, packet. They have every link and every tunnel. */
static int visit_seed(const char *path, const struct stat *stat, int type, struct FTW *ftw)
{
	struct nsc_packet pkt = { .link = NSC_LINK_UNSUPPORTED };
	uint8_t bytes[4096];
	FILE *file = type == FTW_F ? fopen(path, "rb") : NULL;
	size_t n = file ? fread(bytes, 1, sizeof(bytes), file) : 0;

	(void)stat, (void)ftw;
	if (file)
		fclose(file);
	if (n < 2)
		return 0;
	n_files++;
	pkt.link = bytes[0] % NSC_LINK_COUNT;
	pkt.data = bytes + 2;
	pkt.cap_len = pkt.wire_len = (uint32_t)n - 2;
	check_packet(path, 1, &pkt);
	for (unsigned k = 0; k < DAMAGED_SEEDS; k++)
		check_damaged(path, k, &pkt);
	return 0;
}

static int visit(const char *path, const struct stat *stat, int type, struct FTW *ftw)
{
	if (type == FTW_F && stat->st_size && !strstr(path + ftw->base, ".json"))
		check_file(path);
	return 0;
}

static int check_all(void)
{
	const char *shared = getenv("NETSCOPE_SHARED");
	char captures[4096];

	snprintf(captures, sizeof(captures), "%s/captures", shared ? shared : "");
	check_file("tests/data/sample.pcapng");
	if (nftw("tests/fuzz/corpus/decode", visit_seed, 8, FTW_PHYS))
		wrong("tests/fuzz/corpus/decode", 0, "cannot be read");
	if (!shared || !*shared || nftw(captures, visit, 8, FTW_PHYS))
		printf("skip - dissection of the shared captures: they are not there (NETSCOPE_SHARED)\n");
	if (n_packets == 0 || n_flows == 0 || n_fast == 0)
		wrong("all", 0, "nothing was checked");
	printf("%s - %u files, %llu packets, %llu keys compared with decode, %llu fast lines, %u wrong\n",
	       n_wrong ? "not ok" : "ok", n_files, (unsigned long long)n_packets, (unsigned long long)n_flows,
	       (unsigned long long)n_fast, n_wrong);
	return n_wrong != 0;
}

/* --- fields as tshark -T fields prints them --------------------------------------------------- */

static void print_field(const struct nsc_field *f)
{
	char text[4 * NSC_DISSECT_TEXT];
	const uint8_t *bytes;
	uint32_t length;

	switch (f->type->kind) {
	case NSC_VALUE_LAYER:
	case NSC_VALUE_GROUP:
		printf("%s", f->type->name);
		break;
	case NSC_VALUE_DEC:
	case NSC_VALUE_FLAG:
		printf("%llu", (unsigned long long)f->value);
		break;
	case NSC_VALUE_HEX:
	case NSC_VALUE_BITS:
		printf("0x%0*llx", f->type->digits, (unsigned long long)f->value);
		break;
	case NSC_VALUE_TEXT:
		bytes = nsc_field_bytes(&tree, f, &length);
		if (length == 0)
			printf("<Root>");
		else
			printf("%.*s",
			       (int)nsc_escape(NSC_ESCAPE_WIRE, bytes, NSC_MIN(length, NSC_DISSECT_TEXT), text,
					       sizeof(text)),
			       text);
		break;
	default:
		printf("%.*s", (int)nsc_dissect_value(&tree, f, text, sizeof(text)), text);
	}
}

static void print_fields(char **names, int n)
{
	for (int k = 0; k < n; k++) {
		bool first = true;

		if (k)
			putchar('\t');
		for (uint16_t i = 0; i < tree.n; i++) {
			if (strcmp(tree.field[i].type->name, names[k]) != 0)
				continue;
			if (!first)
				putchar(',');
			print_field(&tree.field[i]);
			first = false;
		}
	}
	putchar('\n');
}

static int print_file(const char *path, char **names, int n)
{
	static struct nsc_burst burst;
	struct nsc_rx *rx = open_capture(path);

	if (!rx)
		return 2;
	do {
		nsc_rx_poll(rx, &burst);
		for (uint32_t i = 0; i < burst.n; i++) {
			nsc_dissect(&tree, &burst.pkt[i]);
			print_fields(names, n);
		}
		nsc_rx_release(rx, burst.loan);
	} while (burst.state == NSC_RX_MORE || burst.state == NSC_RX_IDLE);
	nsc_rx_close(rx);
	return 0;
}

int main(int argc, char **argv)
{
	return argc > 2 ? print_file(argv[1], argv + 2, argc - 2) : check_all();
}
