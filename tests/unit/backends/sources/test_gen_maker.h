/* SPDX-License-Identifier: MIT
 *
 * What the tests of the traffic generator share: options with everything in them, and a reader of frames that knows
 * nothing of the generator.
 */
#ifndef TEST_GEN_MAKER_H
#define TEST_GEN_MAKER_H

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "backends/sources/gen.h"

#define FLOWS 300u

static inline struct nsc_gen_options everything(void)
{
	struct nsc_gen_options options = { 0 };

	nsc_synth_defaults(&options.traffic);
	options.traffic.flows = FLOWS;
	options.traffic.packets = 10000;
	options.traffic.ipv6_share = 0.3;
	options.traffic.vlan_share = 0.2;
	options.traffic.fragment_share = 0.1;
	options.traffic.loss = 0.01;
	options.traffic.reorder = 0.01;
	options.traffic.flow_packets = 30;
	options.traffic.rate_pps = 10000;
	return options;
}

struct traffic {
	struct nsc_gen *gen;
	uint8_t *slot;
	struct nsc_gen_frame frame;
};

static inline struct traffic open_traffic(const struct nsc_gen_options *options)
{
	struct traffic t = { 0 };
	struct nsc_error error;

	ck_assert_msg(nsc_gen_open(&t.gen, options, &error) == 0, "%s", error.text);
	t.slot = malloc(nsc_gen_slot_size(t.gen));
	ck_assert_ptr_nonnull(t.slot);
	nsc_gen_slot_init(t.gen, t.slot);
	return t;
}

static inline bool next(struct traffic *t)
{
	return nsc_gen_next(t->gen, t->slot, &t->frame);
}

static inline void close_traffic(struct traffic *t)
{
	nsc_gen_close(t->gen);
	free(t->slot);
}

static inline uint32_t get16(const uint8_t *at)
{
	return (uint32_t)(at[0] << 8 | at[1]);
}

static inline uint32_t get32(const uint8_t *at)
{
	return get16(at) << 16 | get16(at + 2);
}

static inline uint32_t sum16(const uint8_t *data, uint32_t len, uint32_t sum)
{
	for (uint32_t i = 0; i < len; i++)
		sum += i & 1 ? data[i] : (uint32_t)data[i] << 8;
	while (sum >> 16)
		sum = (sum >> 16) + (sum & 0xffff);
	return sum;
}

/* a frame taken apart by the test's own means */
struct view {
	uint32_t version, proto, l4_len, addresses_sum;
	bool fragment;
	const uint8_t *ip, *l4;
};

/* NULL, or what is wrong. */
static inline const char *view_ip(const struct nsc_gen_frame *frame, struct view *view)
{
	const uint8_t *end = frame->data + frame->cap_len, *ip = frame->data + 14;
	uint32_t type = get16(ip - 2);

	*view = (struct view){ 0 };
	if (type == 0x8100) {
		type = get16(ip + 2);
		ip += 4;
	}
	view->ip = ip;
	if (type == 0x0800 && ip[0] == 0x45) {
		*view = (struct view){
			.version = 4, .proto = ip[9], .l4_len = get16(ip + 2) - 20, .ip = ip, .l4 = ip + 20
		};
		view->fragment = get16(ip + 6) & 0x3fff;
		view->addresses_sum = sum16(ip + 12, 8, 0);
		if (sum16(ip, 20, 0) != 0xffff)
			return "IPv4 header checksum";
	} else if (type == 0x86dd && ip[0] == 0x60) {
		*view = (struct view){ .version = 6, .proto = ip[6], .l4_len = get16(ip + 4), .ip = ip, .l4 = ip + 40 };
		view->fragment = ip[6] == 44;
		view->addresses_sum = sum16(ip + 8, 32, 0);
	} else {
		return "ethertype or version";
	}
	return view->l4 + view->l4_len > end ? "IP length" : NULL;
}

static inline const char *check_l4(const struct view *v)
{
	if (v->proto == NSC_PROTO_UDP && get16(v->l4 + 4) != v->l4_len)
		return "UDP length";
	if (v->proto == NSC_PROTO_UDP && get16(v->l4 + 6) == 0)
		return "UDP without checksum";
	if (v->proto != NSC_PROTO_UDP && v->proto != NSC_PROTO_TCP)
		return "protocol";
	if (sum16(v->l4, v->l4_len, v->addresses_sum + v->proto + v->l4_len) != 0xffff)
		return "L4 checksum";
	return NULL;
}

static inline const char *check_key(struct traffic *t, const struct view *v)
{
	uint32_t len = v->version == 4 ? 4 : 16, at = v->version == 4 ? 12 : 8;
	uint8_t dir = t->frame.dir;
	struct nsc_gen_key key;

	nsc_gen_key(t->gen, t->frame.flow, &key);
	if (key.ip_version != v->version || key.ip_proto != v->proto)
		return "key: version or protocol";
	if (memcmp(key.address[dir], v->ip + at, len) || memcmp(key.address[!dir], v->ip + at + len, len))
		return "key: address";
	if (key.port[dir] != get16(v->l4) || key.port[!dir] != get16(v->l4 + 2))
		return "key: port";
	return key.vlan_id != (v->ip == t->frame.data + 18 ? (get16(v->ip - 4) & 0xfff) : 0) ? "key: vlan" : NULL;
}

static inline const char *check_frame(struct traffic *t)
{
	struct view view;
	const char *wrong = view_ip(&t->frame, &view);

	if (wrong || view.fragment != ((t->frame.events & (NSC_GEN_FRAGMENT | NSC_GEN_REST)) != 0))
		return wrong ? wrong : "fragment";
	if (view.fragment)
		return NULL;
	wrong = check_l4(&view);
	return wrong ? wrong : check_key(t, &view);
}

#endif
