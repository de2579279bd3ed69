/* SPDX-License-Identifier: MIT
 *
 * The golden text of a flow as CSV and JSON, null rules, and the room that the widest record needs.
 */
#include "engine/text/row.h"

#include "engine/base/name_store.h"
#include "netscope/interfaces.h"
#include "tests/unit/backends/sinks/records.h"

#include <arpa/inet.h>
#include <cjson/cJSON.h>
#include <inttypes.h>

static const char *csv(const struct nsc_flow_record *record)
{
	static char text[NSC_ROW_CSV_MAX + 1];
	struct nsc_community_id community;

	nsc_community_ids(&community, &record, 1);
	*nsc_row_csv(text, record, &community, 7) = '\0';
	return text;
}

static const char *json(const struct nsc_flow_record *record)
{
	static char text[NSC_ROW_JSON_MAX + 3];
	struct nsc_community_id community;
	char *at = text;

	nsc_community_ids(&community, &record, 1);
	*at++ = '{';
	at = nsc_row_json(at, record, &community, 7);
	*at++ = '}';
	*at = '\0';
	return text;
}

static unsigned count_commas(const char *text)
{
	unsigned n = 0;

	for (; *text; text++)
		n += *text == ',';
	return n;
}

START_TEST(golden_csv)
{
	struct nsc_flow_record r = test_golden_record();

	ck_assert_str_eq(csv(&r),
			 "tcp,10.0.0.1,443,192.168.255.100,65535,1700000000.000000001,1700000002.500000001,"
			 "2.500000000,10,7,1500,64000,17,65500,209600.000,established,b_to_a,,,,,,,timeout,,,,"
			 "SPA,SAF,64,57,0,46,10.20,vxlan:5001/gre,,0,0,1:DkjuV1/ApFUo+gmAd2ua/Lng2i8=,7,0,,,,,,,,,,,,");
	ck_assert_str_eq(
		nsc_row_csv_columns,
		"protocol,endpoint_a_ip,endpoint_a_port,endpoint_b_ip,endpoint_b_port,first_seen,last_seen,"
		"duration_secs,packets_a_to_b,packets_b_to_a,bytes_a_to_b,bytes_b_to_a,packets_total,bytes_total,"
		"avg_bps,tcp_state,client,retransmissions,out_of_order,rtt_last_ms,rtt_min_ms,rtt_ewma_ms,rtt_samples,"
		"end_reason,lost_segments,zero_windows,rtt_handshake_ms,tcp_flags_a_to_b,tcp_flags_b_to_a,ttl_min_a_to_"
		"b,"
		"ttl_min_b_to_a,dscp_a_to_b,dscp_b_to_a,vlan,tunnel,interface,fragments,fragment_bytes,"
		"community_id,flow_id,part,app,app_source,name,alpn,ja4,country_a,asn_a,as_org_a,country_b,asn_b,as_"
		"org_b,service");
	ck_assert_uint_eq(count_commas(csv(&r)), count_commas(nsc_row_csv_columns));
	ck_assert_uint_eq(strlen(nsc_row_csv_columns), nsc_row_csv_columns_length);
}
END_TEST

