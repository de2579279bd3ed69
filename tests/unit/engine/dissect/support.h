/* SPDX-License-Identifier: MIT
 *
 * Crafted packets and what the tree has to say about them. A case lists fields as "name=value" in the order in which
 * they stand; values are those of nsc_dissect_value. Every case is also cut at every length, in memory of exactly that
 * size, so that the address sanitizer sees a byte too far.
 */
#ifndef TEST_DISSECT_SUPPORT_H
#define TEST_DISSECT_SUPPORT_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "netscope/dissect.h"

struct dissect_case {
	const char *name;
	const char *bytes;
	uint32_t len;
	uint8_t link;
	const char *fields; /* "ip.ttl=64 ip.proto=TCP (6)", separated by '|' */
	const char *line;   /* behind "#1 00:00:00.000000 "; NULL = not looked at */
	uint32_t wire;      /* bytes on the wire, if more than `len` */
};

#define BYTES(literal) .bytes = (literal), .len = sizeof(literal) - 1
#define ETH .link = NSC_LINK_ETHERNET
#define RAW .link = NSC_LINK_RAW
#define MAC                                                                                                            \
	"\2\0\0\0\0\1"                                                                                                 \
	"\2\0\0\0\0\2"
#define T_IPV4 "\x08\x00"
#define T_IPV6 "\x86\xdd"
#define A4 "\x0a\0\0\1"
#define B4 "\x0a\0\0\2"
#define A6 "\xfd\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1"
#define B6 "\xfd\0\0\0\0\0\0\0\0\0\0\0\0\0\0\2"
#define IPV4(total, proto) "\x45\0" total "\0\1\0\0\x40" proto "\0\0" A4 B4
/* 0: the length is the frame's, so that a case need not count its bytes */
#define IPV4_ANY(proto) IPV4("\0\0", proto)
#define IPV6(length, next) "\x60\0\0\0" length next "\x40" A6 B6
#define UDP(from, to, length) from to length "\0\0"
#define TCP_TO(port)                                                                                                   \
	"\x04\xd2" port "\0\0\0\1"                                                                                     \
	"\0\0\0\2"                                                                                                     \
	"\x50\x18"                                                                                                     \
	"\1\0"                                                                                                         \
	"\0\0"                                                                                                         \
	"\0\0"
#define SHOW_ETH "Eth: 02:00:00:00:00:02 -> 02:00:00:00:00:01"
#define SHOW_IPV4(proto, len) "IPv4: 10.0.0.1 -> 10.0.0.2 proto=" proto " ttl=64 len=" len
#define SHOW_IPV6(next, len) "IPv6: fd00::1 -> fd00::2 next=" next " hlim=64 len=" len

static struct nsc_dissection tree;

static inline void dissect_bytes(const void *bytes, uint32_t cap_len, uint32_t wire_len, uint8_t link)
{
	const struct nsc_packet pkt = { .data = bytes, .cap_len = cap_len, .wire_len = wire_len, .link = link };

	nsc_dissect(&tree, &pkt);
}

static inline size_t field_text(const struct nsc_field *f, char *text, size_t room)
{
	int n = snprintf(text, room, "%s=", f->type->name);

	n += (int)nsc_dissect_value(&tree, f, text + n, room - (size_t)n - 1);
	text[n] = '\0';
	return (size_t)n;
}

/* Looks for the wanted fields in order; the first that is not there, or NULL. */
static inline const char *missing_field(const char *wanted)
{
	static char one[512];
	char found[NSC_VALUE_MAX + 64];
	uint16_t i = 0;

	while (wanted && *wanted) {
		size_t n = strcspn(wanted, "|");

		snprintf(one, sizeof(one), "%.*s", (int)n, wanted);
		for (; i < tree.n; i++) {
			field_text(&tree.field[i], found, sizeof(found));
			if (strcmp(found, one) == 0)
				break;
		}
		if (i++ >= tree.n)
			return one;
		wanted += n + (wanted[n] == '|');
	}
	return NULL;
}

static inline bool tree_is_sane(void)
{
	for (uint16_t i = 0; i < tree.n; i++) {
		const struct nsc_field *f = &tree.field[i];

		if (f->offset > tree.cap_len || f->length > tree.cap_len - f->offset)
			return false;
		if (f->parent == NSC_NO_FIELD ? f->depth != 0
					      : f->parent >= i || tree.field[f->parent].depth + 1 != f->depth)
			return false;
	}
	return tree.payload_off <= tree.cap_len;
}

