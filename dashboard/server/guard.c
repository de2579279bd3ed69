/* SPDX-License-Identifier: MIT
 *
 * Host decides about DNS rebinding: a page of evil.example that makes its own name point to 127.0.0.1 still says
 * "Host: evil.example". Origin decides about pages that simply talk to us, above all by WebSocket.
 */
#include "dashboard/server/guard.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_MAX_LENGTH = 255, HEADER_MAX = 2048 };

static bool equal(struct nsc_span a, struct nsc_span b)
{
	return a.length == b.length && !strncasecmp(a.text, b.text, a.length);
}

static struct nsc_span span(const char *text)
{
	return (struct nsc_span){ text, strlen(text) };
}

/* --- heads ------------------------------------------------------------------------------------ */

static bool is_field(struct nsc_span line, const char *name)
{
	size_t n = strlen(name);

	return line.length > n && line.text[n] == ':' && equal((struct nsc_span){ line.text, n }, span(name));
}

const char *nsc_guard_head(struct nsc_span text, size_t *length)
{
	const char *at = text.text, *end = text.text + text.length, *next;
	unsigned hosts = 0, lengths = 0, codings = 0;

	for (; at < end; at = next) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		struct nsc_span line = { at, (size_t)((stop ? stop : end) - at) };

		next = stop ? stop + 1 : end;
		if (!line.length || nsc_span_is(line, "\r")) {
			at = next;
			break;
		}
		hosts += is_field(line, "host");
		lengths += is_field(line, "content-length");
		codings += is_field(line, "transfer-encoding");
	}
	*length = (size_t)(at - text.text);
	if (hosts > 1)
		return "a request has one Host";
	if (lengths > 1)
		return "a request has one Content-Length";
	return lengths && codings ? "a request has a Content-Length or a Transfer-Encoding, not both" : NULL;
}

/* --- hosts ------------------------------------------------------------------------------------ */

/* "name", "name:80", "[::1]:80" to the name, without brackets. */
static bool split_host(struct nsc_span host, struct nsc_span *name)
{
	const char *end = host.text + host.length, *at;

	if (!host.length || host.length > NAME_MAX_LENGTH)
		return false;
	if (host.text[0] == '[') {
		at = memchr(host.text, ']', host.length);
		if (!at)
			return false;
		*name = (struct nsc_span){ host.text + 1, (size_t)(at - host.text) - 1 };
		at++;
	} else {
		at = memchr(host.text, ':', host.length);
		at = at ? at : end;
		*name = (struct nsc_span){ host.text, (size_t)(at - host.text) };
	}
	if (at == end)
		return name->length;
	if (*at++ != ':')
		return false;
	for (; at < end; at++)
		if (*at < '0' || *at > '9')
			return false;
	return name->length;
}

static bool parse_address(struct nsc_span name, struct sockaddr_storage *address)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)address;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)address;
	char text[INET6_ADDRSTRLEN];

	memset(address, 0, sizeof(*address));
	if (name.length >= sizeof(text))
		return false;
	memcpy(text, name.text, name.length);
	text[name.length] = '\0';
	if (inet_pton(AF_INET, text, &v4->sin_addr) == 1)
		address->ss_family = AF_INET;
	else if (inet_pton(AF_INET6, text, &v6->sin6_addr) == 1)
		address->ss_family = AF_INET6;
	return address->ss_family != AF_UNSPEC;
}

bool nsc_guard_is_loopback(const struct sockaddr *address)
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)address;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)address;

	if (address->sa_family == AF_INET)
		return ntohl(v4->sin_addr.s_addr) >> 24 == 127;
	return address->sa_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
}

static bool same_address(const struct sockaddr_storage *x, const struct sockaddr *y)
{
	const struct sockaddr_in6 *x6 = (const struct sockaddr_in6 *)x, *y6 = (const struct sockaddr_in6 *)y;

	if (x->ss_family == AF_INET && y->sa_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&y6->sin6_addr))
		return !memcmp(&((const struct sockaddr_in *)x)->sin_addr, &y6->sin6_addr.s6_addr[12], 4);
	if (x->ss_family != y->sa_family)
		return false;
	if (x->ss_family == AF_INET)
		return ((const struct sockaddr_in *)x)->sin_addr.s_addr ==
		       ((const struct sockaddr_in *)y)->sin_addr.s_addr;
	return !memcmp(&x6->sin6_addr, &y6->sin6_addr, sizeof(x6->sin6_addr));
}

/* The next entry of "a, b"; false at the end. */
static bool next_entry(const char **list, struct nsc_span *entry)
{
	*list += strspn(*list, ", ");
	entry->text = *list;
	entry->length = strcspn(*list, ",");
	*list += entry->length;
	while (entry->length && entry->text[entry->length - 1] == ' ')
		entry->length--;
	return entry->length;
}

static bool host_is_allowed(struct nsc_span host, struct nsc_span name, const char *allowed)
{
	struct nsc_span entry;

	while (next_entry(&allowed, &entry))
		if (equal(entry, host) || equal(entry, name))
			return true;
	return false;
}

bool nsc_guard_host(struct nsc_span host, const struct sockaddr *local, const char *allowed)
{
	struct sockaddr_storage address;
	struct nsc_span name;

	if (!split_host(host, &name))
		return false;
	if (equal(name, span("localhost")) || host_is_allowed(host, name, allowed))
		return true;
	if (!parse_address(name, &address))
		return false;
	return nsc_guard_is_loopback((const struct sockaddr *)&address) || (local && same_address(&address, local));
}

