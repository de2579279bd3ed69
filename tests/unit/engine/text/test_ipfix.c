/* SPDX-License-Identifier: MIT
 *
 * IPFIX messages, read back as a collector reads them: by their templates. Each element of a record, lengths, sequence
 * numbers, and what fits in a message.
 */
#include "engine/text/ipfix.h"

#include "engine/base/name_store.h"
#include "tests/unit/backends/sinks/records.h"

enum { SET_TEMPLATES = 2, FIELDS_MAX = 64, TEMPLATES_MAX = 16, ROOM = 1400, LONG_NAME = 255 };

struct field {
	uint32_t pen, id, length;
};

struct template
{
	struct field field[FIELDS_MAX];
	uint32_t n;
};

static struct template templates[TEMPLATES_MAX];
static uint8_t message[NSC_IPFIX_ROOM_MAX];
static struct nsc_ipfix writer;

static uint64_t number(const uint8_t *at, size_t bytes)
{
	uint64_t value = 0;

	for (size_t i = 0; i < bytes; i++)
		value = value << 8 | at[i];
	return value;
}

static void begin(uint32_t room, bool uniflow)
{
	memset(templates, 0, sizeof(templates));
	memset(message, 0xee, sizeof(message));
	writer = (struct nsc_ipfix){ .domain = 0x01020304, .uniflow = uniflow };
	nsc_ipfix_begin(&writer, message, room);
}

static const uint8_t *read_template(const uint8_t *at)
{
	struct template *t;
	uint64_t id = number(at, 2);

	ck_assert_uint_ge(id, NSC_IPFIX_TEMPLATE_MIN);
	ck_assert_uint_lt(id, NSC_IPFIX_TEMPLATE_MIN + TEMPLATES_MAX);
	t = &templates[id - NSC_IPFIX_TEMPLATE_MIN];
	t->n = (uint32_t)number(at + 2, 2);
	ck_assert_uint_le(t->n, FIELDS_MAX);
	at += 4;
	for (uint32_t i = 0; i < t->n; i++, at += t->field[i - 1].pen ? 8 : 4) {
		uint64_t element = number(at, 2);

		t->field[i] = (struct field){ .pen = element & 0x8000 ? (uint32_t)number(at + 4, 4) : 0,
					      .id = element & 0x7fff,
					      .length = (uint32_t)number(at + 2, 2) };
	}
	return at;
}

/* A data record: what it holds of one element, and where the next one begins. */
struct found {
	const uint8_t *at;
	size_t bytes;
	bool any;
};

static const uint8_t *read_record(const struct template *t, const uint8_t *at, uint32_t pen, uint32_t id,
				  struct found *found)
{
	*found = (struct found){ 0 };
	ck_assert_uint_gt(t->n, 0);
	for (uint32_t i = 0; i < t->n; i++) {
		size_t bytes = t->field[i].length;

		if (bytes == 65535) {
			bytes = *at++;
			if (bytes == 255) {
				bytes = number(at, 2);
				at += 2;
			}
		}
		if (t->field[i].pen == pen && t->field[i].id == id) {
			ck_assert(!found->any);
			*found = (struct found){ at, bytes, true };
		}
		at += bytes;
	}
	return at;
}

/* Walks a message; returns its data records, and of record `wanted` the element. */
static uint32_t walk(uint32_t bytes, uint32_t wanted, uint32_t pen, uint32_t id, struct found *found)
{
	const uint8_t *at = message + NSC_IPFIX_HEADER, *end = message + bytes;
	struct found here;
	uint32_t records = 0;

	ck_assert_uint_eq(number(message, 2), 10);
	ck_assert_uint_eq(number(message + 2, 2), bytes);
	ck_assert_uint_eq(number(message + 12, 4), 0x01020304);
	while (at < end) {
		uint64_t set = number(at, 2), length = number(at + 2, 2);
		const uint8_t *next = at + length;

		ck_assert_uint_gt(length, 4);
		ck_assert(next <= end);
		for (at += 4; at < next;) {
			if (set == SET_TEMPLATES) {
				at = read_template(at);
				continue;
			}
			at = read_record(&templates[set - NSC_IPFIX_TEMPLATE_MIN], at, pen, id, &here);
			if (records++ == wanted && found)
				*found = here;
		}
		ck_assert_ptr_eq(at, next);
	}
	return records;
}

