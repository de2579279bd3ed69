/* SPDX-License-Identifier: MIT
 *
 * Traced packets in words: what belongs to a way and what does not, and text that is cut where its room ends.
 */
#include "engine/text/trace.h"

#include "../check_main.h"

#include <stdlib.h>
#include <string.h>

#include "netscope/counters.h"
#include "netscope/decode.h"

static void add(struct nsc_trace_packet *packet, unsigned counter, uint32_t by)
{
	packet->change[packet->n_changes++] = (struct nsc_trace_change){ .counter = (uint16_t)counter, .by = by };
}

static struct nsc_trace_packet new_flow(uint32_t cycles)
{
	struct nsc_trace_packet packet = { .ts_ns = 1500000000000000001,
					   .wire_len = 74,
					   .source = { 10, 0, 0, 1 },
					   .target = { 10, 0, 0, 2 },
					   .source_port = 5,
					   .target_port = 80,
					   .ip_version = 4,
					   .ip_proto = NSC_PROTO_TCP,
					   .fate = NSC_FATE_FLOW,
					   .path = NSC_DECODE_PATH_FAST,
					   .worked = true,
					   .worker_core = 3,
					   .capture_core = -1,
					   .depth = 1 };

	add(&packet, NSC_C_FLOW_CREATED, 1);
	add(&packet, NSC_C_NAME_LOOKS, 2);
	add(&packet, NSC_C_DETECT_CONTACTS, 1);
	add(&packet, NSC_C_TAP_WAITS, 1);
	add(&packet, NSC_C_CYCLES_DECODE, cycles);
	add(&packet, NSC_C_CYCLES_FLOW, 2 * cycles);
	return packet;
}

START_TEST(a_way_is_what_does_not_depend_on_the_machine)
{
	struct nsc_trace_packet packet = new_flow(100), arp = { .fate = NSC_FATE_ARP, .path = NSC_DECODE_PATH_TYPE };
	char way[NSC_TRACE_WAY_MAX];

	ck_assert_str_eq(nsc_trace_way(way, &packet), "decode fast path > flow new, name_looks 2");
	ck_assert_str_eq(nsc_trace_way(way, &arp), "decode walked: tags, or no IP behind Ethernet; arp");
}
END_TEST

START_TEST(a_packet_that_a_lane_drops)
{
	struct nsc_trace_packet packet = { .fate = NSC_FATE_FLOW, .path = NSC_DECODE_PATH_FAST, .lanes = true };
	char way[NSC_TRACE_WAY_MAX];

	add(&packet, NSC_C_LANE_FULL, 1);
	ck_assert_str_eq(nsc_trace_way(way, &packet), "decode fast path > steer lane full, dropped");
}
END_TEST

START_TEST(prints_packets_and_ways)
{
	struct nsc_trace_packet packet[3] = { new_flow(100),
					      new_flow(300),
					      { .fate = NSC_FATE_ARP, .capture_core = -1, .worker_core = -1 } };
	struct nsc_trace_report report = { .filter = "tcp\033[31m", .wanted = 5, .n = 3, .packet = packet };
	size_t length;
	char *text;
	FILE *out = open_memstream(&text, &length);

	nsc_trace_print(out, &report);
	fclose(out);
	ck_assert_ptr_nonnull(strstr(text, "trace: 3 of 5 packets wanted that match 'tcp"));
	ck_assert_ptr_null(strchr(text, '\033'));
	ck_assert_ptr_nonnull(strstr(
		text, "#1   1500000000.000000001  10.0.0.1:5 > 10.0.0.2:80  tcp, 74 bytes, worker 0 on core 3\n"));
	ck_assert_ptr_nonnull(strstr(text, "     flow        200  new, name_looks 2, bucket 1\n"));
	ck_assert_ptr_nonnull(strstr(
		text, "             2       300      600      900  decode fast path > flow new, name_looks 2\n"));
	free(text);
}
END_TEST

/* More counters than a line has room for. */
START_TEST(is_cut_where_its_room_ends)
{
	struct nsc_trace_packet packet = { .fate = NSC_FATE_FLOW, .worked = true };
	char way[NSC_TRACE_WAY_MAX];

	while (packet.n_changes < NSC_TRACE_CHANGES)
		add(&packet, NSC_C_TCP_OUTSTANDING_LIMIT, UINT32_MAX);
	nsc_trace_way(way, &packet);
	ck_assert_uint_eq(strlen(way), NSC_TRACE_WAY_MAX - 1);
}
END_TEST

CHECK_MAIN("text trace", a_way_is_what_does_not_depend_on_the_machine, a_packet_that_a_lane_drops,
	   prints_packets_and_ways, is_cut_where_its_room_ends)
