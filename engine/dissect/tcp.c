/* SPDX-License-Identifier: MIT
 *
 * TCP, its options, and which application its payload looks like.
 */
#include "engine/dissect/dissect.h"

enum {
	HEADER = 20,
	OPTION_END = 0,
	OPTION_NOP = 1,
	OPTION_MSS = 2,
	OPTION_SCALE = 3,
	OPTION_SACK_PERMITTED = 4,
	OPTION_SACK = 5,
	OPTION_TIMESTAMP = 8,
};

/* In the order in which a packet line names them. */
static const struct nsc_value_name names_flags[] = {
	{ 0x02, "SYN" }, { 0x10, "ACK" }, { 0x01, "FIN" }, { 0x04, "RST" }, { 0x08, "PSH" },
	{ 0x20, "URG" }, { 0x40, "ECE" }, { 0x80, "CWR" }, { 0x100, "AE" }, { 0, NULL },
};

enum {
	TCP_SRC,
	TCP_DST,
	TCP_SEQ,
	TCP_ACK,
	TCP_HDR_LEN,
	TCP_FLAGS,
	TCP_F_AE,
	TCP_F_CWR,
	TCP_F_ECE,
	TCP_F_URG,
	TCP_F_ACK,
	TCP_F_PSH,
	TCP_F_RST,
	TCP_F_SYN,
	TCP_F_FIN,
	TCP_WINDOW,
	TCP_CHECKSUM,
	TCP_URGENT
};

static const struct nsc_field_type tcp[] = {
	[TCP_SRC] = F_DEC("tcp.srcport", "Source port", 0, 2),
	[TCP_DST] = F_DEC("tcp.dstport", "Destination port", 2, 2),
	[TCP_SEQ] = F_DEC("tcp.seq", "Sequence number", 4, 4),
	[TCP_ACK] = F_DEC("tcp.ack", "Acknowledgment", 8, 4),
	[TCP_HDR_LEN] = FIELD("tcp.hdr_len", "Header length", DEC, .at = 12, .size = 1, .shift = 4, .scale = 4),
	[TCP_FLAGS] = FIELD("tcp.flags", "Flags", BITS, .digits = 4, .at = 12, .size = 2, .bits = 0xfff,
			    .names = names_flags),
	[TCP_F_AE] = F_FLAG("tcp.flags.ae", "Accurate ECN", 12, 2, 8),
	[TCP_F_CWR] = F_FLAG("tcp.flags.cwr", "Congestion window reduced", 12, 2, 7),
	[TCP_F_ECE] = F_FLAG("tcp.flags.ece", "ECN echo", 12, 2, 6),
	[TCP_F_URG] = F_FLAG("tcp.flags.urg", "Urgent", 12, 2, 5),
	[TCP_F_ACK] = F_FLAG("tcp.flags.ack", "Acknowledgment", 12, 2, 4),
	[TCP_F_PSH] = F_FLAG("tcp.flags.push", "Push", 12, 2, 3),
	[TCP_F_RST] = F_FLAG("tcp.flags.reset", "Reset", 12, 2, 2),
	[TCP_F_SYN] = F_FLAG("tcp.flags.syn", "Syn", 12, 2, 1),
	[TCP_F_FIN] = F_FLAG("tcp.flags.fin", "Fin", 12, 2, 0),
	[TCP_WINDOW] = F_DEC("tcp.window_size_value", "Window", 14, 2),
	[TCP_CHECKSUM] = F_HEX("tcp.checksum", "Checksum", 16, 2),
	[TCP_URGENT] = F_DEC("tcp.urgent_pointer", "Urgent pointer", 18, 2),
};
static const struct nsc_field_type tcp_len = FIELD("tcp.len", "Payload length", DEC);

/* --- options ---------------------------------------------------------------------------------- */

static const struct nsc_value_name names_option[] = {
	{ OPTION_END, "end" },
	{ OPTION_NOP, "no operation" },
	{ OPTION_MSS, "maximum segment size" },
	{ OPTION_SCALE, "window scale" },
	{ OPTION_SACK_PERMITTED, "SACK permitted" },
	{ OPTION_SACK, "SACK" },
	{ OPTION_TIMESTAMP, "timestamps" },
	{ 19, "MD5 signature" },
	{ 28, "user timeout" },
	{ 29, "authentication" },
	{ 30, "multipath" },
	{ 34, "fast open" },
	{ 172, "accurate ECN 0" },
	{ 174, "accurate ECN 1" },
	{ 253, "experiment" },
	{ 254, "experiment" },
	{ 0, NULL },
};
static const struct nsc_field_type options_group = F_GROUP("tcp.options", "Options");
static const struct nsc_field_type option_group = F_GROUP("tcp.option", "Option");
static const struct nsc_field_type option_kind = F_NAMED("tcp.option_kind", "Kind", 0, 1, names_option);
static const struct nsc_field_type option_len = F_DEC("tcp.option_len", "Length", 1, 1);
static const struct nsc_field_type option_mss = F_DEC("tcp.options.mss_val", "Maximum segment size", 0, 2);
static const struct nsc_field_type option_scale = F_DEC("tcp.options.wscale.shift", "Shift", 0, 1);
static const struct nsc_field_type option_sack_left = F_DEC("tcp.options.sack_le", "Left edge", 0, 4);
static const struct nsc_field_type option_sack_right = F_DEC("tcp.options.sack_re", "Right edge", 0, 4);
static const struct nsc_field_type option_tsval = F_DEC("tcp.options.timestamp.tsval", "Value", 0, 4);
static const struct nsc_field_type option_tsecr = F_DEC("tcp.options.timestamp.tsecr", "Echo", 0, 4);
static const struct nsc_field_type option_content = F_BYTES("tcp.options.unknown.payload", "Content");

