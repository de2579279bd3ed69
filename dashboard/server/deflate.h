/* SPDX-License-Identifier: MIT
 *
 * permessage-deflate (RFC 7692) without context takeover: every message is compressed by itself, so that one compressor
 * and one decompressor serve all clients, and a frame is compressed once however many get it.
 *
 * Thread: one at a time. Allocates: at open 310 KiB; nsc_deflate_pack its result. Blocks: never.
 */
#ifndef DASHBOARD_DEFLATE_H
#define DASHBOARD_DEFLATE_H

#include "dashboard/server/guard.h"

#include <sys/types.h>

enum { NSC_DEFLATE_LEAST = 256 }; /* bytes of a message that is worth it */

struct nsc_deflate;

struct nsc_deflate *nsc_deflate_open(void); /* NULL without memory */
void nsc_deflate_close(struct nsc_deflate *deflate);

/* What the server answers to a client's Sec-WebSocket-Extensions: a constant text, or NULL when none of the offers is
 * one that it can keep. Whoever gets a text may send compressed messages and must take them. */
const char *nsc_deflate_choose(struct nsc_span offers);

/* The payload of a compressed message, malloc'd; NULL when it would not be shorter than `text`, or without memory. */
char *nsc_deflate_pack(struct nsc_deflate *deflate, const char *text, size_t length, size_t *packed);

/* A whole body as gzip, for HTTP; else as nsc_deflate_pack. */
char *nsc_deflate_gzip(struct nsc_deflate *deflate, const char *text, size_t length, size_t *packed);

/* Makes a compressed payload plain. Its bytes, 0..room; -E2BIG: more than `room`, and none of them is to be used;
 * -EINVAL: it is no such payload. `text` has room + 1 bytes, and no more are ever made of it, however many it holds. */
ssize_t nsc_deflate_unpack(struct nsc_deflate *deflate, const uint8_t *payload, size_t length, uint8_t *text,
			   size_t room);

#endif
