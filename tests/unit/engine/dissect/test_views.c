/* SPDX-License-Identifier: MIT
 *
 * The views of one tree: values, detail block, JSON, hex dump, and how they end when there is no room.
 */
#include "tests/unit/engine/dissect/support.h"

#define DNS_QUERY                                                                                                      \
	MAC T_IPV4 IPV4_ANY("\x11") UDP("\x04\xd2", "\0\x35", "\0\0") "\x12\x34"                                       \
								      "\1\0"                                           \
								      "\0\1\0\0\0\0\0\0"                               \
								      "\4<\"\x1b"                                      \
								      "x\0\0\1\0\1"

static char out[1 << 16];

static void dissect_query(void)
{
	dissect_bytes(DNS_QUERY, sizeof(DNS_QUERY) - 1, sizeof(DNS_QUERY) - 1, NSC_LINK_ETHERNET);
}

START_TEST(text)
{
	size_t n;

	dissect_query();
	n = nsc_dissect_text(&tree, out, sizeof(out) - 1);
	out[n] = '\0';
	ck_assert_ptr_nonnull(strstr(out, "  Ethernet [0-13]\n    Destination: 02:00:00:00:00:01\n"));
	ck_assert_ptr_nonnull(strstr(out, "    Type: IPv4 (0x0800)\n  IPv4 [14-33]\n    Version: 4\n"));
	ck_assert_ptr_nonnull(strstr(out, "    Question [54-63]\n      Name: <\"\\x1bx\n      Type: A (1)\n"));
}
END_TEST

START_TEST(text_of_a_full_tree)
{
	dissect_query();
	tree.truncated = true;
	out[nsc_dissect_text(&tree, out, sizeof(out) - 1)] = '\0';
	ck_assert_ptr_nonnull(strstr(out, "the tree was full"));
}
END_TEST

START_TEST(json)
{
	size_t n;

	dissect_query();
	n = nsc_dissect_json(&tree, out, sizeof(out) - 1);
	out[n] = '\0';
	ck_assert(
		strncmp(out,
			"{\"layers\":[{\"name\":\"eth\",\"label\":\"Ethernet\",\"offset\":0,\"length\":14,\"fields\":["
			"{\"name\":\"eth.dst\",\"label\":\"Destination\",\"value\":\"02:00:00:00:00:01\",\"offset\":0,"
			"\"length\":6},",
			60) == 0);
	ck_assert_ptr_nonnull(strstr(out, "{\"name\":\"eth.type\",\"label\":\"Type\",\"value\":2048,\"text\":\"IPv4 "
					  "(0x0800)\",\"offset\":12,\"length\":2}]},"));
	ck_assert_ptr_nonnull(strstr(out, "\"value\":\"\\u003c\\\"\\\\x1bx\""));
	ck_assert_ptr_nonnull(
		strstr(out, "{\"name\":\"ip.flags.df\",\"label\":\"Don\\u0027t fragment\",\"value\":false,"));
	ck_assert_str_eq(out + n - 20, "]}],\"truncated\":false}" + 2);
}
END_TEST

/* Balanced, ended strings, and the flag: with any room. */
static bool is_whole_json(const char *at, size_t n)
{
	char open[64];
	unsigned depth = 0;
	bool string = false;

	for (size_t i = 0; i < n; i++) {
		if (string && at[i] == '\\')
			i++;
		else if (at[i] == '"')
			string = !string;
		else if (!string && (at[i] == '{' || at[i] == '['))
			open[depth++] = at[i] == '{' ? '}' : ']';
		else if (!string && (at[i] == '}' || at[i] == ']') && (depth == 0 || open[--depth] != at[i]))
			return false;
	}
	return n > 0 && depth == 0 && !string;
}

