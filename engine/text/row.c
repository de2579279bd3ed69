/* SPDX-License-Identifier: MIT
 *
 * Straight-line code: a million rows are written when a run ends. Every word that a column can hold lies in a table
 * slot of 16 bytes and is copied whole.
 */
#include "engine/text/row.h"

#include "engine/text/address.h"
#include "engine/text/time.h"

struct word {
	char text[15];
	uint8_t length;
};

static_assert(sizeof(struct word) == 16, "one vector move");

#define WORD(text)                                                                                                     \
	{                                                                                                              \
		text, sizeof(text) - 1                                                                                 \
	}
#define QUOTED(text) WORD("\"" text "\"")

static const struct word csv_states[NSC_TCP_STATE_COUNT + 1] = {
#define NSC_X(name, text) WORD(text),
	NSC_TCP_STATES(NSC_X)
#undef NSC_X
		WORD(""), /* not TCP */
};

static const struct word json_states[NSC_TCP_STATE_COUNT + 1] = {
#define NSC_X(name, text) QUOTED(text),
	NSC_TCP_STATES(NSC_X)
#undef NSC_X
		WORD("null"),
};

static const struct word reasons[NSC_END_COUNT] = {
#define NSC_X(name, text) WORD(text),
	NSC_END_REASONS(NSC_X)
#undef NSC_X
};

static const struct word csv_clients[] = { WORD(""), WORD("a_to_b"), WORD("b_to_a") };
static const struct word json_clients[] = { WORD("null"), QUOTED("a_to_b"), QUOTED("b_to_a") };

const char nsc_row_csv_columns[] =
	"protocol,endpoint_a_ip,endpoint_a_port,endpoint_b_ip,endpoint_b_port,first_seen,last_seen,duration_secs,"
	"packets_a_to_b,packets_b_to_a,bytes_a_to_b,bytes_b_to_a,packets_total,bytes_total,avg_bps,tcp_state,client,"
	"retransmissions,out_of_order,rtt_last_ms,rtt_min_ms,rtt_ewma_ms,rtt_samples,end_reason,lost_segments,"
	"zero_windows,rtt_handshake_ms";
const size_t nsc_row_csv_columns_length = sizeof(nsc_row_csv_columns) - 1;

nsc_always_inline char *put_word(char *at, const struct word *word)
{
	memcpy(at, word, sizeof(*word));
	return at + word->length;
}

nsc_always_inline char *put_protocol(char *at, unsigned proto)
{
	static const struct word tcp = WORD("tcp"), udp = WORD("udp"), sctp = WORD("sctp");

	return put_word(at, proto == NSC_PROTO_TCP ? &tcp : proto == NSC_PROTO_UDP ? &udp : &sctp);
}

nsc_always_inline char *row_put_ip(char *at, const uint8_t addr[16], unsigned ip_version)
{
	return nsc_likely(ip_version == 4) ? nsc_format_ipv4(at, addr) : nsc_format_ipv6(at, addr);
}

nsc_always_inline unsigned state_slot(const struct nsc_flow_record *record)
{
	return record->proto == NSC_PROTO_TCP ? record->tcp_state : NSC_TCP_STATE_COUNT;
}

/* A field: its separator or name, then its value. */
#define TEXT(text) at = nsc_format_literal(at, text)
#define NUMBER(before, value) (TEXT(before), at = nsc_format_u64(at, (value)))
#define SECONDS(before, ns) (TEXT(before), at = nsc_format_seconds(at, (ns)))
#define TIME(before, ns) (TEXT(before), at = nsc_format_timestamp(at, (ns)))

/* A number of an analysis; nothing when the analysis was not made. */
nsc_always_inline char *put_count(char *at, const struct nsc_flow_record *r, unsigned analysis, uint32_t value,
				  const struct word *none)
{
	return nsc_likely(r->analyses & analysis) ? nsc_format_u64(at, value) : put_word(at, none);
}

/* Nanoseconds as milliseconds with 6 decimals, exactly. */
nsc_always_inline char *put_ms(char *at, uint64_t ns, bool known, const struct word *none)
{
	const uint32_t ms = 1000000;

	if (!known)
		return put_word(at, none);
	at = nsc_format_u64(at, ns / ms);
	*at++ = '.';
	at = nsc_format_three(at, (uint32_t)(ns % ms) / 1000);
	return nsc_format_three(at, (uint32_t)(ns % 1000));
}

static const struct word csv_none = WORD(""), json_null = WORD("null");

#define COUNT(before, analysis, value) (TEXT(before), at = put_count(at, r, analysis, value, none))
#define MS(before, ns, known) (TEXT(before), at = put_ms(at, ns, known, none))