START_TEST(golden_json)
{
	struct nsc_flow_record r = test_golden_record();

	ck_assert_str_eq(json(&r),
			 "{\"protocol\":\"tcp\",\"endpoint_a\":{\"ip\":\"10.0.0.1\",\"port\":443},"
			 "\"endpoint_b\":{\"ip\":\"192.168.255.100\",\"port\":65535},"
			 "\"first_seen\":1700000000.000000001,\"last_seen\":1700000002.500000001,"
			 "\"duration_secs\":2.500000000,\"packets_a_to_b\":10,\"packets_b_to_a\":7,"
			 "\"bytes_a_to_b\":1500,\"bytes_b_to_a\":64000,\"packets_total\":17,\"bytes_total\":65500,"
			 "\"avg_bps\":209600.000,\"tcp_state\":\"established\",\"client\":\"b_to_a\","
			 "\"retransmissions\":null,\"out_of_order\":null,\"rtt_last_ms\":null,\"rtt_min_ms\":null,"
			 "\"rtt_ewma_ms\":null,\"rtt_samples\":null,\"end_reason\":\"timeout\","
			 "\"lost_segments\":null,\"zero_windows\":null,\"rtt_handshake_ms\":null,"
			 "\"tcp_flags_a_to_b\":\"SPA\",\"tcp_flags_b_to_a\":\"SAF\",\"ttl_min_a_to_b\":64,"
			 "\"ttl_min_b_to_a\":57,\"dscp_a_to_b\":0,\"dscp_b_to_a\":46,\"vlan\":\"10.20\",\"tunnel\":"
			 "\"vxlan:5001/gre\",\"interface\":null,\"fragments\":0,\"fragment_bytes\":0,"
			 "\"community_id\":\"1:DkjuV1/ApFUo+gmAd2ua/"
			 "Lng2i8=\",\"flow_id\":7,\"part\":0,\"app\":null,\"app_source\":null,"
			 "\"name\":null,\"alpn\":null,\"ja4\":null,\"country_a\":null,\"asn_a\":null,"
			 "\"as_org_a\":null,\"country_b\":null,\"asn_b\":null,\"as_org_b\":null,"
			 "\"service\":null}");
}
END_TEST

/* What the flow said; only what it said, when it is not all; by its port, when it said nothing. */
START_TEST(names)
{
	static const char said[] = "example.com", offers[] = "h2;http/1.1",
			  ja4[] = "t13d1516h2_8daaf6152771_e5627efa2ab1";
	struct nsc_named named = { .app = NSC_APP_TLS, .source = NSC_APP_SOURCE_PAYLOAD };
	struct nsc_flow_record r = test_golden_record();
	struct nsc_counters counters = { 0 };
	struct nsc_name_store *store;
	struct nsc_arena *arena;
	struct nsc_error error;

	ck_assert(!nsc_arena_open(&arena, &error) && !nsc_name_store_open(&store, arena, 0, false, &error));
	nsc_flow_name_set(&r, nsc_name_store_put(store, &named, &counters));
	ck_assert_ptr_nonnull(strstr(csv(&r), ",7,0,tls,payload,,,"));
	named.name_length = sizeof(said) - 1;
	memcpy(named.name, said, sizeof(said));
	named.alpn_length = sizeof(offers) - 1;
	memcpy(named.alpn, offers, sizeof(offers));
	named.ja4_length = NSC_JA4_LENGTH;
	memcpy(named.ja4, ja4, NSC_JA4_LENGTH);
	nsc_flow_name_set(&r, nsc_name_store_put(store, &named, &counters));
	ck_assert_ptr_nonnull(
		strstr(csv(&r), ",7,0,tls,payload,example.com,h2;http/1.1,t13d1516h2_8daaf6152771_e5627efa2ab1"));
	ck_assert_ptr_nonnull(strstr(json(&r), ",\"app\":\"tls\",\"app_source\":\"payload\",\"name\":\"example.com\","
					       "\"alpn\":\"h2;http/1.1\","
					       "\"ja4\":\"t13d1516h2_8daaf6152771_e5627efa2ab1\","));
	nsc_flow_name_set(&r, NSC_NAME_HANDLE_NONE);
	ck_assert_ptr_nonnull(strstr(csv(&r), ",7,0,tls,port,,,"));
	r.port_a = 1234;
	ck_assert_ptr_nonnull(strstr(csv(&r), ",7,0,,,,,"));
	nsc_name_store_close(store);
	nsc_arena_close(arena);
}
END_TEST