static void put_templates(void)
{
	for (unsigned i = 0; i < NSC_IPFIX_TEMPLATES; i++)
		ck_assert(nsc_ipfix_put_template(&writer, i));
}

static void check_number(uint32_t bytes, uint32_t record, uint32_t pen, uint32_t id, size_t length, uint64_t want)
{
	struct found found = { 0 };

	walk(bytes, record, pen, id, &found);
	ck_assert_msg(found.any, "record %u has no element %u/%u", record, pen, id);
	ck_assert_uint_eq(found.bytes, length);
	ck_assert_msg(number(found.at, length) == want, "element %u/%u is %llu, not %llu", pen, id,
		      (unsigned long long)number(found.at, length), (unsigned long long)want);
}

static void check_bytes(uint32_t bytes, uint32_t record, uint32_t pen, uint32_t id, const void *want, size_t length)
{
	struct found found = { 0 };

	walk(bytes, record, pen, id, &found);
	ck_assert(found.any);
	ck_assert_uint_eq(found.bytes, length);
	ck_assert_mem_eq(found.at, want, length);
}

static void check_absent(uint32_t bytes, uint32_t record, uint32_t pen, uint32_t id)
{
	struct found found = { 0 };

	walk(bytes, record, pen, id, &found);
	ck_assert(!found.any);
}

/* The initiator is b. */
START_TEST(each_element_of_a_flow)
{
	struct nsc_flow_record r = test_golden_record();
	uint32_t bytes;

	r.retransmissions = 3;
	r.out_of_order = 4;
	begin(NSC_IPFIX_ROOM_MAX, false);
	put_templates();
	ck_assert(nsc_ipfix_put(&writer, &r));
	ck_assert_uint_eq(writer.records, 1);
	bytes = nsc_ipfix_end(&writer, 77);
	ck_assert_uint_eq(number(message + 4, 4), 77);
	ck_assert_uint_eq(walk(bytes, 0, 0, 0, NULL), 1);
	check_number(bytes, 0, 0, 152, 8, 1700000000000);
	check_number(bytes, 0, 0, 153, 8, 1700000002500);
	check_number(bytes, 0, 0, 156, 8, 3908988800ull << 32 | 5);
	check_number(bytes, 0, 0, 157, 8, 3908988802ull << 32 | 2147483653);
	check_bytes(bytes, 0, 0, 8, r.addr_b, 4);
	check_bytes(bytes, 0, 0, 12, r.addr_a, 4);
	check_number(bytes, 0, 0, 7, 2, 65535);
	check_number(bytes, 0, 0, 11, 2, 443);
	check_number(bytes, 0, 0, 4, 1, 6);
	check_number(bytes, 0, 0, 1, 8, 64000);
	check_number(bytes, 0, 0, 2, 8, 7);
	check_number(bytes, 0, NSC_IPFIX_PEN_REVERSE, 1, 8, 1500);
	check_number(bytes, 0, NSC_IPFIX_PEN_REVERSE, 2, 8, 10);
	check_number(bytes, 0, 0, 239, 1, 1);
	check_number(bytes, 0, 0, 136, 1, 1);
	check_number(bytes, 0, 0, 5, 1, 46 << 2);
	check_number(bytes, 0, 0, 52, 1, 57);
	check_number(bytes, 0, NSC_IPFIX_PEN_REVERSE, 52, 1, 64);
	check_number(bytes, 0, 0, 58, 2, 10);
	check_number(bytes, 0, 0, 245, 2, 20);
	check_number(bytes, 0, 0, 6, 2, NSC_TCP_SYN | NSC_TCP_PSH | NSC_TCP_ACK | NSC_TCP_FIN);
	check_number(bytes, 0, NSC_IPFIX_PEN_NTOP, 109, 4, 3);
	check_number(bytes, 0, NSC_IPFIX_PEN_NTOP, 111, 4, 4);
	check_absent(bytes, 0, 0, 27);
	check_absent(bytes, 0, 0, 96);
	check_absent(bytes, 0, NSC_IPFIX_PEN_REVERSE, 6);
}
END_TEST

