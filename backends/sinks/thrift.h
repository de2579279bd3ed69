/* SPDX-License-Identifier: MIT
 *
 * Thrift's compact protocol, as far as Parquet's metadata need it: structs, lists, integers, texts, booleans
 * (thrift-compact-protocol.md of Apache Thrift).
 *
 * Thread: one at a time. Allocates: the text grows; `failed` when there is no memory, and nothing is added then.
 */
#ifndef NETSCOPE_SINKS_THRIFT_H
#define NETSCOPE_SINKS_THRIFT_H

#include "netscope/base.h"

enum { NSC_THRIFT_DEPTH = 8 };

struct nsc_thrift {
	char *data;
	size_t length, room;
	int last[NSC_THRIFT_DEPTH]; /* number of the last field of each struct that is open */
	unsigned depth;
	bool failed;
};

enum nsc_thrift_type { NSC_THRIFT_I32 = 5, NSC_THRIFT_TEXT = 8, NSC_THRIFT_STRUCT = 12 }; /* of a list's elements */

/* Fields by number, ascending within their struct. */
void nsc_thrift_i32(struct nsc_thrift *t, int field, uint32_t value);
void nsc_thrift_i64(struct nsc_thrift *t, int field, uint64_t value);
void nsc_thrift_bool(struct nsc_thrift *t, int field, bool value);
void nsc_thrift_text(struct nsc_thrift *t, int field, const char *text);
void nsc_thrift_struct(struct nsc_thrift *t, int field); /* opens one; field 0: an element of a list */
void nsc_thrift_list(struct nsc_thrift *t, int field, enum nsc_thrift_type type, uint32_t n); /* its elements follow */
void nsc_thrift_end(struct nsc_thrift *t); /* of a struct; of the whole, too */

/* Elements of lists. */
void nsc_thrift_put_i32(struct nsc_thrift *t, uint32_t value);
void nsc_thrift_put_text(struct nsc_thrift *t, const char *text);

/* Empty again; the memory stays. */
void nsc_thrift_clear(struct nsc_thrift *t);
void nsc_thrift_free(struct nsc_thrift *t);

#endif