START_TEST(tcp_analysis)
{
	struct nsc_flow_record r = test_golden_record();

	r.analyses = NSC_ANALYSIS_ALL;
	r.retransmissions = 3;
	r.out_of_order = 2;
	r.lost_segments = 1;
	r.rtt_samples = 9;
	r.rtt_last_ns = 12000001;
	r.rtt_min_ns = 999;
	r.rtt_ewma_ns = 1000000000;
	r.rtt_handshake_ns = 50000000;
	ck_assert_ptr_nonnull(strstr(csv(&r), ",b_to_a,3,2,12.000001,0.000999,1000.000000,9,timeout,1,0,50.000000"));
	ck_assert_ptr_nonnull(strstr(json(&r),
				     "\"client\":\"b_to_a\",\"retransmissions\":3,\"out_of_order\":2,"
				     "\"rtt_last_ms\":12.000001,\"rtt_min_ms\":0.000999,"
				     "\"rtt_ewma_ms\":1000.000000,\"rtt_samples\":9,\"end_reason\":\"timeout\","
				     "\"lost_segments\":1,\"zero_windows\":0,\"rtt_handshake_ms\":50.000000,"));
	r.rtt_samples = 0; /* none: null, but the number of samples is known */
	r.rtt_handshake_ns = 0;
	ck_assert_ptr_nonnull(strstr(csv(&r), ",3,2,,,,0,timeout,1,0,"));
	r.analyses = NSC_ANALYSIS_OUT_OF_ORDER;
	ck_assert_ptr_nonnull(strstr(csv(&r), ",b_to_a,,2,,,,,timeout,1,0,"));
	r.analyses = NSC_ANALYSIS_RTT;
	ck_assert_ptr_nonnull(strstr(csv(&r), ",b_to_a,,,,,,0,timeout,,,"));
}
END_TEST

START_TEST(udp_has_no_state)
{
	struct nsc_flow_record r = test_golden_record();

	r.proto = NSC_PROTO_UDP;
	r.tcp_state = 0;
	r.client = NSC_CLIENT_NONE;
	r.last_seen_ns = r.first_seen_ns;
	r.end_reason = NSC_END_ACTIVE;
	ck_assert_str_eq(csv(&r), "udp,10.0.0.1,443,192.168.255.100,65535,1700000000.000000001,1700000000.000000001,"
				  "0.000000000,10,7,1500,64000,17,65500,0.000,,,,,,,,,active,,,,,,64,57,0,46,10.20,"
				  "vxlan:5001/gre,,0,0,1:Z1+"
				  "vMSrTVLXMcqo69ocFafSZdqs=,7,0,,,,,,,,,,,,");
	ck_assert_ptr_nonnull(strstr(json(&r), "\"avg_bps\":0.000,\"tcp_state\":null,\"client\":null,"));
	r.proto = NSC_PROTO_SCTP;
	ck_assert_int_eq(strncmp(csv(&r), "sctp,", 5), 0);
}
END_TEST

