/* SPDX-License-Identifier: MIT
 *
 * Fuzz target: a filter of the flow search, or (first byte 0xff) the key of a flow. What is taken can be asked of any
 * record; what is refused has a sentence.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/base/name_store.h"
#include "netscope/query.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* A flow that has said all that a flow can say. */
static uint64_t some_name(void)
{
	static uint64_t handle;
	struct nsc_named named = {
		.app = NSC_APP_TLS, .source = NSC_APP_SOURCE_PAYLOAD, .name_length = 15, .alpn_length = 11
	};
	struct nsc_counters counters = { 0 };
	struct nsc_name_store *store;
	static struct nsc_arena *arena; /* for good */
	struct nsc_error error;

	if (handle)
		return handle;
	memcpy(named.name, "www.example.com", 15);
	memcpy(named.alpn, "h2;http/1.1", 11);
	named.ja4_length = NSC_JA4_LENGTH;
	memcpy(named.ja4, "t13d1516h2_8daaf6152771_e5627efa2ab1", NSC_JA4_LENGTH);
	if (nsc_arena_open(&arena, &error) || nsc_name_store_open(&store, arena, 0, false, &error))
		abort();
	handle = nsc_name_store_put(store, &named, &counters);
	return handle;
}

static void check_filter(const struct nsc_flow_filter *filter)
{
	static const uint8_t protos[] = { NSC_PROTO_TCP, NSC_PROTO_UDP, NSC_PROTO_SCTP };
	struct nsc_flow_record record = { .first_seen_ns = 5,
					  .last_seen_ns = 1000000005,
					  .bytes = { 1000, UINT32_MAX } };
	const struct nsc_flow_moment moment = { .clock_ns = 7 };

	if (filter->n > NSC_FILTER_TERMS || filter->n_values > NSC_FILTER_VALUES)
		abort();
	for (unsigned i = 0; i < 12; i++) {
		record.proto = protos[i % 3];
		record.ip_version = i & 1 ? 4 : 6;
		record.client = (uint8_t)(i % 3);
		record.analyses = i & 2 ? NSC_ANALYSIS_ALL : 0;
		nsc_flow_name_set(&record, i % 4 ? some_name() : NSC_NAME_HANDLE_NONE);
		memset(record.addr_a, (int)i, sizeof(record.addr_a));
		(void)nsc_flow_filter_match(filter, &record, &moment);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	bool is_key = size && bytes[0] == 0xff;
	char *text = malloc(size + 1); /* of its very size: a read beyond it is seen */
	struct nsc_error error = { .text = "" };
	struct nsc_flow_filter filter;
	struct nsc_flow_name name;
	int status;

	size -= is_key;
	memcpy(text, bytes + is_key, size);
	text = realloc(text, size ? size : 1);
	status = is_key ? nsc_flow_name_parse(&name, text, size, &error)
			: nsc_flow_filter_parse(&filter, text, size, &error);
	if (status && !error.text[0])
		abort();
	if (!status && !is_key)
		check_filter(&filter);
	free(text);
	return 0;
}
