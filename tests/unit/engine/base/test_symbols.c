/* SPDX-License-Identifier: MIT
 *
 * Names by address: of this program, of libraries, of nothing; and names without what compilers add.
 */
#include "engine/base/symbols.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/engine/check_main.h"

static struct nsc_symbols *symbols;

static void symbols_setup(void)
{
	ck_assert_int_eq(nsc_symbols_open(&symbols, NULL), 0);
}

static const char *name_at(uint64_t address)
{
	return nsc_symbols_name(symbols, nsc_symbols_find(symbols, address));
}

static __attribute__((noipa)) int a_static_function(int x)
{
	return x * 3 + 1;
}

START_TEST(suffixes)
{
	static const struct {
		const char *name, *left;
	} cases[] = {
		{ "lane_take", "lane_take" },
		{ "lane_take.lto_priv.0", "lane_take" },
		{ "lane_take.constprop.12.isra.0", "lane_take" },
		{ "lane_take.part.0.lto_priv.3", "lane_take" },
		{ "lane_take.cold", "lane_take" },
		{ "nsc_decode_burst.arch_x86_64_v3", "nsc_decode_burst" },
		{ "nsc_decode_burst.resolver", "nsc_decode_burst" },
		{ "nsc_decode_burst.arch_x86_64_v3.part.0.cold", "nsc_decode_burst" },
		{ "name.7", "name.7" },
		{ "name.mine.0", "name.mine.0" },
		{ "name.partial", "name.partial" },
		{ ".part.0", ".part.0" },
		{ "x.cold.", "x.cold." },
		{ "7", "7" },
		{ ".", "." },
		{ "", "" },
	};

	for (size_t i = 0; i < NSC_ARRAY_LEN(cases); i++)
		if (nsc_symbols_length(cases[i].name) != strlen(cases[i].left))
			ck_abort_msg("%s: %zu bytes are left", cases[i].name, nsc_symbols_length(cases[i].name));
}
END_TEST

START_TEST(functions_of_the_program)
{
	uint64_t at = (uint64_t)(uintptr_t)a_static_function;

	symbols_setup();
	ck_assert_str_eq(name_at(at), "a_static_function");
	ck_assert_str_eq(name_at(at + 1), "a_static_function");
	ck_assert_str_eq(name_at((uint64_t)(uintptr_t)nsc_symbols_find), "nsc_symbols_find");
	ck_assert_uint_eq(nsc_symbols_find(symbols, at), nsc_symbols_add(symbols, "a_static_function"));
	nsc_symbols_close(symbols);
}
END_TEST

START_TEST(functions_of_libraries)
{
	symbols_setup();
	ck_assert_str_eq(name_at((uint64_t)(uintptr_t)qsort), "qsort");
	ck_assert_str_eq(name_at((uint64_t)(uintptr_t)srunner_create), "srunner_create");
	/* of which libc has one for each kind of machine */
	ck_assert_str_eq(name_at((uint64_t)(uintptr_t)dlsym(RTLD_DEFAULT, "memset") + 8), "memset");
	ck_assert_str_eq(name_at((uint64_t)(uintptr_t)dlsym(RTLD_DEFAULT, "strlen") + 8), "strlen");
	ck_assert(!nsc_symbols_is_nameless("strtoull"));
	ck_assert(!nsc_symbols_is_nameless("[kernel]"));
	ck_assert(nsc_symbols_is_nameless("[libc.so.6]"));
	nsc_symbols_close(symbols);
}
END_TEST

START_TEST(addresses_of_nothing)
{
	static const uint64_t nowhere[] = { 0, 1, 4096, UINT64_MAX, 1ull << 63 };
	int on_the_stack;

	symbols_setup();
	for (size_t i = 0; i < NSC_ARRAY_LEN(nowhere); i++)
		ck_assert_uint_eq(nsc_symbols_find(symbols, nowhere[i]), NSC_SYMBOLS_UNKNOWN);
	ck_assert_str_eq(name_at((uint64_t)(uintptr_t)&on_the_stack), "[unknown]");
	nsc_symbols_close(symbols);
}
END_TEST

START_TEST(one_number_for_a_name)
{
	uint32_t names, number;
	char name[32];

	symbols_setup();
	names = nsc_symbols_names(symbols);
	number = nsc_symbols_add(symbols, "a name of its own");
	ck_assert_uint_eq(number, names);
	ck_assert_uint_eq(nsc_symbols_add(symbols, "a name of its own"), number);
	for (unsigned i = 0; i < 5000; i++) { /* the tables grow */
		snprintf(name, sizeof(name), "name %u", i);
		if (nsc_symbols_add(symbols, name) != names + 1 + i ||
		    strcmp(nsc_symbols_name(symbols, names + 1 + i), name) != 0)
			ck_abort_msg("%s has another number", name);
	}
	ck_assert_str_eq(nsc_symbols_name(symbols, number), "a name of its own");
	ck_assert_uint_eq(nsc_symbols_names(symbols), names + 5001);
	nsc_symbols_close(symbols);
}
END_TEST

CHECK_MAIN("symbols", suffixes, functions_of_the_program, functions_of_libraries, addresses_of_nothing,
	   one_number_for_a_name)
