/* SPDX-License-Identifier: MIT
 *
 * Tags and tunnels as part of a key: which ones count, what they do to the hash, and the sample under the default key.
 */
#include "engine/decode/tenant.h"
#include "packets.h"
#include "tests/unit/engine/check_main.h"

#define TAG(id) "\x81\x00" id
#define VXLAN(vni)                                                                                                     \
	MAC T_IPV4 IPV4("\0\x5e", "\x11") UDP_TO("\x12\xb5", "\0\x4a") "\x08\0\0\0" vni "\0" MAC T_IPV4 IPV4_TCP

static struct nsc_counters counters;

static struct nsc_packet decoded(const struct nsc_decode_options *options, const char *bytes, size_t size)
{
	struct nsc_packet p = { .data = (const uint8_t *)bytes,
				.cap_len = (uint32_t)size - 1,
				.wire_len = (uint32_t)size - 1,
				.link = NSC_LINK_ETHERNET };

	nsc_decode_burst(options, &p, 1);
	ck_assert_uint_eq(p.fate, NSC_FATE_FLOW);
	return p;
}

static uint32_t hash_of(uint8_t key, bool decap, const char *bytes, size_t size)
{
	struct nsc_decode_options options = packets_options(decap, false);

	options.key = key;
	return decoded(&options, bytes, size).hash;
}

#define HASH(key, decap, bytes) hash_of(key, decap, bytes, sizeof(bytes))

START_TEST(tags)
{
	uint32_t bare = HASH(NSC_KEY_VLAN, false, MAC T_IPV4 IPV4_TCP);
	uint32_t ten = HASH(NSC_KEY_VLAN, false, MAC TAG("\0\x0a") T_IPV4 IPV4_TCP);

	ck_assert_uint_ne(ten, bare);
	ck_assert_uint_eq(ten, HASH(NSC_KEY_VLAN, false, MAC TAG("\xb0\x0a") T_IPV4 IPV4_TCP)); /* priority */
	ck_assert_uint_eq(bare, HASH(NSC_KEY_VLAN, false, MAC TAG("\xa0\0") T_IPV4 IPV4_TCP));
	ck_assert_uint_ne(ten, HASH(NSC_KEY_VLAN, false, MAC TAG("\0\x0b") T_IPV4 IPV4_TCP));
	ck_assert_uint_ne(HASH(NSC_KEY_VLAN, false, MAC TAG("\0\1") TAG("\0\2") T_IPV4 IPV4_TCP),
			  HASH(NSC_KEY_VLAN, false, MAC TAG("\0\2") TAG("\0\1") T_IPV4 IPV4_TCP));
	ck_assert_uint_eq(bare, HASH(0, false, MAC TAG("\0\x0a") T_IPV4 IPV4_TCP));
	ck_assert_uint_eq(bare, HASH(NSC_KEY_TUNNEL, false, MAC TAG("\0\x0a") T_IPV4 IPV4_TCP));
}
END_TEST

START_TEST(tunnels)
{
	uint32_t five = HASH(NSC_KEY_TUNNEL, true, VXLAN("\0\0\5"));

	ck_assert_uint_eq(five, HASH(NSC_KEY_TUNNEL | NSC_KEY_VLAN, true, VXLAN("\0\0\5")));
	ck_assert_uint_ne(five, HASH(NSC_KEY_TUNNEL, true, VXLAN("\0\0\6")));
	ck_assert_uint_ne(five, HASH(NSC_KEY_TUNNEL, true, MAC T_IPV4 IPV4_TCP));
	ck_assert_uint_eq(HASH(0, true, VXLAN("\0\0\5")), HASH(0, true, MAC T_IPV4 IPV4_TCP));
}
END_TEST

START_TEST(a_sample_tells)
{
	static const char ten[] = MAC TAG("\0\x0a") T_IPV4 IPV4_TCP, eleven[] = MAC TAG("\0\x0b") T_IPV4 IPV4_TCP;
	struct nsc_decode_options options = packets_options(true, false);
	struct nsc_error error;
	struct nsc_arena *arena;

	ck_assert_int_eq(nsc_arena_open(&arena, &error), 0);
	ck_assert_int_eq(nsc_mixed_open(&options.mixed, arena, &error), 0);
	options.counters = &counters;
	for (unsigned i = 0; i < 10; i++)
		decoded(&options, ten, sizeof(ten));
	ck_assert_uint_eq(counters.value[NSC_C_FLOW_MIXED_VLANS], 0);
	decoded(&options, eleven, sizeof(eleven));
	ck_assert_uint_eq(counters.value[NSC_C_FLOW_MIXED_VLANS], 1);
	decoded(&options, VXLAN("\0\0\5"), sizeof(VXLAN("\0\0\5")));
	decoded(&options, VXLAN("\0\0\6"), sizeof(VXLAN("\0\0\6")));
	ck_assert_uint_ge(counters.value[NSC_C_FLOW_MIXED_TUNNELS], 1);
	for (unsigned i = 13; i < 1024; i++) /* beyond 64 nobody looks */
		decoded(&options, i % 2 || i < 64 ? ten : eleven, sizeof(ten));
	ck_assert_uint_le(counters.value[NSC_C_FLOW_MIXED_VLANS], 4);
	nsc_arena_close(arena);
}
END_TEST

CHECK_MAIN("tenant", tags, tunnels, a_sample_tells)
