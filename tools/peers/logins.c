/* SPDX-License-Identifier: MIT */
#include "tools/peers/logins.h"

#include "dashboard/server/guard.h"

#include <errno.h>
#include <stdlib.h>

#define BLANKS " \t"

/* The next word of a line, with a NUL behind it; the rest stays in *line, "" at its end. */
static char *line_word(char **line)
{
	char *word = *line + strspn(*line, BLANKS), *end = word + strcspn(word, BLANKS);

	*line = end + (*end != '\0');
	*end = '\0';
	*line += strspn(*line, BLANKS);
	return word;
}

static int logins_take_line(struct nsc_logins *logins, char *line, unsigned number, const char *path,
			    struct nsc_error *error)
{
	struct nsc_login login;

	line[strcspn(line, "\r")] = '\0';
	line += strspn(line, BLANKS);
	if (!line[0] || line[0] == '#')
		return 0;
	login = (struct nsc_login){ .url = line_word(&line) };
	login.name = line_word(&line);
	login.password = line;
	if (!login.name[0] || !login.password[0])
		return nsc_fail(error, -EINVAL, "%.300s:%u: a line is a URL (or *), a name and a password", path,
				number);
	if (strchr(login.name, ':'))
		return nsc_fail(error, -EINVAL, "%.300s:%u: a name has no colon", path, number);
	if (strlen(login.password) >= NSC_PASSWORD_MAX)
		return nsc_fail(error, -EINVAL, "%.300s:%u: a password has at most %d bytes", path, number,
				NSC_PASSWORD_MAX - 1);
	if (logins->n == NSC_LOGINS_MAX)
		return nsc_fail(error, -EINVAL, "%.300s:%u: there are at most %d passwords", path, number,
				NSC_LOGINS_MAX);
	logins->login[logins->n++] = login;
	return 0;
}

int nsc_logins_open(struct nsc_logins *logins, const char *path, struct nsc_error *error)
{
	unsigned number = 0;
	int status;

	*logins = (struct nsc_logins){ .n = 0 };
	if (!path[0])
		return 0;
	logins->text = malloc(NSC_LOGINS_TEXT);
	if (!logins->text)
		return nsc_fail(error, -ENOMEM, "no memory for the passwords of other sensors");
	status = nsc_secret_read(logins->text, NSC_LOGINS_TEXT, path, error);
	for (char *line = logins->text, *next; !status && line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		status = logins_take_line(logins, line, ++number, path, error);
	}
	return status;
}

void nsc_logins_close(struct nsc_logins *logins)
{
	if (logins->text)
		explicit_bzero(logins->text, NSC_LOGINS_TEXT);
	free(logins->text);
	*logins = (struct nsc_logins){ .n = 0 };
}

const struct nsc_login *nsc_logins_find(struct nsc_logins *logins, const char *url)
{
	struct nsc_login *found = NULL;

	for (uint32_t i = 0; i < logins->n; i++) {
		struct nsc_login *login = &logins->login[i];

		if (!strcmp(login->url, url)) {
			found = login;
			break;
		}
		if (!strcmp(login->url, "*"))
			found = login;
	}
	if (found)
		found->used = true;
	return found;
}

const struct nsc_login *nsc_logins_unused(const struct nsc_logins *logins)
{
	for (uint32_t i = 0; i < logins->n; i++)
		if (!logins->login[i].used)
			return &logins->login[i];
	return NULL;
}
