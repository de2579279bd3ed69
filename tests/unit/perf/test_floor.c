/* SPDX-License-Identifier: MIT
 *
 * Packets and bytes of files of each kind, cut anywhere, and of what is no capture.
 */
#include "perf/floor.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/engine/check_main.h"

static char path[64];
static uint8_t file[1 << 16];
static size_t length;
static bool swapped;

static void put(uint32_t value)
{
	value = swapped ? __builtin_bswap32(value) : value;
	memcpy(file + length, &value, 4);
	length += 4;
}

static void pad(size_t n)
{
	memset(file + length, 0xa5, n);
	length += n;
}

static void begin(bool other_order)
{
	swapped = other_order;
	length = 0;
}

/* n packets, the i-th has 10 + i bytes, of 100 + i on the wire. */
static void make_pcap(uint32_t magic, bool other_order, unsigned n)
{
	begin(other_order);
	put(magic);
	put(other_order ? 0x00020004 : 0x00040002);
	put(0);
	put(0);
	put(65535);
	put(1);
	for (unsigned i = 0; i < n; i++) {
		put(1);
		put(2);
		put(10 + i);
		put(100 + i);
		pad(10 + i);
	}
}

static void make_pcapng(bool other_order, unsigned n)
{
	begin(other_order);
	put(0x0a0d0d0a);
	put(28);
	put(0x1a2b3c4d);
	pad(12);
	put(28);
	put(1);
	put(20);
	pad(8);
	put(20);
	for (unsigned i = 0; i < n; i++) {
		uint32_t room = (10 + i + 3) / 4 * 4;

		put(6);
		put(32 + room);
		pad(12);
		put(10 + i);
		put(100 + i);
		pad(room);
		put(32 + room);
	}
	put(3); /* a simple packet: only its length on the wire */
	put(20);
	put(1000);
	pad(4);
	put(20);
}

static int walk(size_t bytes, struct floor_count *count, struct nsc_error *error)
{
	FILE *out = fopen(path, "we");

	ck_assert_uint_eq(fwrite(file, 1, bytes, out), bytes);
	fclose(out);
	return floor_walk(path, count, error);
}

START_TEST(files)
{
	struct floor_count count;

	snprintf(path, sizeof(path), "/tmp/floor-XXXXXX");
	ck_assert_int_ge(close(mkstemp(path)), 0);
	for (unsigned i = 0; i < 4; i++) {
		make_pcap(i & 1 ? 0xa1b23c4d : 0xa1b2c3d4, i & 2, 50);
		ck_assert_int_eq(walk(length, &count, NULL), 0);
		ck_assert(count.packets == 50 && count.bytes == 50 * 100 + 49 * 25);
		ck_assert_int_eq(floor_libpcap(path, &count, NULL), 0);
		ck_assert(count.packets == 50 && count.bytes == 50 * 100 + 49 * 25);
	}
	for (unsigned i = 0; i < 2; i++) {
		make_pcapng(i, 50);
		ck_assert_int_eq(walk(length, &count, NULL), 0);
		ck_assert(count.packets == 51 && count.bytes == 50 * 100 + 49 * 25 + 1000);
	}
	unlink(path);
}
END_TEST

/* As many packets as are whole; less never more. */
START_TEST(cut_files)
{
	struct floor_count count, before = { 0 };

	snprintf(path, sizeof(path), "/tmp/floor-XXXXXX");
	ck_assert_int_ge(close(mkstemp(path)), 0);
	for (unsigned kind = 0; kind < 2; kind++) {
		before = (struct floor_count){ 0 };
		if (kind)
			make_pcapng(false, 3);
		else
			make_pcap(0xa1b2c3d4, false, 3);
		for (size_t n = 28; n <= length; n++) {
			ck_assert_int_eq(walk(n, &count, NULL), 0);
			ck_assert(count.packets == before.packets || count.packets == before.packets + 1);
			before = count;
		}
		ck_assert_uint_eq(count.packets, kind ? 4 : 3);
	}
	unlink(path);
}
END_TEST

START_TEST(no_captures)
{
	struct floor_count count;
	struct nsc_error error;

	snprintf(path, sizeof(path), "/tmp/floor-XXXXXX");
	ck_assert_int_ge(close(mkstemp(path)), 0);
	ck_assert_int_eq(walk(0, &count, &error), -ENOTSUP);
	begin(false);
	pad(100);
	ck_assert_int_eq(walk(length, &count, &error), -ENOTSUP);
	ck_assert_ptr_nonnull(strstr(error.text, "no plain pcap or pcapng"));
	make_pcap(0xa1b2c3d4, false, 2);
	memset(file + 24 + 8, 0xff, 4); /* a record of 4 GiB */
	ck_assert_int_eq(walk(length, &count, &error), -ENOTSUP);
	ck_assert_ptr_nonnull(strstr(error.text, "damaged after packet 0"));
	make_pcapng(false, 2);
	memset(file + 28 + 4, 0, 4); /* a block of no length would be walked for ever */
	ck_assert_int_eq(walk(length, &count, &error), -ENOTSUP);
	unlink(path);
	ck_assert_int_eq(floor_walk(path, &count, &error), -ENOENT);
	ck_assert_int_eq(floor_libpcap(path, &count, &error), -EIO);
}
END_TEST

CHECK_MAIN("floor", files, cut_files, no_captures)
