/* SPDX-License-Identifier: MIT
 *
 * Databases are written by tests/data/mmdb.pl, which says what is in them.
 */
#include "tests/unit/engine/check_main.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "netscope/geo.h"

static char folder[256];

static const char *in_folder(const char *name)
{
	static char path[400];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static void write_file(const char *name, const uint8_t *bytes, size_t n)
{
	FILE *file = fopen(in_folder(name), "wb");

	ck_assert(file && fwrite(bytes, 1, n, file) == n && !fclose(file));
}

static size_t read_file(const char *name, uint8_t *bytes, size_t room)
{
	FILE *file = fopen(in_folder(name), "rb");
	size_t n = file ? fread(bytes, 1, room, file) : 0;

	ck_assert(n > 0 && n < room && !fclose(file));
	return n;
}

static void open_files(const char *first, const char *second)
{
	struct nsc_error error = { .text = "" };

	ck_assert_msg(!nsc_geo_open(in_folder(first), &error), "%s", error.text);
	ck_assert_msg(!second || !nsc_geo_open(in_folder(second), &error), "%s", error.text);
}

/* "DE 64500 Example Net"; "-" for what is not known. */
static const char *find(const char *address)
{
	static char text[300];
	bool v6 = strchr(address, ':');
	uint8_t addr[16] = { 0 };
	struct nsc_geo geo;
	int n;

	ck_assert_int_eq(inet_pton(v6 ? AF_INET6 : AF_INET, address, addr), 1);
	nsc_geo_find(addr, v6 ? 6 : 4, &geo);
	ck_assert(!geo.as_org == !geo.as_org_length);
	n = snprintf(text, sizeof(text), "%.2s ", geo.country[0] ? geo.country : "-");
	n += snprintf(text + n, sizeof(text) - (size_t)n, geo.asn ? "%u " : "- ", geo.asn);
	snprintf(text + n, sizeof(text) - (size_t)n, "%.*s", geo.as_org ? geo.as_org_length : 1,
		 geo.as_org ? geo.as_org : "-");
	return text;
}

static void opening_fails(const char *name, const char *why)
{
	struct nsc_error error = { .text = "" };

	ck_assert_int_lt(nsc_geo_open(in_folder(name), &error), 0);
	ck_assert_msg(strstr(error.text, in_folder(name)) && strstr(error.text, why), "%s", error.text);
	ck_assert_uint_eq(nsc_geo_files, 0);
}

START_TEST(without_a_database)
{
	struct nsc_flow_record record = { .ip_version = 4 };
	struct nsc_geo geo[2], none[2];

	memset(none, 0, sizeof(none));
	memset(geo, 1, sizeof(geo));
	nsc_flow_geo(&record, geo);
	ck_assert_mem_eq(geo, none, sizeof(none));
	ck_assert_str_eq(find("10.11.0.1"), "- - -");
}
END_TEST

START_TEST(several_files)
{
	open_files("country.mmdb", "asn.mmdb");
	for (unsigned i = 0; i < 2; i++) { /* the second time from the cache */
		ck_assert_str_eq(find("10.11.0.1"), "DE 64500 Example Net");
		ck_assert_str_eq(find("10.11.0.7"), "DE - -");
		ck_assert_str_eq(find("10.11.10.2"), "- 64502 -");
		ck_assert_str_eq(find("10.12.0.1"), "- - -"); /* no code of a country */
		ck_assert_str_eq(find("10.99.0.1"), "- - -");
		ck_assert_str_eq(find("2001:db8:11::1"), "IT 64503 \033[31mCaf\u00e9\u202e"); /* as it is */
		ck_assert_str_eq(find("2001:db8:ffff::1"), "- - -");
	}
	nsc_geo_close();
	ck_assert_str_eq(find("10.11.0.1"), "- - -");
}
END_TEST

/* ::a.b.c.d and ::ffff:a.b.c.d: the tree has IPv4 at ::/96, and nothing at the other. */
START_TEST(ipv4_inside_of_ipv6)
{
	open_files("country.mmdb", NULL);
	ck_assert_str_eq(find("::ffff:10.11.0.1"), "DE - -");
	ck_assert_str_eq(find("::ffff:10.99.0.1"), "- - -");
	nsc_geo_close();
	open_files("traits.mmdb", NULL); /* IPv4 only */
	ck_assert_str_eq(find("::ffff:10.11.0.1"), "- 64520 Traits");
	ck_assert_str_eq(find("10.11.0.1"), "- 64520 Traits");
	ck_assert_str_eq(find("2001:db8:11::1"), "- - -");
	nsc_geo_close();
}
END_TEST

START_TEST(other_names_of_members)
{
	open_files("flat.mmdb", NULL);
	ck_assert_str_eq(find("10.11.0.1"), "AT 64510 Flat One");
	ck_assert_str_eq(find("10.11.0.3"), "AT - -"); /* "ASx", and an organization without a letter */
	ck_assert_str_eq(find("10.11.0.4"), "- - -");
	nsc_geo_close();
}
END_TEST

START_TEST(the_first_file_that_knows_tells)
{
	open_files("flat.mmdb", "asn.mmdb");
	ck_assert_str_eq(find("10.11.0.1"), "AT 64510 Flat One");
	ck_assert_str_eq(find("10.11.0.2"), "- 4294967295 Quotes \"and\", <commas>");
	nsc_geo_close();
}
END_TEST

START_TEST(a_long_organization_is_cut_between_characters)
{
	open_files("asn.mmdb", NULL);
	ck_assert_uint_eq(strlen(find("2001:db8:11::2")), strlen("- 64504 ") + 95);
	nsc_geo_close();
}
END_TEST

START_TEST(what_is_refused)
{
	static uint8_t bytes[8192];
	size_t n = read_file("asn.mmdb", bytes, sizeof(bytes));

	opening_fails("missing.mmdb", "No such file");
	opening_fails("", "Is a directory");
	opening_fails("other.mmdb", "neither countries nor autonomous systems: its type is \"Test-Connection-Type\"");
	write_file("empty.mmdb", bytes, 0);
	opening_fails("empty.mmdb", "empty");
	for (size_t cut = 1; cut < n; cut += 97) { /* of what is left of the metadata none is whole */
		write_file("cut.mmdb", bytes, cut);
		opening_fails("cut.mmdb", "MMDB");
	}
	write_file("text.mmdb", (const uint8_t *)"no database", 11);
	opening_fails("text.mmdb", "is no MaxMind DB file");
	for (unsigned i = 0; i < NSC_GEO_FILES_MAX; i++)
		open_files("asn.mmdb", NULL);
	ck_assert_int_lt(nsc_geo_open(in_folder("asn.mmdb"), NULL), 0);
	nsc_geo_close();
}
END_TEST

/* A map of the file itself would end the program here. */
START_TEST(the_file_may_change)
{
	static uint8_t bytes[8192];
	size_t n = read_file("asn.mmdb", bytes, sizeof(bytes));

	write_file("changes.mmdb", bytes, n);
	open_files("changes.mmdb", NULL);
	ck_assert_int_eq(truncate(in_folder("changes.mmdb"), 0), 0);
	ck_assert_str_eq(find("10.11.0.1"), "- 64500 Example Net");
	memset(bytes, 0xff, n);
	write_file("changes.mmdb", bytes, n);
	ck_assert_str_eq(find("10.11.10.1"), "- 64501 =HYPERLINK(\"x\")");
	ck_assert_int_eq(unlink(in_folder("changes.mmdb")), 0);
	ck_assert_str_eq(find("10.11.10.2"), "- 64502 -");
	nsc_geo_close();
}
END_TEST

/* Each byte in turn is another one: opened or refused, found or not, but never beyond its end, and never without end.
 */
START_TEST(broken_files)
{
	static uint8_t bytes[8192];
	size_t n = read_file("asn.mmdb", bytes, sizeof(bytes));
	unsigned refused = 0;

	for (size_t i = 0; i < n; i += 3) {
		uint8_t was = bytes[i];

		bytes[i] ^= (uint8_t)(1u << i % 8);
		write_file("broken.mmdb", bytes, n);
		bytes[i] = was;
		if (nsc_geo_open(in_folder("broken.mmdb"), NULL)) {
			refused++;
			continue;
		}
		for (unsigned j = 0; j < 4; j++) {
			static const char *const address[] = { "10.11.0.1", "10.11.0.2", "2001:db8:11::2", "::1" };

			find(address[j]);
		}
		nsc_geo_close();
	}
	ck_assert_uint_gt(refused, 0);
}
END_TEST

/* Once for all tests, which are processes of their own. */
static void make_files(void)
{
	const char *base = getenv("TEST_TMP") ? getenv("TEST_TMP") : "/tmp";
	char command[600];

	snprintf(folder, sizeof(folder), "%s/netscope-geo.XXXXXX", base);
	if (!mkdtemp(folder))
		abort();
	snprintf(command, sizeof(command), "/usr/bin/perl tests/data/mmdb.pl '%s'", folder);
	if (system(command))
		abort();
}

int main(void)
{
	const TTest *const tests[] = { without_a_database,
				       several_files,
				       ipv4_inside_of_ipv6,
				       other_names_of_members,
				       the_first_file_that_knows_tells,
				       a_long_organization_is_cut_between_characters,
				       what_is_refused,
				       the_file_may_change,
				       broken_files };
	char command[400];
	int failed;

	make_files();
	failed = check_main("geo", tests, NSC_ARRAY_LEN(tests));
	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	return system(command) ? EXIT_FAILURE : failed;
}