/* The one with b's packets comes first, for b began. */
START_TEST(a_record_for_each_direction)
{
	struct nsc_flow_record r = test_golden_record();
	uint32_t bytes;

	r.retransmissions = 3;
	begin(NSC_IPFIX_ROOM_MAX, true);
	put_templates();
	ck_assert(nsc_ipfix_put(&writer, &r));
	r.packets[0] = r.bytes[0] = 0;
	ck_assert(nsc_ipfix_put(&writer, &r));
	r = test_golden_record();
	r.packets[1] = r.bytes[1] = 0;
	ck_assert(nsc_ipfix_put(&writer, &r));
	ck_assert_uint_eq(writer.records, 4);
	ck_assert_uint_eq(writer.flows, 3);
	bytes = nsc_ipfix_end(&writer, 0);
	ck_assert_uint_eq(walk(bytes, 0, 0, 0, NULL), 4);
	check_bytes(bytes, 0, 0, 8, r.addr_b, 4);
	check_bytes(bytes, 1, 0, 8, r.addr_a, 4);
	check_bytes(bytes, 2, 0, 8, r.addr_b, 4);
	check_bytes(bytes, 3, 0, 8, r.addr_a, 4);
	check_number(bytes, 0, 0, 1, 8, 64000);
	check_number(bytes, 1, 0, 1, 8, 1500);
	check_number(bytes, 1, 0, 6, 2, NSC_TCP_SYN | NSC_TCP_PSH | NSC_TCP_ACK);
	check_number(bytes, 0, NSC_IPFIX_PEN_NTOP, 109, 4, 3);
	check_number(bytes, 1, NSC_IPFIX_PEN_NTOP, 109, 4, 0);
	check_number(bytes, 1, 0, 52, 1, 64);
	check_absent(bytes, 0, NSC_IPFIX_PEN_REVERSE, 1);
	check_absent(bytes, 0, 0, 239);
}
END_TEST

START_TEST(ipv6_and_what_is_not_tcp)
{
	struct nsc_flow_record r = test_golden_record();
	uint32_t bytes;

	r.ip_version = 6;
	r.proto = NSC_PROTO_UDP;
	r.client = NSC_CLIENT_NONE;
	r.n_vlans = 0;
	memset(r.vlan, 0, sizeof(r.vlan));
	for (unsigned i = 0; i < 16; i++)
		r.addr_a[i] = (uint8_t)(0x20 + i);
	begin(NSC_IPFIX_ROOM_MAX, false);
	put_templates();
	ck_assert(nsc_ipfix_put(&writer, &r));
	bytes = nsc_ipfix_end(&writer, 0);
	check_bytes(bytes, 0, 0, 27, r.addr_a, 16);
	check_bytes(bytes, 0, 0, 28, r.addr_b, 16);
	check_number(bytes, 0, 0, 239, 1, 0);
	check_number(bytes, 0, 0, 58, 2, 0);
	check_absent(bytes, 0, 0, 8);
	check_absent(bytes, 0, 0, 6);
	check_absent(bytes, 0, NSC_IPFIX_PEN_NTOP, 109);
}
END_TEST

