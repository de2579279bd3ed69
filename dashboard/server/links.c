/* SPDX-License-Identifier: MIT
 *
 * No value can change where a template leads: it stands behind the host.
 */
#include "dashboard/server/links.h"

#include <errno.h>
#include <string.h>

#include "netscope/base.h"

static const char *const places[] = { "from_ms", "to_ms", "host", "peer", "port", "protocol", "app", "name", "key" };

static bool link_place_is_known(const char *at, size_t n)
{
	for (size_t i = 0; i < NSC_ARRAY_LEN(places); i++)
		if (strlen(places[i]) == n && !memcmp(places[i], at, n))
			return true;
	return false;
}

/* The scheme's length with "://"; 0: neither http nor https. */
static size_t link_scheme(const char *url)
{
	if (!strncmp(url, "https://", 8))
		return 8;
	return !strncmp(url, "http://", 7) ? 7 : 0;
}

static int link_check_places(const char *url, size_t length, struct nsc_error *error)
{
	size_t host = link_scheme(url) + strcspn(url + link_scheme(url), "/?#,");

	for (size_t i = 0; i < length; i++) {
		size_t n = strcspn(url + i + 1, "},");

		if ((uint8_t)url[i] <= ' ' || (uint8_t)url[i] > '~' || strchr("\"'<>\\^`|", url[i]))
			return nsc_fail(error, -EINVAL,
					"--web-link: an address has visible ASCII characters without quotes and <>, "
					"others as %%xx: %.*s",
					(int)NSC_MIN(length, (size_t)200), url);
		if (url[i] == '}')
			return nsc_fail(error, -EINVAL, "--web-link: } without { before it: %.*s",
					(int)NSC_MIN(length, (size_t)200), url);
		if (url[i] != '{')
			continue;
		if (i < host)
			return nsc_fail(error, -EINVAL, "--web-link: the host of an address is fixed, no {place}: %.*s",
					(int)NSC_MIN(length, (size_t)200), url);
		if (url[i + 1 + n] != '}' || !link_place_is_known(url + i + 1, n))
			return nsc_fail(error, -EINVAL,
					"--web-link: no such place: '{%.*s}': wanted {from_ms}, {to_ms}, {host}, "
					"{peer}, {port}, {protocol}, {app}, {name} or {key}",
					(int)NSC_MIN(n, (size_t)40), url + i + 1);
		i += n + 1;
	}
	return 0;
}

static int link_check(const char *link, size_t length, struct nsc_error *error)
{
	size_t name = strcspn(link, "=,");

	if (name == length || !name || name > NSC_LINK_NAME)
		return nsc_fail(error, -EINVAL, "--web-link: wanted NAME=URL, a name of 1 to %d bytes, not '%.*s'",
				NSC_LINK_NAME, (int)NSC_MIN(length, (size_t)80), link);
	if (!link_scheme(link + name + 1))
		return nsc_fail(error, -EINVAL, "--web-link: an address begins with http:// or https://, not '%.*s'",
				(int)NSC_MIN(length - name - 1, (size_t)80), link + name + 1);
	if (length - name - 1 > NSC_LINK_URL)
		return nsc_fail(error, -EINVAL, "--web-link: an address has at most %d bytes, that of '%.*s' has %zu",
				NSC_LINK_URL, (int)name, link, length - name - 1);
	return link_check_places(link + name + 1, length - name - 1, error);
}

/* Behind a link of this length, and what parts it from the next one: a comma, or the end of its text. */
static const char *link_next(const char *link, size_t length)
{
	return link[length] == ',' && link[length + 1] ? link + length + 1 : nsc_path_next(link);
}

int nsc_links_check(const char *links, struct nsc_error *error)
{
	unsigned n = 0;

	for (const char *at = links; *at; n++) {
		size_t length = strcspn(at, ",");
		int status = link_check(at, length, error);

		if (status)
			return status;
		if (n == NSC_LINKS_MAX)
			return nsc_fail(error, -EINVAL, "--web-link: at most %d links", NSC_LINKS_MAX);
		at = link_next(at, length);
	}
	return 0;
}

void nsc_links_show(const char *links, struct nsc_json *json)
{
	nsc_json_add_open(json, "links", '[');
	for (const char *at = links; *at;) {
		size_t length = strcspn(at, ","), name = strcspn(at, "=");

		nsc_json_open(json, '{');
		nsc_json_key(json, "name");
		nsc_json_text_n(json, at, name);
		nsc_json_key(json, "url");
		nsc_json_text_n(json, at + name + 1, length - name - 1);
		nsc_json_close(json, '}');
		at = link_next(at, length);
	}
	nsc_json_close(json, ']');
}
