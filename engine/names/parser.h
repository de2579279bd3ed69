/* SPDX-License-Identifier: MIT
 *
 * What the parsers of names share: each looks at the first bytes that one end of a flow sent, and says whether they are
 * its protocol's. A parser is a function here and a row in names.c. It reads in->data[0..in->n) only, writes `out` only
 * when it returns FOUND or WATCH (WANTED of it with MORE), and keeps nothing.
 * Thread: any. Allocates: never. Blocks: never.
 */
#ifndef NETSCOPE_NAMES_PARSER_H
#define NETSCOPE_NAMES_PARSER_H

#include <string.h>

#include "engine/names/names.h"

#define NAME_PARSER(name)                                                                                              \
	enum nsc_name_verdict name_parse_##name(const struct nsc_name_input *in, struct nsc_name_output *out)

NAME_PARSER(tls);
NAME_PARSER(http);
NAME_PARSER(http2);
NAME_PARSER(dns);
NAME_PARSER(dns_stream);
NAME_PARSER(ssh);
NAME_PARSER(smtp);
NAME_PARSER(ftp);
NAME_PARSER(imap);
NAME_PARSER(pop3);
NAME_PARSER(rtsp);
NAME_PARSER(sip);
NAME_PARSER(mqtt);
NAME_PARSER(redis);
NAME_PARSER(postgresql);
NAME_PARSER(mysql);
NAME_PARSER(modbus);

static inline uint32_t name_load16(const uint8_t *p)
{
	return (uint32_t)p[0] << 8 | p[1];
}

static inline uint32_t name_load24(const uint8_t *p)
{
	return (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
}

static inline uint32_t name_load32(const uint8_t *p)
{
	return name_load16(p) << 16 | name_load16(p + 2);
}

static inline bool name_has_port(const struct nsc_name_input *in, uint16_t port)
{
	return in->src_port == port || in->dst_port == port;
}

/* More bytes are wanted, `wanted` in all; of a last look there are no more. */
static inline enum nsc_name_verdict name_more(const struct nsc_name_input *in, struct nsc_name_output *out,
					      uint32_t wanted)
{
	out->wanted = wanted;
	return in->last ? NSC_NAME_NO : NSC_NAME_MORE;
}

static inline enum nsc_name_verdict name_found(struct nsc_name_output *out, enum nsc_app app)
{
	out->named.app = (uint8_t)app;
	return NSC_NAME_FOUND;
}

static inline enum nsc_name_verdict name_watch(struct nsc_name_output *out, enum nsc_app app)
{
	out->named.app = (uint8_t)app;
	return NSC_NAME_WATCH;
}

/* FOUND when the bytes begin with `text`, MORE when they end inside it, else NO. */
enum nsc_name_verdict name_begins(const struct nsc_name_input *in, const char *text);
/* The same without a difference between capitals and small letters, for any of the texts: NULL at the end. */
enum nsc_name_verdict name_begins_any(const struct nsc_name_input *in, const char *const *texts);
/* Is `text` anywhere in p[0..n)? Letters of any case. */
bool name_contains(const uint8_t *p, uint32_t n, const char *text);

/* The length of the first line without its end, `max` bytes at most; UINT32_MAX when it does not end there. */
uint32_t name_line(const struct nsc_name_input *in, uint32_t max);

/* Writes the bytes as netscope/names.h says; how many characters, 0 when they are too many. */
uint32_t name_write(char text[NSC_NAME_MAX], const uint8_t *p, uint32_t n);
/* Makes that the name. */
void name_set(struct nsc_named *named, const uint8_t *p, uint32_t n);
/* The same for "user@host:port": the host alone. */
void name_set_authority(struct nsc_named *named, const uint8_t *p, uint32_t n);
/* The same for the target of a request that begins with "scheme://": up to the first `/`, `?`, `#` or `;`. */
void name_set_url(struct nsc_named *named, const uint8_t *p, uint32_t n);
/* Adds one protocol to the list of those that were offered, when it fits. */
void name_add_alpn(struct nsc_named *named, const uint8_t *p, uint32_t n);

/* The hello at p[0..n), beginning with its type; it may be cut. `transport` as in struct ja4, `ja4s` as in ja4_print.
 * Name and protocols are taken when they are whole; true, with the fingerprint when the hello has one, when all was
 * there and well made. */
bool name_read_hello(const uint8_t *p, uint32_t n, char transport, struct ja4_cache *ja4s, struct nsc_named *named);

#endif