START_TEST(reasons_of_the_registry)
{
	static const struct {
		unsigned reason, state, want;
	} cases[] = {
		{ NSC_END_ACTIVE, NSC_TCP_STATE_ESTABLISHED, 4 },   { NSC_END_TIMEOUT, NSC_TCP_STATE_ESTABLISHED, 1 },
		{ NSC_END_TIMEOUT, NSC_TCP_STATE_CLOSED, 3 },       { NSC_END_TIMEOUT, NSC_TCP_STATE_RESET, 3 },
		{ NSC_END_EVICTED, NSC_TCP_STATE_ESTABLISHED, 5 },  { NSC_END_REUSED, NSC_TCP_STATE_CLOSED, 3 },
		{ NSC_END_ACTIVE_TIMEOUT, NSC_TCP_STATE_CLOSED, 2 }
	};
	struct nsc_flow_record r = test_golden_record();

	for (size_t i = 0; i < NSC_ARRAY_LEN(cases); i++) {
		r.end_reason = (uint8_t)cases[i].reason;
		r.tcp_state = (uint8_t)cases[i].state;
		begin(NSC_IPFIX_ROOM_MAX, false);
		put_templates();
		ck_assert(nsc_ipfix_put(&writer, &r));
		check_number(nsc_ipfix_end(&writer, 0), 0, 0, 136, 1, cases[i].want);
	}
}
END_TEST

/* Who cuts the fraction to nanoseconds must find the one that was meant, whatever the time. */
START_TEST(nanoseconds_are_exact)
{
	struct nsc_flow_record r = test_golden_record();
	uint64_t state = 5;

	for (unsigned i = 0; i < 2000; i++) {
		struct found found = { 0 };
		uint64_t value, ns;

		r.first_seen_ns = i < 3 ? NSC_NS_PER_SEC - i : test_random(&state) % (4294967296 * NSC_NS_PER_SEC);
		begin(NSC_IPFIX_ROOM_MAX, false);
		put_templates();
		ck_assert(nsc_ipfix_put(&writer, &r));
		walk(nsc_ipfix_end(&writer, 0), 0, 0, 156, &found);
		value = number(found.at, 8);
		ns = (value & UINT32_MAX) * NSC_NS_PER_SEC >> 32;
		ck_assert_uint_eq(ns, r.first_seen_ns % NSC_NS_PER_SEC);
		ck_assert_uint_eq((uint32_t)((value >> 32) - 2208988800u),
				  (uint32_t)(r.first_seen_ns / NSC_NS_PER_SEC));
	}
}
END_TEST

/* --- names ------------------------------------------------------------------------------------ */

static struct nsc_arena *arena;
static struct nsc_name_store *store;
static struct nsc_counters counters;

static void open_store(void)
{
	struct nsc_error error;

	ck_assert(!nsc_arena_open(&arena, &error) && !nsc_name_store_open(&store, arena, 0, false, &error));
}

static void close_store(void)
{
	nsc_name_store_close(store);
	nsc_arena_close(arena);
}

static void put_name(struct nsc_flow_record *r, unsigned app, size_t length)
{
	struct nsc_named named = { .app = (uint8_t)app,
				   .source = NSC_APP_SOURCE_PAYLOAD,
				   .name_length = (uint8_t)length };

	memset(named.name, 'n', length);
	nsc_flow_name_set(r, nsc_name_store_put(store, &named, &counters));
	ck_assert_uint_ge(nsc_flow_name_get(r), NSC_NAME_HANDLE_MIN);
}

