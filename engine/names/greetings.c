/* SPDX-License-Identifier: MIT
 *
 * Protocols that begin with a line of text: SSH, and mail and files with what their server says first, or what their
 * client does. A client of these may go over to TLS, so its stream is watched.
 */
#include "engine/names/parser.h"

enum { LINE_MAX_BYTES = 1024 };

NAME_PARSER(ssh)
{
	enum nsc_name_verdict verdict = name_begins_any(in, (const char *const[]){ "SSH-2.0-", "SSH-1.", NULL });

	if (verdict == NSC_NAME_MORE)
		return name_more(in, out, in->n + 1);
	return verdict == NSC_NAME_FOUND ? name_found(out, NSC_APP_SSH) : NSC_NAME_NO;
}

/* One of the client's first words, on the protocol's port unless `anywhere`. */
static enum nsc_name_verdict greeting_of_client(const struct nsc_name_input *in, struct nsc_name_output *out,
						enum nsc_app app, const char *const *words)
{
	enum nsc_name_verdict verdict = name_begins_any(in, words);

	if (verdict == NSC_NAME_MORE)
		return name_more(in, out, in->n + 1);
	return verdict == NSC_NAME_FOUND ? name_watch(out, app) : NSC_NAME_NO;
}

/* The word behind a server's status is its name when it looks like one: letters and a dot. */
static void greeting_take_name(const uint8_t *p, uint32_t n, struct nsc_named *named)
{
	uint32_t length = 0;
	bool dot = false, letter = false;

	for (; length < n && p[length] != ' '; length++) {
		uint8_t c = p[length];
		bool is_letter = (c | 32) >= 'a' && (c | 32) <= 'z';

		if (!is_letter && !(c >= '0' && c <= '9') && c != '-' && c != '.' && c != '_')
			return;
		dot |= c == '.';
		letter |= is_letter;
	}
	if (dot && letter)
		name_set(named, p, length);
}

/* The first line of a server: `status`, then, when the port does not tell, `word` somewhere. */
static enum nsc_name_verdict greeting_of_server(const struct nsc_name_input *in, struct nsc_name_output *out,
						const char *status, const char *word, bool port)
{
	enum nsc_name_verdict verdict = name_begins(in, status);
	uint32_t line;

	if (verdict == NSC_NAME_NO)
		return verdict;
	line = name_line(in, LINE_MAX_BYTES);
	if (line == UINT32_MAX && !in->last && in->n < LINE_MAX_BYTES)
		return name_more(in, out, in->n + 1);
	if (verdict == NSC_NAME_MORE || line == UINT32_MAX)
		return NSC_NAME_NO;
	return port || name_contains(in->data, line, word) ? NSC_NAME_FOUND : NSC_NAME_NO;
}

static bool smtp_port(uint16_t port)
{
	return port == 25 || port == 587 || port == 2525;
}

NAME_PARSER(smtp)
{
	enum nsc_name_verdict verdict = greeting_of_server(in, out, "220", "SMTP", smtp_port(in->src_port));

	if (verdict == NSC_NAME_FOUND) {
		uint32_t line = name_line(in, LINE_MAX_BYTES);

		if (line > 4)
			greeting_take_name(in->data + 4, line - 4, &out->named);
		return name_found(out, NSC_APP_SMTP);
	}
	if (verdict == NSC_NAME_MORE)
		return verdict;
	return greeting_of_client(in, out, NSC_APP_SMTP, (const char *const[]){ "EHLO ", "HELO ", NULL });
}

NAME_PARSER(ftp)
{
	enum nsc_name_verdict verdict = greeting_of_server(in, out, "220", "FTP", in->src_port == 21);

	if (verdict == NSC_NAME_FOUND)
		return name_found(out, NSC_APP_FTP);
	if (verdict == NSC_NAME_MORE || in->dst_port != 21)
		return verdict;
	return greeting_of_client(in, out, NSC_APP_FTP,
				  (const char *const[]){ "USER ", "AUTH ", "FEAT\r", "OPTS ", "SYST\r", NULL });
}

NAME_PARSER(imap)
{
	static const char *const words[] = { " CAPABILITY", " LOGIN ", " STARTTLS", " AUTHENTICATE ", " ID ", " NOOP" };
	enum nsc_name_verdict verdict = name_begins_any(in, (const char *const[]){ "* OK ", "* PREAUTH ", NULL });
	uint32_t line;

	if (verdict == NSC_NAME_MORE)
		return name_more(in, out, in->n + 1);
	if (verdict == NSC_NAME_FOUND)
		return name_found(out, NSC_APP_IMAP);
	if (in->dst_port != 143)
		return NSC_NAME_NO;
	line = name_line(in, LINE_MAX_BYTES);
	if (line == UINT32_MAX)
		return in->n < LINE_MAX_BYTES ? name_more(in, out, in->n + 1) : NSC_NAME_NO;
	for (size_t i = 0; i < NSC_ARRAY_LEN(words); i++)
		if (name_contains(in->data, line, words[i]))
			return name_watch(out, NSC_APP_IMAP);
	return NSC_NAME_NO;
}

NAME_PARSER(pop3)
{
	enum nsc_name_verdict verdict = greeting_of_server(in, out, "+OK ", "POP3", in->src_port == 110);

	if (verdict == NSC_NAME_FOUND)
		return name_found(out, NSC_APP_POP3);
	if (verdict == NSC_NAME_MORE || in->dst_port != 110)
		return verdict;
	return greeting_of_client(in, out, NSC_APP_POP3,
				  (const char *const[]){ "USER ", "CAPA\r", "STLS\r", "AUTH", "APOP ", NULL });
}