static void add_option_content(struct dissect *s, uint64_t at, uint8_t kind, uint32_t length)
{
	uint64_t end = at + length;

	if (kind == OPTION_MSS && length == 4) {
		add_at(s, &option_mss, at + 2);
	} else if (kind == OPTION_SCALE && length == 3) {
		add_at(s, &option_scale, at + 2);
	} else if (kind == OPTION_TIMESTAMP && length == 10) {
		add_at(s, &option_tsval, at + 2);
		add_at(s, &option_tsecr, at + 6);
	} else if (kind == OPTION_SACK && length >= 10) {
		for (at += 2; at + 8 <= end; at += 8) {
			add_at(s, &option_sack_left, at);
			add_at(s, &option_sack_right, at + 4);
		}
	} else if (length > 2) {
		add_range(s, &option_content, at + 2, length - 2);
	}
}

/* One option; where it ends, or 0 when nothing can follow. */
static uint64_t tcp_add_option(struct dissect *s, uint64_t at, uint64_t end)
{
	uint8_t kind = s->data[at];
	uint32_t length = 1;
	uint16_t group;

	if (kind != OPTION_END && kind != OPTION_NOP) {
		if (at + 2 > end || s->data[at + 1] < 2 || at + s->data[at + 1] > end) {
			add_note(s, "an option with an impossible length");
			return 0;
		}
		length = s->data[at + 1];
	}
	group = enter_group(s, &option_group, at, length);
	add_at(s, &option_kind, at);
	if (length > 1)
		add_at(s, &option_len, at + 1);
	add_option_content(s, at, kind, length);
	leave_group(s, group);
	return kind == OPTION_END ? 0 : at + length;
}

static void tcp_add_options(struct dissect *s, uint32_t header)
{
	uint64_t at = s->off + HEADER, end = NSC_MIN(s->off + header, s->cap_end);
	uint16_t group;

	if (header <= HEADER || at >= end)
		return;
	group = enter_group(s, &options_group, at, header - HEADER);
	while (at != 0 && at < end)
		at = tcp_add_option(s, at, end);
	leave_group(s, group);
}

/* --- the header ------------------------------------------------------------------------------- */

static enum step step_of_payload(struct dissect *s)
{
	uint64_t captured = s->cap_end - s->off;

	if (is_dns_port(s->src_port) || is_dns_port(s->dst_port))
		return STEP_DNS_TCP;
	if (looks_like_tls(here(s), captured))
		return STEP_TLS;
	if (looks_like_http(here(s), captured))
		return STEP_HTTP;
	return STEP_DATA;
}

static enum step tcp_after_header(struct dissect *s, uint32_t header)
{
	uint64_t start = s->off + header;

	if (start > s->wire_end)
		return stop_note(s, "the header is longer than the packet");
	add_number(s, &tcp_len, s->off, 0, s->wire_end - start);
	if (start > s->cap_end)
		add_note(s, "the capture ends here");
	s->off = start;
	set_payload(s);
	return s->off < s->cap_end ? step_of_payload(s) : STEP_STOP;
}

/* Nobody knows what a header of such a length means: as tshark, what does not depend on it. */
static enum step stop_short(struct dissect *s, uint32_t header)
{
	add_field(s, &tcp[TCP_SEQ]);
	add_field(s, &tcp[TCP_HDR_LEN]);
	if (s->off + header <= s->wire_end)
		add_number(s, &tcp_len, s->off, 0, s->wire_end - s->off - header);
	return stop_note(s, "the header is shorter than 20 bytes");
}

static enum step dissect_tcp(struct dissect *s)
{
	uint32_t header = has(s, 13) ? (here(s)[12] >> 4) * 4u : HEADER;

	add_layer(s, &protocol_tcp, NSC_MAX(header, HEADER));
	add_fields(s, tcp, TCP_SEQ);
	if (!has(s, 16)) /* flags and window: less is no header for decode and tshark either */
		return stop_cut(s);
	s->src_port = nsc_load16(here(s));
	s->dst_port = nsc_load16(here(s) + 2);
	if (header < HEADER)
		return stop_short(s, header);
	add_fields(s, tcp + TCP_SEQ, NSC_ARRAY_LEN(tcp) - TCP_SEQ);
	tcp_add_options(s, header);
	return tcp_after_header(s, header);
}

const struct protocol protocol_tcp = { LAYER("tcp", "TCP"), .dissect = dissect_tcp,
				       LINE("TCP :%v -> :%v[ %v seq=%v ack=%v win=%v]", &tcp[TCP_SRC], &tcp[TCP_DST],
					    &tcp[TCP_FLAGS], &tcp[TCP_SEQ], &tcp[TCP_ACK], &tcp[TCP_WINDOW]) };
