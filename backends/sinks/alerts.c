/* SPDX-License-Identifier: MIT
 *
 * Alerts: a line each on the terminal, an object each in a file, which has updates and ends of attacks too. Both are
 * written out whole before the call returns.
 */
#include "backends/sinks/outfile.h"
#include "backends/sinks/terminal.h"
#include "engine/text/number.h"
#include "netscope/out.h"

#include <errno.h>
#include <stdlib.h>

#define RED "\033[1;31m"
#define RESET "\033[0m"

enum {
	LINE_MAX_BYTES = NSC_ALERT_TEXT_MAX + 32,
	LINES = 64, /* in one write */
};

struct alerts {
	struct nsc_sink sink;
	struct nsc_outfile *jsonl; /* NULL = off */
	int fd;                    /* -1 = off */
	int printed;               /* 0, or -errno of the terminal, which takes no more */
	bool color;
	char buffer[LINES * LINE_MAX_BYTES];
};

static char *alerts_put_line(char *at, const struct alerts *a, const struct nsc_alert *alert)
{
	at = nsc_format_text(at, a->color ? RED "[alert]" RESET " " : "[alert] ");
	at = nsc_alert_text(at, alert);
	*at++ = '\n';
	return at;
}

static int alerts_print(struct alerts *a, const struct nsc_alert *alert, uint32_t n, struct nsc_error *error)
{
	int status = 0;

	for (uint32_t i = 0; i < n && !status && a->fd >= 0 && !a->printed;) {
		char *at = a->buffer;

		for (uint32_t lines = 0; i < n && lines < LINES; i++, lines++)
			if (!alert[i].quiet)
				at = alerts_put_line(at, a, &alert[i]);
		status = nsc_terminal_write(a->fd, a->buffer, at, "alerts: writing to the terminal", error);
	}
	return status;
}

/* A file that has failed takes no more; the flush says why. */
static int log_alerts(struct alerts *a, const struct nsc_alert *alert, uint32_t n, struct nsc_error *error)
{
	for (uint32_t i = 0; a->jsonl && i < n; i++) {
		char *at = nsc_outfile_reserve(a->jsonl, NSC_ALERT_JSON_MAX + 1);

		if (!at)
			continue; /* counted there */
		at = nsc_alert_json(at, &alert[i]);
		*at++ = '\n';
		nsc_outfile_commit(a->jsonl, at);
	}
	return a->jsonl ? nsc_outfile_flush(a->jsonl, error) : 0;
}

/* Both are tried; the first failure is the one that is told. A terminal that has failed takes no more, the file does.
 */
static int alerts_alerts(struct nsc_sink *sink, const struct nsc_alert *alert, uint32_t n, struct nsc_error *error)
{
	struct alerts *a = (struct alerts *)sink;
	int printed = alerts_print(a, alert, n, error);
	int logged = log_alerts(a, alert, n, printed ? NULL : error);

	sink->lost = a->jsonl ? nsc_outfile_lost(a->jsonl) : 0;
	a->printed = printed ? printed : a->printed;
	return printed ? printed : logged;
}

/* A terminal that has failed is not tried again; the file is. */
static int alerts_check(struct nsc_sink *sink, struct nsc_error *error)
{
	struct alerts *a = (struct alerts *)sink;
	int logged = a->jsonl ? nsc_outfile_check(a->jsonl, error) : 0;

	if (logged || !a->printed)
		return logged;
	return nsc_fail(error, a->printed, "alerts: writing to the terminal failed: %s", strerror(-a->printed));
}

static int alerts_rotate(struct nsc_sink *sink, struct nsc_error *error)
{
	struct alerts *a = (struct alerts *)sink;
	bool rotated;

	return a->jsonl ? nsc_outfile_rotate(a->jsonl, &rotated, error) : 0;
}

static int alerts_finish(struct nsc_sink *sink, const struct nsc_remaining *remaining, struct nsc_error *error)
{
	struct alerts *a = (struct alerts *)sink;

	return a->jsonl ? nsc_outfile_finish(a->jsonl, error) : 0;
}

static const struct nsc_sink_ops alerts_ops = {
	.name = "alerts",
	.alerts = alerts_alerts,
	.rotate = alerts_rotate,
	.check = alerts_check,
	.finish = alerts_finish,
};

int nsc_alerts_open(struct nsc_sink **sink, const struct nsc_out *out, struct nsc_error *error)
{
	struct alerts *a;
	int status;

	if (!out->alerts)
		return 0;
	a = calloc(1, sizeof(*a));
	if (!a)
		return nsc_fail(error, -ENOMEM, "no memory for alerts");
	a->sink.ops = &alerts_ops;
	a->fd = out->fd;
	a->color = out->color;
	status = nsc_outfile_open(&a->jsonl, out->asked.alerts_jsonl, NSC_OUTFILE_LOG, NSC_OUTFILE_BUFFER, error);
	if (status) {
		free(a);
		return status;
	}
	*sink = &a->sink;
	return 0;
}

void nsc_alerts_close(struct nsc_sink *sink)
{
	if (!sink)
		return;
	nsc_outfile_close(((struct alerts *)sink)->jsonl);
	free(sink);
}