/* Each state, client and reason under its exported name, in both forms. */
START_TEST(every_word)
{
	static const char *const client_names[] = { "", "a_to_b", "b_to_a" };
	struct nsc_flow_record r = test_golden_record();
	unsigned wrong = 0;

	for (unsigned state = 0; state < NSC_TCP_STATE_COUNT; state++) {
		for (unsigned reason = 0; reason < NSC_END_COUNT; reason++) {
			char want[128];

			r.tcp_state = (uint8_t)state;
			r.end_reason = (uint8_t)reason;
			r.client = (uint8_t)(state % 3);
			snprintf(want, sizeof(want), ",%s,%s,,,,,,,%s,,,", nsc_tcp_state_name(state),
				 client_names[r.client], nsc_end_reason_name(reason));
			wrong += !strstr(csv(&r), want);
			snprintf(want, sizeof(want), "\"tcp_state\":\"%s\",\"client\":", nsc_tcp_state_name(state));
			wrong += !strstr(json(&r), want);
			snprintf(want, sizeof(want), "\"end_reason\":\"%s\",", nsc_end_reason_name(reason));
			wrong += !strstr(json(&r), want);
		}
	}
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

START_TEST(widest_record_fits)
{
	struct nsc_flow_record r;
	cJSON *parsed;

	memset(&r, 0xff, sizeof(r));
	r.ip_version = 6;
	r.proto = NSC_PROTO_TCP;
	for (unsigned i = 0; i < NSC_VLANS_MAX; i++)
		r.vlan[i] = 4095;
	memset(r.tunnel, NSC_FLOW_TUNNEL_VXLAN_GPE | NSC_FLOW_TUNNEL_HAS_ID, sizeof(r.tunnel));
	r.interface = nsc_interface_number(
		"\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1"
		"\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1",
		63);
	r.first_seen_ns = UINT64_MAX - 1;
	r.packets[1] = r.bytes[1] = 0;
	r.tcp_state = NSC_TCP_STATE_ESTABLISHED;
	r.client = NSC_CLIENT_A;
	r.end_reason = NSC_END_TIMEOUT;
	ck_assert_uint_le(strlen(csv(&r)) + NSC_ROW_SCRIBBLE, NSC_ROW_CSV_MAX);
	ck_assert_uint_le(strlen(json(&r)) + NSC_ROW_SCRIBBLE, NSC_ROW_JSON_MAX);
	ck_assert_ptr_nonnull(strstr(json(&r), "\"avg_bps\":147573952589676412920000000000.000,"));
	parsed = cJSON_Parse(json(&r));
	ck_assert_ptr_nonnull(parsed);
	cJSON_Delete(parsed);
}
END_TEST

/* Names are whatever a file says, tags and tunnels as many as there are. */
START_TEST(layers_and_interface)
{
	struct nsc_flow_record r = test_golden_record();

	r.interface = nsc_interface_number("a,\"b\\\x01", 6);
	ck_assert_ptr_nonnull(strstr(csv(&r), ",\"a,\"\"b\\\\x01\",0,0,"));
	ck_assert_ptr_nonnull(strstr(json(&r), "\"interface\":\"a,\\\"b\\\\\\u0001\","));
	r.n_vlans = 0;
	r.n_tunnels = 5;
	r.tunnel[2] = r.tunnel[3] = NSC_FLOW_TUNNEL_IPIP;
	ck_assert_ptr_nonnull(strstr(csv(&r), ",46,,vxlan:5001/gre/ipip/ipip/...,"));
	r.n_tunnels = 0;
	ck_assert_ptr_nonnull(strstr(json(&r), "\"vlan\":null,\"tunnel\":null,"));
}
END_TEST

/* Each letter with its bit, and in what order. */
START_TEST(every_set_of_flags)
{
	static const uint8_t bit[] = { NSC_TCP_SYN, NSC_TCP_PSH, NSC_TCP_ACK, NSC_TCP_FIN, NSC_TCP_RST, 32, 64, 128 };
	struct nsc_flow_record r = test_golden_record();
	unsigned wrong = 0;

	for (unsigned flags = 0; flags < 256; flags++) {
		char want[16] = ",", *at = want + 1;

		for (unsigned i = 0; i < NSC_ARRAY_LEN(bit); i++)
			if (flags & bit[i])
				*at++ = "SPAFRUEC"[i];
		strcpy(flags ? at : stpcpy(at, "-"), ",SAF,");
		r.tcp_flags[0] = (uint8_t)flags;
		wrong += !strstr(csv(&r), want);
	}
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

/* The text of a RowBinary value as CSV has it, apart from the decimal point; returns the end of the value. */
static const char *binary_value(const char *at, const struct nsc_schema_column *column, char text[4096])
{
	uint64_t number = 0;
	size_t bytes;

	text[0] = '\0';
	if (strstr(column->type, "String")) {
		bytes = (uint8_t)*at++;
		if (bytes > 127)
			bytes = (bytes & 127) | (size_t)(uint8_t)*at++ << 7;
		snprintf(text, 4096, "%.*s", (int)bytes, at);
		return at + bytes;
	}
	if (!strcmp(column->type, "IPv6")) {
		bool mapped = !memcmp(at, "\0\0\0\0\0\0\0\0\0\0\377\377", 12);

		inet_ntop(mapped ? AF_INET : AF_INET6, mapped ? at + 12 : at, text, 4096);
		return at + 16;
	}
	bytes = strstr(column->type, "DateTime64") ? 8 : (size_t)atoi(column->type + strlen("UInt")) / 8;
	memcpy(&number, at, bytes);
	snprintf(text, 4096, "%" PRIu64, number);
	return at + bytes;
}

/* One field of the CSV; of a number without its decimal point and the zeros in front. */
static const char *csv_value(const char *at, bool number, char text[4096])
{
	size_t n = 0;

	for (; *at && *at != ','; at++)
		if (!number || (*at != '.' && (*at != '0' || n)))
			text[n++] = *at;
	text[n] = '\0';
	return at + (*at == ',');
}

static void check_binary(const struct nsc_flow_record *record)
{
	struct nsc_schema_column column[NSC_SCHEMA_MAX];
	char row[NSC_ROW_BINARY_MAX], have[4096], want[4096];
	const char *fields = csv(record), *at = row, *end;
	struct nsc_community_id community;
	uint32_t n = nsc_schema_flows(column);

	nsc_community_ids(&community, &record, 1);
	end = nsc_row_binary(row, record, &community, 7);
	ck_assert_uint_eq(n, count_commas(nsc_row_csv_columns)); /* all but avg_bps */
	for (uint32_t i = 0; i < n; i++) {
		bool number = strstr(column[i].type, "UInt") || strstr(column[i].type, "DateTime64");

		if (!strcmp(column[i].name, "tcp_state"))
			fields = csv_value(fields, true, want); /* avg_bps */
		at = binary_value(at, &column[i], have);
		fields = csv_value(fields, number, want);
		ck_assert_msg(!strcmp(number && !strcmp(have, "0") ? "" : have, want), "%s: %s, CSV has %s",
			      column[i].name, have, want);
	}
	ck_assert_ptr_eq(at, end);
	ck_assert_str_eq(fields, "");
}

/* Read as its own schema says, a row says what the CSV says. */
START_TEST(binary_rows_are_the_csv)
{
	struct nsc_flow_record r = test_golden_record();

	check_binary(&r);
	r.analyses = NSC_ANALYSIS_ALL;
	r.retransmissions = 3;
	r.rtt_samples = 2;
	r.rtt_last_ns = 1234567;
	r.rtt_min_ns = 1;
	r.rtt_ewma_ns = 5000000000;
	r.rtt_handshake_ns = 77;
	r.lost_segments = UINT32_MAX;
	check_binary(&r);
	r.ip_version = 6;
	memcpy(r.addr_a, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\2", 16);
	memcpy(r.addr_b, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1", 16);
	r.proto = NSC_PROTO_UDP;
	r.client = NSC_CLIENT_NONE;
	r.n_vlans = 0;
	check_binary(&r);
}
END_TEST

/* The text of a cell as CSV has it, apart from the decimal point; "" when it has no value. */
static void cell_text(const struct nsc_row_cells *cells, const struct nsc_schema_column *column, char text[4096])
{
	uint64_t cell = cells->cell[column->cell];
	const uint8_t *address;
	bool mapped;

	text[0] = '\0';
	if (!(cells->known >> column->cell & 1))
		return;
	switch (column->kind) {
	case NSC_CELL_WORD:
		text[nsc_row_word(column, cell, text)] = '\0';
		break;
	case NSC_CELL_TEXT:
		snprintf(text, 4096, "%.*s", (int)cell, cells->text[column->cell]);
		break;
	case NSC_CELL_ADDRESS:
		address = cells->address[column->cell];
		mapped = !memcmp(address, "\0\0\0\0\0\0\0\0\0\0\377\377", 12);
		inet_ntop(mapped ? AF_INET : AF_INET6, mapped ? address + 12 : address, text, 4096);
		break;
	default:
		ck_assert(column->bytes == 8 || cell >> (8 * column->bytes) == 0);
		snprintf(text, 4096, "%" PRIu64, cell);
	}
}

static void check_cells(const struct nsc_flow_record *record, bool with_community)
{
	struct nsc_schema_column column[NSC_SCHEMA_MAX];
	static struct nsc_row_cells cells;
	char have[4096], want[4096];
	const char *fields = csv(record);
	struct nsc_community_id community;
	uint32_t n = nsc_schema_flows(column);

	nsc_community_ids(&community, &record, 1);
	nsc_row_cells(&cells, record, with_community ? &community : NULL, 7);
	for (uint32_t i = 0; i < n; i++) {
		bool number = column[i].kind == NSC_CELL_NUMBER || column[i].kind == NSC_CELL_TIME;

		if (!strcmp(column[i].name, "tcp_state"))
			fields = csv_value(fields, true, want); /* avg_bps */
		cell_text(&cells, &column[i], have);
		fields = csv_value(fields, number, want);
		if (!with_community && !strcmp(column[i].name, "community_id"))
			strcpy(want, "");
		ck_assert_msg(!strcmp(number && !strcmp(have, "0") ? "" : have, want), "%s: %s, CSV has %s",
			      column[i].name, have, want);
	}
	ck_assert_str_eq(fields, "");
	ck_assert_uint_eq(nsc_schema_ended(column), n + 2);
	cell_text(&cells, &column[0], have);
	ck_assert_str_eq(have, "1700000062500000001");
	cell_text(&cells, &column[1], have);
	ck_assert_str_eq(have, nsc_end_reason_name(record->end_reason));
}

START_TEST(cells_are_the_csv)
{
	struct nsc_flow_record r = test_golden_record();

	check_cells(&r, true);
	check_cells(&r, false);
	r.analyses = NSC_ANALYSIS_ALL;
	r.rtt_samples = 2;
	r.rtt_last_ns = 1234567;
	r.rtt_handshake_ns = 77;
	r.lost_segments = UINT32_MAX;
	for (unsigned flags = 0; flags < 256; flags++) {
		r.tcp_flags[1] = (uint8_t)flags;
		check_cells(&r, true);
	}
	for (r.end_reason = 0; r.end_reason < NSC_END_COUNT; r.end_reason++)
		check_cells(&r, true);
	r.end_reason = NSC_END_TIMEOUT;
	r.ip_version = 6;
	memcpy(r.addr_a, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\2", 16);
	memcpy(r.addr_b, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1", 16);
	r.proto = NSC_PROTO_UDP;
	r.client = NSC_CLIENT_NONE;
	r.n_vlans = 0;
	r.n_tunnels = 9;
	check_cells(&r, true);
}
END_TEST

/* 128 bytes and more have a length of two bytes. */
START_TEST(long_texts_of_binary_rows)
{
	char text[300], out[310];

	memset(text, 'x', sizeof(text));
	ck_assert_uint_eq((size_t)(nsc_row_binary_text(out, text, 127) - out), 128);
	ck_assert_uint_eq((uint8_t)out[0], 127);
	ck_assert_uint_eq((size_t)(nsc_row_binary_text(out, text, 300) - out), 302);
	ck_assert_uint_eq((uint8_t)out[0], 128 | (300 & 127));
	ck_assert_uint_eq((uint8_t)out[1], 300 >> 7);
	ck_assert_int_eq(out[2], 'x');
	ck_assert_int_eq(out[301], 'x');
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("row");
	TCase *tcase = tcase_create("rows");

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, golden_csv);
	tcase_add_test(tcase, golden_json);
	tcase_add_test(tcase, names);
	tcase_add_test(tcase, tcp_analysis);
	tcase_add_test(tcase, udp_has_no_state);
	tcase_add_test(tcase, every_word);
	tcase_add_test(tcase, widest_record_fits);
	tcase_add_test(tcase, layers_and_interface);
	tcase_add_test(tcase, every_set_of_flags);
	tcase_add_test(tcase, binary_rows_are_the_csv);
	tcase_add_test(tcase, cells_are_the_csv);
	tcase_add_test(tcase, long_texts_of_binary_rows);
	return test_run(suite);
}