bool nsc_guard_origin(struct nsc_span origin, struct nsc_span host, bool secure, const char *allowed)
{
	struct nsc_span scheme = span(secure ? "https://" : "http://"), entry;

	if (origin.length > scheme.length && equal((struct nsc_span){ origin.text, scheme.length }, scheme) &&
	    equal((struct nsc_span){ origin.text + scheme.length, origin.length - scheme.length }, host))
		return true;
	while (next_entry(&allowed, &entry))
		if (equal(entry, origin))
			return true;
	return false;
}

int nsc_guard_address(const char *text, uint16_t port, struct sockaddr_storage *address, socklen_t *length,
		      struct nsc_error *error)
{
	struct nsc_span name = span(text);

	if (name.length > 2 && text[0] == '[' && text[name.length - 1] == ']')
		name = (struct nsc_span){ text + 1, name.length - 2 };
	if (equal(name, span("localhost")))
		name = span("127.0.0.1");
	if (!parse_address(name, address))
		return nsc_fail(error, -EINVAL, "--web-bind takes an IP address, e.g. 127.0.0.1 or ::1, not '%s'",
				text);
	if (address->ss_family == AF_INET) {
		((struct sockaddr_in *)address)->sin_port = htons(port);
		*length = sizeof(struct sockaddr_in);
	} else {
		((struct sockaddr_in6 *)address)->sin6_port = htons(port);
		*length = sizeof(struct sockaddr_in6);
	}
	return 0;
}

/* --- name and password ------------------------------------------------------------------------ */

int nsc_secret_read(char *text, size_t room, const char *path, struct nsc_error *error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY), status = 0;
	struct stat st;
	ssize_t n = -1;

	if (fd < 0)
		return nsc_fail(error, -errno, "the password file '%s' cannot be opened: %s", path, strerror(errno));
	if (!fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_mode & (S_IRWXG | S_IRWXO))
		status = nsc_fail(error, -EACCES, "the password file '%s' is open to others: chmod 600 it", path);
	else if ((n = read(fd, text, room - 1)) < 0)
		status = nsc_fail(error, -errno, "the password file '%s' cannot be read: %s", path, strerror(errno));
	else if (n == (ssize_t)room - 1)
		status = nsc_fail(error, -EINVAL, "the password file '%s' is longer than %zu bytes", path, room - 2);
	text[status ? 0 : n] = '\0';
	close(fd);
	return status;
}

int nsc_password_read(char line[NSC_PASSWORD_MAX], const char *user, const char *path, struct nsc_error *error)
{
	int status;

	if (strchr(user, ':') || strlen(user) > NAME_MAX_LENGTH)
		return nsc_fail(error, -EINVAL, "--web-auth-user has no colon and at most %d bytes", NAME_MAX_LENGTH);
	status = nsc_secret_read(line, NSC_PASSWORD_MAX, path, error);
	line[strcspn(line, "\r\n")] = '\0';
	if (!status && !line[0])
		status = nsc_fail(error, -EINVAL, "the password file '%s' has nothing in its first line", path);
	return status;
}

int nsc_credentials_read(struct nsc_credentials *credentials, const char *user, const char *path,
			 struct nsc_error *error)
{
	char line[NSC_PASSWORD_MAX], both[NSC_PASSWORD_MAX + 300];
	int status = nsc_password_read(line, user, path, error), n;

	if (!status) {
		n = snprintf(both, sizeof(both), "%s:%s", user, line);
		SHA256((const unsigned char *)both, (size_t)n, credentials->digest);
	}
	OPENSSL_cleanse(line, sizeof(line));
	OPENSSL_cleanse(both, sizeof(both));
	return status;
}

/* RFC 4648, with or without padding; false when it is something else or too long. */
static bool decode_base64(struct nsc_span from, unsigned char *to, size_t room, size_t *length)
{
	unsigned char padded[HEADER_MAX + 4];
	size_t n, whole;

	while (from.length && from.text[from.length - 1] == '=')
		from.length--;
	n = from.length;
	whole = (n + 3) / 4 * 4;
	*length = 3 * n / 4;
	if (whole > HEADER_MAX || whole / 4 * 3 > room || n % 4 == 1)
		return false;
	memcpy(padded, from.text, n);
	memset(padded + n, '=', whole - n);
	return EVP_DecodeBlock(to, padded, (int)whole) == (int)(whole / 4 * 3);
}

/* Digests are compared, so that neither length nor content of the password shows in the time. */
bool nsc_credentials_match(const struct nsc_credentials *credentials, struct nsc_span authorization)
{
	unsigned char sent[HEADER_MAX], digest[32];
	struct nsc_span basic = span("Basic ");
	size_t length = 0;
	bool readable = authorization.length > basic.length &&
			equal((struct nsc_span){ authorization.text, basic.length }, basic) &&
			decode_base64((struct nsc_span){ authorization.text + basic.length,
							 authorization.length - basic.length },
				      sent, sizeof(sent), &length);

	SHA256(sent, readable ? length : 0, digest);
	OPENSSL_cleanse(sent, sizeof(sent));
	return !CRYPTO_memcmp(digest, credentials->digest, sizeof(digest)) && readable;
}

uint32_t nsc_guard_delay_ms(uint32_t failures)
{
	uint32_t doublings = failures ? failures - 1 : 0;

	return doublings > 6 ? NSC_DELAY_MOST_MS
			     : NSC_MIN((uint32_t)NSC_DELAY_FIRST_MS << doublings, (uint32_t)NSC_DELAY_MOST_MS);
}
