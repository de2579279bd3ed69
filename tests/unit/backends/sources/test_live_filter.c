/* SPDX-License-Identifier: MIT
 *
 * A filter means the same whether the kernel took a tag out or not: the kernel's program runs here on a small machine
 * of our own, on the frame as the kernel sees it, and what it and the recheck decide must be what libpcap decides about
 * the frame as it was on the wire.
 */
#include "backends/sources/live_filter.h"

#include <string.h>

#include "backends/sources/linktype.h"
#include "bpf_machine.h"

/* From pcap/bpf.h, which cannot stand beside the kernel's header. */
extern unsigned bpf_filter(const struct bpf_insn *program, const unsigned char *packet, unsigned wire_len,
			   unsigned len);

struct frame {
	uint8_t bytes[512];
	uint32_t len;
	uint32_t tags;
};

/* --- frames ----------------------------------------------------------------------------------- */

static void put16(struct frame *f, uint32_t value)
{
	f->bytes[f->len++] = (uint8_t)(value >> 8);
	f->bytes[f->len++] = (uint8_t)value;
}

static struct frame frame(unsigned tags, unsigned proto, unsigned port, unsigned payload)
{
	static const uint16_t tpids[][3] = {
		{ 0 }, { 0x8100 }, { 0x88a8, 0x8100 }, { 0x8100, 0x8100 }, { 0x9100, 0x8100, 0x8100 }
	};
	static const unsigned n_tags[] = { 0, 1, 2, 2, 3 };
	struct frame f = { .len = 12, .tags = n_tags[tags] };

	memset(f.bytes, 2, 12);
	for (unsigned i = 0; i < n_tags[tags]; i++) {
		put16(&f, tpids[tags][i]);
		put16(&f, 5 + i + (i ? 0 : 3u << 13));
	}
	put16(&f, proto ? 0x0800 : 0x0806);
	f.bytes[f.len] = 0x45;
	f.bytes[f.len + 2] = (uint8_t)((28 + payload) >> 8);
	f.bytes[f.len + 3] = (uint8_t)(28 + payload);
	f.bytes[f.len + 8] = 64;
	f.bytes[f.len + 9] = (uint8_t)proto;
	memcpy(f.bytes + f.len + 12, (uint8_t[]){ 10, 9, 1, 1, 10, 9, 1, 2 }, 8);
	f.len += 20;
	put16(&f, 1000);
	put16(&f, port);
	put16(&f, 8 + payload);
	f.len += 2 + payload;
	return f;
}

/* The kernel takes 0x8100 and 0x88a8 out, and leaves 0x9100 where it is. */
static struct seen seen_by_kernel(const struct frame *f)
{
	struct seen s = { .len = f->len, .interface = 7 };
	uint32_t type = (uint32_t)f->bytes[12] << 8 | f->bytes[13];

	memcpy(s.bytes, f->bytes, f->len);
	if (type != 0x8100 && type != 0x88a8)
		return s;
	s.tagged = true;
	s.tpid = type;
	s.tci = (uint32_t)f->bytes[14] << 8 | f->bytes[15];
	memmove(s.bytes + 12, s.bytes + 16, f->len - 16);
	s.len -= 4;
	return s;
}

static const char *const expressions[] = {
	"vlan",
	"not vlan",
	"vlan 5",
	"vlan 6",
	"vlan and tcp port 80",
	"vlan and vlan and udp port 80",
	"tcp port 80",
	"udp",
	"arp",
	"vlan and arp",
	"arp or (vlan and arp)",
	"host 10.9.1.1",
	"vlan and host 10.9.1.2 and not port 80",
	"net 10.9.0.0/16",
	"ether[12:2]=0x8100",
	"ether[14:2]&0xfff=5",
	"ether[12]=0x81",
	"ether[14]&0xe0=0x60",
	"ether[10:4]=0x02028100",
	"greater 120",
	"less 100",
	"ether proto 0x88a8",
	"ether proto 0x9100",
	"ether[16:2]=0x800",
	"vlan and ip[8]=64",
	"ip[9]=17",
	"vlan and udp[4:2]>50",
	"ether host 02:02:02:02:02:02",
	"vlan and (tcp or udp) and portrange 70-90",
	"ether[20]+ether[21]>3",
	"len > 60",
	"vlan and len > 60",
	"vlan and tcp[tcpflags] & tcp-syn != 0",
};

static struct nsc_live_filter *open_filter(const char *expression, uint32_t once, bool cooked)
{
	struct nsc_live_filter_options options = {
		.expression = expression,
		.row = (unsigned)nsc_linktype_row(1),
		.snaplen = 96,
		.once = once,
		.cooked = cooked,
	};
	struct nsc_live_filter *filter = NULL;
	struct nsc_error error;

	ck_assert_msg(!nsc_live_filter_open(&filter, &options, &error), "%s: %s", expression ? expression : "all",
		      error.text);
	return filter;
}

static uint32_t verdict(const struct nsc_live_filter *filter, const struct seen *s)
{
	return machine_run(filter->program, filter->n, s);
}

/* What libpcap says about the frame on the wire: the recheck of a cooked filter is the expression itself. */
static bool wanted(const struct nsc_live_filter *truth, const struct frame *f)
{
	return bpf_filter(truth->recheck[true], f->bytes, f->len, f->len);
}

