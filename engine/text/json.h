/* SPDX-License-Identifier: MIT
 *
 * JSON, written straight into a buffer that grows up to a limit. Commas are put where they belong. Once something did
 * not fit, nothing more is written and `failed` says so; whoever made the buffer looks at it once, at the end.
 *
 * Thread: any, one owner. Allocates: the buffer. Blocks: never.
 */
#ifndef NETSCOPE_TEXT_JSON_H
#define NETSCOPE_TEXT_JSON_H

#include "netscope/base.h"

struct nsc_json {
	char *data; /* owned */
	size_t length, room, limit;
	bool failed; /* no memory, or the limit */
	bool comma;  /* a value stands before this place */
};

void nsc_json_init(struct nsc_json *json, size_t limit);
void nsc_json_free(struct nsc_json *json);

/* Room for `bytes` more at the end, or NULL; what was written there is claimed by nsc_json_grow. For writers of others.
 */
char *nsc_json_room(struct nsc_json *json, size_t bytes);
void nsc_json_grow(struct nsc_json *json, size_t bytes);

void nsc_json_open(struct nsc_json *json, char bracket);  /* '{' or '[' */
void nsc_json_close(struct nsc_json *json, char bracket); /* '}' or ']' */
void nsc_json_key(struct nsc_json *json, const char *key);

/* Values: in an array, or after a key. */
void nsc_json_u64(struct nsc_json *json, uint64_t value); /* NSC_UNKNOWN is null */
void nsc_json_time(struct nsc_json *json, uint64_t ns);   /* ns as seconds with 9 decimals; NSC_UNKNOWN is null */
void nsc_json_fixed(struct nsc_json *json, double value, int decimals); /* what is no finite number is null */
void nsc_json_bool(struct nsc_json *json, bool value);
void nsc_json_null(struct nsc_json *json);
void nsc_json_text(struct nsc_json *json, const char *text); /* NULL is null; what is no UTF-8 becomes U+FFFD */
void nsc_json_text_n(struct nsc_json *json, const char *text, size_t length);
void nsc_json_hex(struct nsc_json *json, const uint8_t *bytes, size_t length);     /* as a text of two digits each */
void nsc_json_raw(struct nsc_json *json, const char *text, size_t length);         /* one value that is JSON already */
void nsc_json_raw_members(struct nsc_json *json, const char *text, size_t length); /* "a":1,"b":2 */

bool nsc_json_is_utf8(const uint8_t *text, size_t length);

/* A key and its value. */
void nsc_json_add_u64(struct nsc_json *json, const char *key, uint64_t value);
void nsc_json_add_time(struct nsc_json *json, const char *key, uint64_t ns);
void nsc_json_add_fixed(struct nsc_json *json, const char *key, double value, int decimals);
void nsc_json_add_bool(struct nsc_json *json, const char *key, bool value);
void nsc_json_add_text(struct nsc_json *json, const char *key, const char *text);

#endif