START_TEST(names_of_any_length)
{
	static const size_t lengths[] = { 0, 1, 254, LONG_NAME };
	char text[LONG_NAME];

	memset(text, 'n', sizeof(text));
	open_store();
	for (size_t i = 0; i < NSC_ARRAY_LEN(lengths); i++) {
		struct nsc_flow_record r = test_golden_record();
		uint32_t bytes;

		put_name(&r, NSC_APP_QUIC, lengths[i]);
		begin(NSC_IPFIX_ROOM_MAX, false);
		put_templates();
		ck_assert(nsc_ipfix_put(&writer, &r));
		ck_assert(nsc_ipfix_put(&writer, &r));
		bytes = nsc_ipfix_end(&writer, 0);
		ck_assert_uint_eq(walk(bytes, 0, 0, 0, NULL), 2);
		check_bytes(bytes, 1, 0, 96, "quic", 4);
		check_bytes(bytes, 1, NSC_IPFIX_PEN_NTOP, 122, text, lengths[i]);
	}
	close_store();
}
END_TEST

/* --- messages --------------------------------------------------------------------------------- */

START_TEST(sequence_numbers_count_records)
{
	struct nsc_flow_record r = test_golden_record();

	begin(ROOM, false);
	put_templates();
	ck_assert_uint_eq(walk(nsc_ipfix_end(&writer, 0), 0, 0, 0, NULL), 0);
	ck_assert_uint_eq(number(message + 8, 4), 0);
	for (uint32_t i = 0, before = 0; i < 5; before += i++) {
		nsc_ipfix_begin(&writer, message, ROOM);
		for (uint32_t j = 0; j < i; j++)
			ck_assert(nsc_ipfix_put(&writer, &r));
		if (!i) {
			ck_assert_uint_eq(nsc_ipfix_end(&writer, 0), 0);
			continue;
		}
		walk(nsc_ipfix_end(&writer, 0), 0, 0, 0, NULL);
		ck_assert_uint_eq(number(message + 8, 4), before);
	}
	writer.sequence = UINT32_MAX;
	nsc_ipfix_begin(&writer, message, ROOM);
	ck_assert(nsc_ipfix_put(&writer, &r) && nsc_ipfix_put(&writer, &r));
	nsc_ipfix_end(&writer, 0);
	ck_assert_uint_eq(number(message + 8, 4), UINT32_MAX);
	ck_assert_uint_eq(writer.sequence, 1);
}
END_TEST

/* Flows of all kinds, in messages of every size: none is longer than its room, none is lost, nothing behind is touched.
 */
START_TEST(messages_end_before_their_room_does)
{
	uint64_t state = 9;

	open_store();
	for (unsigned round = 0; round < 400; round++) {
		uint32_t room = NSC_IPFIX_ROOM_MIN + (uint32_t)(test_random(&state) % 600), records = 0, want = 0;

		begin(NSC_IPFIX_ROOM_MAX, round % 2);
		put_templates();
		walk(nsc_ipfix_end(&writer, 0), 0, 0, 0, NULL);
		nsc_ipfix_begin(&writer, message, room);
		memset(message, 0xee, sizeof(message));
		for (unsigned i = 0; i < 60;) {
			struct nsc_flow_record r = test_record(&state, NSC_NS_PER_SEC);
			uint32_t bytes;

			r.ip_version = test_random(&state) % 3 ? 4 : 6;
			r.packets[1] = test_random(&state) % 2;
			if (test_random(&state) % 3 == 0)
				put_name(&r, NSC_APP_TLS, test_random(&state) % (LONG_NAME + 1));
			want += 1 + (writer.uniflow && r.packets[1]);
			for (; i < 60 && !nsc_ipfix_put(&writer, &r); nsc_ipfix_begin(&writer, message, room)) {
				ck_assert_uint_gt(writer.records, 0);
				bytes = nsc_ipfix_end(&writer, 0);
				ck_assert_uint_le(bytes, room);
				ck_assert_uint_eq(message[room], 0xee);
				records += walk(bytes, 0, 0, 0, NULL);
				memset(message, 0xee, sizeof(message));
			}
			i++;
		}
		records += walk(nsc_ipfix_end(&writer, 0), 0, 0, 0, NULL);
		ck_assert_uint_eq(records, want);
		ck_assert_uint_eq(writer.sequence, want);
	}
	close_store();
}
END_TEST