static bool passes(const struct nsc_live_filter *filter, const struct frame *f)
{
	struct seen s = seen_by_kernel(f);
	const struct bpf_insn *recheck = filter->recheck[s.tagged];

	return verdict(filter, &s) && (!recheck || bpf_filter(recheck, f->bytes, f->len, f->len));
}

START_TEST(means_the_frame_on_the_wire)
{
	unsigned wrong = 0, both[2] = { 0 };

	for (unsigned e = 0; e < NSC_ARRAY_LEN(expressions); e++) {
		struct nsc_live_filter *filter = open_filter(expressions[e], 0, false);
		struct nsc_live_filter *truth = open_filter(expressions[e], 0, true);

		for (unsigned i = 0; i < 5 * 3 * 3 * 3; i++) {
			struct frame f =
				frame(i % 5, (unsigned[]){ 0, 6, 17 }[i / 5 % 3],
				      (unsigned[]){ 80, 443, 53 }[i / 15 % 3], (unsigned[]){ 0, 60, 200 }[i / 45 % 3]);
			bool want = wanted(truth, &f);

			wrong += passes(filter, &f) != want;
			both[want]++;
		}
		nsc_live_filter_close(filter);
		nsc_live_filter_close(truth);
	}
	ck_assert_uint_eq(wrong, 0);
	ck_assert_uint_gt(both[0], 500);
	ck_assert_uint_gt(both[1], 500);
}
END_TEST

/* Where the moved program can say it, the kernel refuses by itself; nothing is asked again about frames without a tag.
 */
START_TEST(the_kernel_does_what_it_can)
{
	struct nsc_live_filter *filter = open_filter("vlan and tcp port 80", 0, false);
	struct frame no = frame(1, 17, 80, 60), yes = frame(1, 6, 80, 60);
	struct seen s = seen_by_kernel(&no);

	ck_assert_ptr_null(filter->recheck[false]);
	ck_assert_uint_eq(verdict(filter, &s), 0);
	s = seen_by_kernel(&yes);
	ck_assert_uint_eq(verdict(filter, &s), 96);
	nsc_live_filter_close(filter);
	filter = open_filter("greater 100", 0, false);
	ck_assert_ptr_null(filter->recheck[false]);
	ck_assert_ptr_nonnull(filter->recheck[true]);
	nsc_live_filter_close(filter);
}
END_TEST

START_TEST(loopback_is_taken_once)
{
	struct nsc_live_filter *filter = open_filter(NULL, 7, false);
	struct frame f = frame(0, 6, 80, 60);
	struct seen s = seen_by_kernel(&f);

	ck_assert_uint_eq(verdict(filter, &s), 96);
	s.type = 4; /* outgoing */
	ck_assert_uint_eq(verdict(filter, &s), 0);
	s.interface = 8; /* of another interface, which nobody sees twice */
	ck_assert_uint_eq(verdict(filter, &s), 96);
	nsc_live_filter_close(filter);
}
END_TEST

/* While one filter takes another one's place: the kernel lets everything pass that is taken once, cut as ever. */
START_TEST(wide_is_everything_once)
{
	struct nsc_live_filter *filter = open_filter("tcp port 81", 7, false);
	struct frame f = frame(0, 6, 80, 60);
	struct seen s = seen_by_kernel(&f);

	ck_assert_uint_eq(verdict(filter, &s), 0);
	ck_assert(!bpf_filter(filter->whole, f.bytes, f.len, f.len));
	memcpy(filter->program, filter->wide, filter->n_wide * sizeof(filter->wide[0]));
	ck_assert_uint_eq(verdict(filter, &s), 96);
	s.type = 4; /* outgoing */
	ck_assert_uint_eq(verdict(filter, &s), 0);
	nsc_live_filter_close(filter);
	filter = open_filter(NULL, 0, false);
	ck_assert_ptr_null(filter->whole);
	nsc_live_filter_close(filter);
}
END_TEST

START_TEST(what_does_not_compile)
{
	struct nsc_live_filter_options options = { .expression = "tcp prot 80" };
	struct nsc_live_filter *filter;
	struct nsc_error error;

	ck_assert_int_eq(nsc_live_filter_open(&filter, &options, &error), -22);
	ck_assert_ptr_nonnull(strstr(error.text, "tcp prot 80"));
}
END_TEST

/* Which way a packet went is the kernel's to say. */
START_TEST(without_a_kernel)
{
	struct nsc_live_filter_options options = { .expression = "inbound", .row = (unsigned)nsc_linktype_row(1) };
	struct nsc_live_filter *filter;
	struct nsc_error error;

	ck_assert_int_eq(nsc_live_filter_open(&filter, &options, &error), 0);
	nsc_live_filter_close(filter);
	options.apart = true;
	ck_assert_int_eq(nsc_live_filter_open(&filter, &options, &error), -22);
	options.expression = "udp";
	ck_assert_int_eq(nsc_live_filter_open(&filter, &options, &error), 0);
	ck_assert_ptr_nonnull(filter->whole);
	nsc_live_filter_close(filter);
}
END_TEST

CHECK_MAIN("live filter", means_the_frame_on_the_wire, the_kernel_does_what_it_can, loopback_is_taken_once,
	   wide_is_everything_once, what_does_not_compile, without_a_kernel)