char *nsc_row_csv(char *at, const struct nsc_flow_record *r)
{
	uint64_t duration_ns = r->last_seen_ns - r->first_seen_ns, bytes = r->bytes[0] + r->bytes[1];
	const struct word *none = &csv_none;

	at = put_protocol(at, r->proto);
	*at++ = ',';
	at = row_put_ip(at, r->addr_a, r->ip_version);
	NUMBER(",", r->port_a);
	*at++ = ',';
	at = row_put_ip(at, r->addr_b, r->ip_version);
	NUMBER(",", r->port_b);
	TIME(",", r->first_seen_ns);
	TIME(",", r->last_seen_ns);
	SECONDS(",", duration_ns);
	NUMBER(",", r->packets[0]);
	NUMBER(",", r->packets[1]);
	NUMBER(",", r->bytes[0]);
	NUMBER(",", r->bytes[1]);
	NUMBER(",", r->packets[0] + r->packets[1]);
	NUMBER(",", bytes);
	*at++ = ',';
	at = nsc_format_thousandths(at, nsc_bps_thousandths(bytes, duration_ns));
	*at++ = ',';
	at = put_word(at, &csv_states[state_slot(r)]);
	*at++ = ',';
	at = put_word(at, &csv_clients[r->client]);
	COUNT(",", NSC_ANALYSIS_RETRANS, r->retransmissions);
	COUNT(",", NSC_ANALYSIS_OUT_OF_ORDER, r->out_of_order);
	MS(",", r->rtt_last_ns, r->rtt_samples);
	MS(",", r->rtt_min_ns, r->rtt_samples);
	MS(",", r->rtt_ewma_ns, r->rtt_samples);
	COUNT(",", NSC_ANALYSIS_RTT, r->rtt_samples);
	*at++ = ',';
	at = put_word(at, &reasons[r->end_reason]);
	COUNT(",", NSC_ANALYSIS_ORDER, r->lost_segments);
	COUNT(",", NSC_ANALYSIS_ORDER, r->zero_windows);
	return MS(",", r->rtt_handshake_ns, r->rtt_handshake_ns);
}

char *nsc_row_json(char *at, const struct nsc_flow_record *r)
{
	uint64_t duration_ns = r->last_seen_ns - r->first_seen_ns, bytes = r->bytes[0] + r->bytes[1];
	const struct word *none = &json_null;

	TEXT("\"protocol\":\"");
	at = put_protocol(at, r->proto);
	TEXT("\",\"endpoint_a\":{\"ip\":\"");
	at = row_put_ip(at, r->addr_a, r->ip_version);
	NUMBER("\",\"port\":", r->port_a);
	TEXT("},\"endpoint_b\":{\"ip\":\"");
	at = row_put_ip(at, r->addr_b, r->ip_version);
	NUMBER("\",\"port\":", r->port_b);
	TIME("},\"first_seen\":", r->first_seen_ns);
	TIME(",\"last_seen\":", r->last_seen_ns);
	SECONDS(",\"duration_secs\":", duration_ns);
	NUMBER(",\"packets_a_to_b\":", r->packets[0]);
	NUMBER(",\"packets_b_to_a\":", r->packets[1]);
	NUMBER(",\"bytes_a_to_b\":", r->bytes[0]);
	NUMBER(",\"bytes_b_to_a\":", r->bytes[1]);
	NUMBER(",\"packets_total\":", r->packets[0] + r->packets[1]);
	NUMBER(",\"bytes_total\":", bytes);
	TEXT(",\"avg_bps\":");
	at = nsc_format_thousandths(at, nsc_bps_thousandths(bytes, duration_ns));
	TEXT(",\"tcp_state\":");
	at = put_word(at, &json_states[state_slot(r)]);
	TEXT(",\"client\":");
	at = put_word(at, &json_clients[r->client]);
	COUNT(",\"retransmissions\":", NSC_ANALYSIS_RETRANS, r->retransmissions);
	COUNT(",\"out_of_order\":", NSC_ANALYSIS_OUT_OF_ORDER, r->out_of_order);
	MS(",\"rtt_last_ms\":", r->rtt_last_ns, r->rtt_samples);
	MS(",\"rtt_min_ms\":", r->rtt_min_ns, r->rtt_samples);
	MS(",\"rtt_ewma_ms\":", r->rtt_ewma_ns, r->rtt_samples);
	COUNT(",\"rtt_samples\":", NSC_ANALYSIS_RTT, r->rtt_samples);
	TEXT(",\"end_reason\":\"");
	at = put_word(at, &reasons[r->end_reason]);
	COUNT("\",\"lost_segments\":", NSC_ANALYSIS_ORDER, r->lost_segments);
	COUNT(",\"zero_windows\":", NSC_ANALYSIS_ORDER, r->zero_windows);
	return MS(",\"rtt_handshake_ms\":", r->rtt_handshake_ns, r->rtt_handshake_ns);
}
