/* SPDX-License-Identifier: MIT
 *
 * What the first bytes of one end of a flow say. The caller puts a stream together and asks again while the answer is
 * MORE; nothing is kept here between two calls.
 *
 * Input is hostile: data[0..n) is all that is read, and the work is bounded by n.
 * Thread: any. Allocates: never. Blocks: never.
 */
#ifndef NETSCOPE_NAMES_NAMES_H
#define NETSCOPE_NAMES_NAMES_H

#include "netscope/names.h"

struct ja4_cache;

enum nsc_name_verdict {
	NSC_NAME_NO,    /* nothing that is known */
	NSC_NAME_MORE,  /* too short to tell: ask again with more */
	NSC_NAME_FOUND, /* `named` holds what there is */
	NSC_NAME_WATCH, /* the same, and a TLS hello of the same end may come later in the stream: STARTTLS, a proxy */
};

struct nsc_name_input {
	const uint8_t *data; /* from the first byte that this end sent, or was seen to send */
	uint32_t n;
	uint16_t src_port, dst_port; /* of this end, of the other */
	bool last;                   /* there will be no more: never answer MORE */
	struct ja4_cache *ja4s;      /* of the caller's thread: ja4.h. NULL: none */
};

struct nsc_name_output {
	struct nsc_named named; /* with FOUND and WATCH; its source is set */
	uint32_t wanted;        /* with MORE: bytes after which another call is worth while, > n */
};

enum { NSC_NAME_STREAM_MAX = 16384 + 64 }; /* bytes of a stream that are worth a look */

/* Of TCP. O(n) */
enum nsc_name_verdict nsc_name_stream(const struct nsc_name_input *in, struct nsc_name_output *out);

/* Of UDP, but QUIC: see quic.h. The datagram is all that there is: in->last. O(n) */
enum nsc_name_verdict nsc_name_datagram(const struct nsc_name_input *in, struct nsc_name_output *out);

/* May these bytes, in the middle of a stream, be the beginning of a TLS hello? */
bool nsc_name_is_hello(const uint8_t *p, uint32_t n);

#endif