/* Both lines: the fast one and the tree's. */
static inline bool lines_are(const struct dissect_case *c, const char *bytes)
{
	const struct nsc_packet pkt = {
		.data = (const uint8_t *)bytes,
		.cap_len = c->len,
		.wire_len = NSC_MAX(c->len, c->wire),
		.link = c->link,
	};
	static struct nsc_dissection scratch;
	char fast[NSC_LINE_MAX], slow[NSC_LINE_MAX], wanted[NSC_LINE_MAX];
	size_t n = nsc_dissect_line(&pkt, 1, &scratch, fast, sizeof(fast));
	size_t m = nsc_dissect_line_of(&tree, 0, 1, slow, sizeof(slow));

	snprintf(wanted, sizeof(wanted), "#1 00:00:00.000000 %s", c->line ? c->line : "");
	if (c->line && (n != strlen(wanted) || memcmp(fast, wanted, n) != 0)) {
		printf("%s: line\n  %.*s\n  %s\n", c->name, (int)n, fast, wanted);
		return false;
	}
	return n == m && memcmp(fast, slow, n) == 0;
}

static inline void print_tree(void)
{
	static char text[1 << 16];

	printf("%.*s", (int)nsc_dissect_text(&tree, text, sizeof(text)), text);
}

static inline unsigned check_cases(const struct dissect_case *cases, size_t n)
{
	unsigned wrong = 0;

	for (size_t i = 0; i < n; i++) {
		const struct dissect_case *c = &cases[i];
		char *bytes = malloc(c->len + 1);
		const char *missing;

		ck_assert_ptr_nonnull(bytes);
		memcpy(bytes, c->bytes, c->len);
		dissect_bytes(bytes, c->len, NSC_MAX(c->len, c->wire), c->link);
		missing = missing_field(c->fields);
		if (missing || !tree_is_sane() || !lines_are(c, bytes)) {
			printf("%s: no \"%s\" in\n", c->name, missing ? missing : "(all there)");
			print_tree();
			wrong++;
		}
		free(bytes);
	}
	return wrong;
}

static inline unsigned check_cuts(const struct dissect_case *cases, size_t n)
{
	unsigned wrong = 0;

	for (size_t i = 0; i < n; i++)
		for (uint32_t cut = 0; cut <= cases[i].len; cut++) {
			uint8_t *bytes = malloc(cut ? cut : 1);

			ck_assert_ptr_nonnull(bytes);
			memcpy(bytes, cases[i].bytes, cut);
			dissect_bytes(bytes, cut, cases[i].len, cases[i].link);
			wrong += !tree_is_sane();
			dissect_bytes(bytes, cut, cut, cases[i].link);
			wrong += !tree_is_sane();
			free(bytes);
		}
	return wrong;
}

static inline int run_suite(const char *name, void (*add)(TCase *))
{
	Suite *suite = suite_create(name);
	TCase *tcase = tcase_create(name);
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tcase);
	add(tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* The two tests that every table gets, and a main. */
#define DISSECT_TABLE(cases)                                                                                           \
	START_TEST(every_case)                                                                                         \
	{                                                                                                              \
		ck_assert_uint_eq(check_cases(cases, NSC_ARRAY_LEN(cases)), 0);                                        \
	}                                                                                                              \
	END_TEST                                                                                                       \
	START_TEST(every_cut)                                                                                          \
	{                                                                                                              \
		ck_assert_uint_eq(check_cuts(cases, NSC_ARRAY_LEN(cases)), 0);                                         \
	}                                                                                                              \
	END_TEST                                                                                                       \
	static void add_table(TCase *tcase)                                                                            \
	{                                                                                                              \
		tcase_add_test(tcase, every_case);                                                                     \
		tcase_add_test(tcase, every_cut);                                                                      \
	}

#define DISSECT_MAIN(name, cases)                                                                                      \
	DISSECT_TABLE(cases)                                                                                           \
	int main(void)                                                                                                 \
	{                                                                                                              \
		return run_suite(name, add_table);                                                                     \
	}

#endif
