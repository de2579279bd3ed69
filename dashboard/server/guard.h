/* SPDX-License-Identifier: MIT
 *
 * Who may ask: Host and Origin of a request, name and password, how long a wrong one waits. Plain functions on texts,
 * so that tests need no server.
 *
 * Thread: any. Allocates: never. Blocks: what reads a file, on the disk.
 */
#ifndef DASHBOARD_GUARD_H
#define DASHBOARD_GUARD_H

#include "netscope/error.h"

#include <string.h>
#include <sys/socket.h>

struct nsc_span { /* a piece of a text; not terminated */
	const char *text;
	size_t length;
};

nsc_always_inline bool nsc_span_is(struct nsc_span span, const char *text)
{
	return span.length == strlen(text) && !memcmp(span.text, text, span.length);
}

nsc_always_inline bool nsc_span_contains(struct nsc_span span, const char *text)
{
	return span.text && memmem(span.text, span.length, text, strlen(text));
}

/* What is wrong with the head of a request, as it came (`text` begins with it and may go on), or NULL. Two readers must
 * not see two requests in it (RFC 9112 §3.2, §6.3): one Host, at most one Content-Length, none beside a
 * Transfer-Encoding. *length: of the head, with the empty line. */
const char *nsc_guard_head(struct nsc_span text, size_t *length);

/* Whether this server goes by the name in a Host header: "localhost", a loopback address, the address `local` that the
 * connection came to, or an entry of `allowed` ("a,b", with or without a port). Ports are not looked at, but must be
 * numbers. `local` may be NULL. */
bool nsc_guard_host(struct nsc_span host, const struct sockaddr *local, const char *allowed);

/* Whether a page of this Origin may talk to the server: our own (`secure`: https) at `host`, or an entry of `allowed`.
 */
bool nsc_guard_origin(struct nsc_span origin, struct nsc_span host, bool secure, const char *allowed);

/* Whether an address is reachable from this machine only. */
bool nsc_guard_is_loopback(const struct sockaddr *address);

/* An IP address and a port. 0, or -EINVAL and one sentence. */
int nsc_guard_address(const char *text, uint16_t port, struct sockaddr_storage *address, socklen_t *length,
		      struct nsc_error *error);

struct nsc_credentials {    /* digests, so that comparing takes the same time whatever was sent */
	uint8_t digest[32]; /* SHA-256 of "name:password" */
};

enum { NSC_PASSWORD_MAX = 1024 };

/* The whole file with a NUL behind it, if it has at most room - 2 bytes. It must not be readable by others. 0 or -errno
 * and one sentence. Whoever calls it cleanses `text`. */
int nsc_secret_read(char *text, size_t room, const char *path, struct nsc_error *error);

/* The first line of the file, without its end: the password of `user`. The file must not be readable by others. 0 or
 * -errno and one sentence. Whoever calls it cleanses `line`. */
int nsc_password_read(char line[NSC_PASSWORD_MAX], const char *user, const char *path, struct nsc_error *error);

/* The first line of the file is the password; it must not be readable by others. 0 or -errno and one sentence. */
int nsc_credentials_read(struct nsc_credentials *credentials, const char *user, const char *path,
			 struct nsc_error *error);

/* The value of an Authorization header against the credentials. */
bool nsc_credentials_match(const struct nsc_credentials *credentials, struct nsc_span authorization);

enum { NSC_DELAY_FIRST_MS = 50, NSC_DELAY_MOST_MS = 2000 };

/* How long the answer to the n-th wrong password in a row waits, n >= 1. */
uint32_t nsc_guard_delay_ms(uint32_t failures);

#endif
