/* SPDX-License-Identifier: MIT
 *
 * JSON, written straight into a buffer: on the heap up to a limit, or in the caller's memory. Commas are put where they
 * belong. Whoever made it looks at `out.full` once, at the end: then the text is cut.
 *
 * Thread: any, one owner. Allocates: a buffer that grows. Blocks: never.
 */
#ifndef NETSCOPE_TEXT_JSON_H
#define NETSCOPE_TEXT_JSON_H

#include "engine/text/buffer.h"

struct nsc_json {
	struct nsc_buffer out;
	bool comma; /* a value stands before this place */
};

void nsc_json_init(struct nsc_json *json, size_t limit); /* grows; limit >= 1 */
void nsc_json_free(struct nsc_json *json);

void nsc_json_open(struct nsc_json *json, char bracket);  /* '{' or '[' */
void nsc_json_close(struct nsc_json *json, char bracket); /* '}' or ']' */
void nsc_json_key(struct nsc_json *json, const char *key);

/* Values: in an array, or after a key. */
void nsc_json_u64(struct nsc_json *json, uint64_t value);               /* NSC_UNKNOWN is null */
void nsc_json_number(struct nsc_json *json, uint64_t value);            /* every value as it is */
void nsc_json_time(struct nsc_json *json, uint64_t ns);                 /* 0 to UINT64_MAX, as nsc_format_timestamp */
void nsc_json_fixed(struct nsc_json *json, double value, int decimals); /* what is no finite number is null */
void nsc_json_bool(struct nsc_json *json, bool value);
void nsc_json_null(struct nsc_json *json);
void nsc_json_text(struct nsc_json *json, const char *text); /* as NSC_ESCAPE_HTML; NULL is null */
void nsc_json_text_n(struct nsc_json *json, const char *text, size_t length);
void nsc_json_hex(struct nsc_json *json, const uint8_t *bytes, size_t length);     /* as a text of two digits each */
void nsc_json_raw(struct nsc_json *json, const char *text, size_t length);         /* one value that is JSON already */
void nsc_json_raw_members(struct nsc_json *json, const char *text, size_t length); /* "a":1,"b":2 */

/* A key and its value. */
void nsc_json_add_u64(struct nsc_json *json, const char *key, uint64_t value);
void nsc_json_add_time(struct nsc_json *json, const char *key, uint64_t ns);
void nsc_json_add_fixed(struct nsc_json *json, const char *key, double value, int decimals);
void nsc_json_add_bool(struct nsc_json *json, const char *key, bool value);
void nsc_json_add_text(struct nsc_json *json, const char *key, const char *text);
void nsc_json_add_open(struct nsc_json *json, const char *key, char bracket); /* to be closed */

#endif