START_TEST(json_with_any_room)
{
	unsigned wrong = 0;
	size_t whole;

	dissect_query();
	whole = nsc_dissect_json(&tree, out, sizeof(out));
	for (size_t room = 0; room < whole + 80; room++) {
		char *small = malloc(room + 1); /* of its size, for the address sanitizer */
		size_t n = nsc_dissect_json(&tree, small, room);

		if (room < 64)
			wrong += n != 0;
		else
			wrong += n > room || !is_whole_json(small, n) || !memmem(small, n, "\"truncated\":", 12);
		wrong += room > whole + 64 && n != whole;
		free(small);
	}
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

START_TEST(hex)
{
	static const uint8_t bytes[300] = "Hello, \x1b world!\xff";
	size_t n = nsc_dissect_hex(bytes, 20, out, sizeof(out));

	out[n] = '\0';
	ck_assert_str_eq(out, "    0000  48 65 6c 6c 6f 2c 20 1b  20 77 6f 72 6c 64 21 ff  |Hello, . world!.|\n"
			      "    0010  00 00 00 00                                       |....|\n");
	n = nsc_dissect_hex(bytes, 300, out, sizeof(out));
	out[n] = '\0';
	ck_assert_uint_le(n, NSC_HEX_MAX);
	ck_assert_ptr_nonnull(strstr(out, "    00f0  "));
	ck_assert_ptr_null(strstr(out, "    0100  "));
	ck_assert_str_eq(strstr(out, "    ..."), "    ... (44 bytes remaining)\n");
	ck_assert_uint_eq(nsc_dissect_hex(bytes, 256, out, sizeof(out)), 16 * (10 + 50 + 19));
	ck_assert_uint_eq(nsc_dissect_hex(bytes, 0, out, sizeof(out)), 0);
	ck_assert_uint_eq(nsc_dissect_hex(bytes, 300, out, 7), 7);
}
END_TEST

START_TEST(lookup)
{
	uint32_t length;
	uint16_t i;

	dissect_query();
	i = nsc_dissection_find(&tree, "dns.qry.name", 0);
	ck_assert_uint_ne(i, NSC_NO_FIELD);
	ck_assert_mem_eq(nsc_field_bytes(&tree, &tree.field[i], &length), "<\"\x1bx", 4);
	ck_assert_uint_eq(length, 4);
	ck_assert_uint_eq(nsc_dissection_find(&tree, "dns.qry.name", i + 1), NSC_NO_FIELD);
	i = nsc_dissection_find(&tree, "ip.proto", 0);
	ck_assert_str_eq(nsc_field_value_name(&tree.field[i]), "UDP");
}
END_TEST

/* Long texts are shown up to a bound, and the value says how long they are. */
START_TEST(long_value)
{
	static char bytes[20 + 20 + 2000] = IPV4_ANY("\x06") TCP_TO("\0\x50");
	char value[NSC_VALUE_MAX];
	uint16_t i;
	size_t n;

	memset(bytes + 40, '\x1f', 2000);
	memcpy(bytes + 40, "GET /", 5);
	memcpy(bytes + 40 + 2000 - 10, " HTTP/1.1\n", 10);
	dissect_bytes(bytes, sizeof(bytes), sizeof(bytes), NSC_LINK_RAW);
	i = nsc_dissection_find(&tree, "http.request.uri", 0);
	ck_assert_uint_ne(i, NSC_NO_FIELD);
	n = nsc_dissect_value(&tree, &tree.field[i], value, sizeof(value));
	ck_assert_uint_eq(n, 1 + 255 * 4 + 16);
	ck_assert_mem_eq(value + n - 16, "... (1986 bytes)", 16);
	ck_assert_uint_eq(nsc_dissect_value(&tree, &tree.field[i], value, 3), 1);
}
END_TEST

/* A short buffer takes the way of the tree, and the line is cut. */
START_TEST(line_with_little_room)
{
	const struct nsc_packet pkt = { .data = (const uint8_t *)DNS_QUERY,
					.cap_len = sizeof(DNS_QUERY) - 1,
					.wire_len = sizeof(DNS_QUERY) - 1,
					.link = NSC_LINK_ETHERNET };
	size_t whole = nsc_dissect_line(&pkt, 1, &tree, out, sizeof(out));
	unsigned wrong = 0;

	for (size_t room = 0; room < whole; room++) {
		char *small = malloc(room + 1);
		size_t n = nsc_dissect_line(&pkt, 1, &tree, small, room);

		wrong += n > room || memcmp(small, out, n > 20 ? 20 : n) != 0;
		free(small);
	}
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

static void add(TCase *tcase)
{
	tcase_add_test(tcase, text);
	tcase_add_test(tcase, text_of_a_full_tree);
	tcase_add_test(tcase, json);
	tcase_add_test(tcase, json_with_any_room);
	tcase_add_test(tcase, hex);
	tcase_add_test(tcase, lookup);
	tcase_add_test(tcase, long_value);
	tcase_add_test(tcase, line_with_little_room);
}

int main(void)
{
	return run_suite("views", add);
}
