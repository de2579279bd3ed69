/* SPDX-License-Identifier: MIT
 *
 * A followed flow as JSON: bytes as hexadecimal digits, so that nothing of the wire is text here.
 */
#include "engine/text/json.h"
#include "netscope/follow.h"

static void follow_json_side(struct nsc_json *json, const struct nsc_follow_side_numbers *side)
{
	nsc_json_open(json, '{');
	nsc_json_add_u64(json, "packets", side->packets);
	nsc_json_add_u64(json, "bytes", side->bytes);
	nsc_json_add_u64(json, "held", side->held);
	nsc_json_add_u64(json, "missing", side->missing);
	nsc_json_add_u64(json, "cut", side->cut);
	nsc_json_add_u64(json, "repeated", side->repeated);
	nsc_json_add_u64(json, "differing", side->differing);
	nsc_json_add_u64(json, "beyond", side->beyond);
	nsc_json_close(json, '}');
}

static void follow_json_part(struct nsc_json *json, const struct nsc_follow_part *part)
{
	nsc_json_open(json, '{');
	nsc_json_add_text(json, "side", part->side ? "b" : "a");
	nsc_json_add_u64(json, "at", part->at);
	if (part->kind != NSC_FOLLOW_MISSING)
		nsc_json_add_time(json, "time", part->ts_ns);
	if (part->kind == NSC_FOLLOW_BYTES) {
		nsc_json_key(json, "hex");
		nsc_json_hex(json, part->bytes, part->length);
	} else {
		nsc_json_add_u64(json, part->kind == NSC_FOLLOW_CUT ? "cut" : "missing", part->length);
	}
	nsc_json_close(json, '}');
}

static void follow_json_time(struct nsc_json *json, const char *key, uint64_t ns, uint64_t unknown)
{
	nsc_json_key(json, key);
	if (ns == unknown)
		nsc_json_null(json);
	else
		nsc_json_time(json, ns);
}

static void follow_json_source(struct nsc_json *json, const struct nsc_follow_source *source)
{
	nsc_json_add_text(json, "source", source->name);
	nsc_json_add_text(json, "kept", source->kept);
	follow_json_time(json, "since", source->since_ns, NSC_UNKNOWN);
	nsc_json_add_u64(json, "overwritten", source->overwritten);
}

void nsc_follow_json(struct nsc_follow *follow, const struct nsc_follow_source *source, struct nsc_json *json)
{
	struct nsc_follow_numbers n = nsc_follow_numbers(follow);
	struct nsc_follow_part part;

	nsc_json_open(json, '{');
	follow_json_source(json, source);
	follow_json_time(json, "first", n.first_ns, 0);
	follow_json_time(json, "last", n.last_ns, 0);
	nsc_json_add_text(json, "client", n.client < 0 ? NULL : n.client ? "b_to_a" : "a_to_b");
	nsc_json_add_u64(json, "later", n.later);
	nsc_json_add_u64(json, "fragments", n.fragments);
	nsc_json_add_u64(json, "bytes_most", NSC_FOLLOW_BYTES_MOST);
	nsc_json_add_u64(json, "packets_most", NSC_FOLLOW_PACKETS_MOST);
	nsc_json_add_open(json, "sides", '[');
	for (unsigned i = 0; i < 2; i++)
		follow_json_side(json, &n.side[i]);
	nsc_json_close(json, ']');
	nsc_json_add_open(json, "parts", '[');
	nsc_follow_rewind(follow);
	while (nsc_follow_next(follow, &part))
		follow_json_part(json, &part);
	nsc_json_close(json, ']');
	nsc_json_close(json, '}');
}