START_TEST(templates_fit_in_one_datagram)
{
	for (unsigned uniflow = 0; uniflow < 2; uniflow++) {
		begin(ROOM, uniflow);
		put_templates();
		ck_assert_uint_le(nsc_ipfix_end(&writer, 0), ROOM);
		nsc_ipfix_begin(&writer, message, NSC_IPFIX_ROOM_MIN);
		for (unsigned i = 0, n = 0; i < 2 * NSC_IPFIX_TEMPLATES && n < 100; i++, n++)
			if (!nsc_ipfix_put_template(&writer, i % NSC_IPFIX_TEMPLATES))
				n = 100;
		ck_assert_uint_le(nsc_ipfix_end(&writer, 0), NSC_IPFIX_ROOM_MIN);
	}
}
END_TEST

/* A template for options with a scope of two, and a record for each element; they count as records do. */
START_TEST(elements_of_enterprises)
{
	static const char *const names[] = { "RETRANSMITTED_IN_PKTS", "OOORDER_IN_PKTS", "FLOW_SERVER_NAME" };
	const uint32_t header = 4, fields = 6, scope = 2, data = NSC_IPFIX_HEADER + header + 6 + 4 * fields;
	const uint8_t *at = message + NSC_IPFIX_HEADER;
	struct nsc_flow_record r = test_golden_record();
	uint32_t bytes;

	begin(ROOM, false);
	ck_assert(nsc_ipfix_put_types(&writer));
	ck_assert(nsc_ipfix_put(&writer, &r));
	bytes = nsc_ipfix_end(&writer, 0);
	ck_assert_uint_eq(writer.sequence, NSC_ARRAY_LEN(names) + 1);
	ck_assert_uint_eq(number(at, 2), 3);
	ck_assert_uint_eq(number(at + 2, 2), data - NSC_IPFIX_HEADER);
	ck_assert_uint_eq(number(at + 4, 2), NSC_IPFIX_TYPES);
	ck_assert_uint_eq(number(at + 6, 2), fields);
	ck_assert_uint_eq(number(at + 8, 2), scope);
	at = message + data;
	ck_assert_uint_eq(number(at, 2), NSC_IPFIX_TYPES);
	at += header;
	for (unsigned i = 0; i < NSC_ARRAY_LEN(names); i++) {
		ck_assert_uint_eq(number(at, 4), NSC_IPFIX_PEN_NTOP);
		ck_assert_uint_eq(at[10], strlen(names[i]));
		ck_assert_mem_eq(at + 11, names[i], strlen(names[i]));
		at += 11 + strlen(names[i]);
	}
	ck_assert_uint_eq(number(message + data + 2, 2), (uint64_t)(at - message) - data);
	ck_assert(at <= message + bytes);
	nsc_ipfix_begin(&writer, message, NSC_IPFIX_ROOM_MIN);
	while (nsc_ipfix_put(&writer, &r))
		;
	bytes = writer.used;
	ck_assert(!nsc_ipfix_put_types(&writer));
	ck_assert_uint_eq(writer.used, bytes);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ipfix");
	TCase *tests = tcase_create("all");

	tcase_add_test(tests, each_element_of_a_flow);
	tcase_add_test(tests, a_record_for_each_direction);
	tcase_add_test(tests, ipv6_and_what_is_not_tcp);
	tcase_add_test(tests, reasons_of_the_registry);
	tcase_add_test(tests, nanoseconds_are_exact);
	tcase_add_test(tests, names_of_any_length);
	tcase_add_test(tests, sequence_numbers_count_records);
	tcase_add_test(tests, messages_end_before_their_room_does);
	tcase_add_test(tests, templates_fit_in_one_datagram);
	tcase_add_test(tests, elements_of_enterprises);
	suite_add_tcase(suite, tests);
	return test_run(suite);
}
