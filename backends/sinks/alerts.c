/* SPDX-License-Identifier: MIT
 *
 * Alerts: a line each on the terminal, an object each in a file, which has updates and ends of attacks too. Two sinks:
 * either may fail alone. Both write out whole before a call returns.
 */
#include "backends/sinks/outfile.h"
#include "backends/sinks/pump.h"
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
	struct nsc_terminal terminal;
	bool color, journal;
	char buffer[LINES * LINE_MAX_BYTES];
};

struct alerts_jsonl {
	struct nsc_sink sink;
	struct nsc_outfile *file;
};

/* --- lines ------------------------------------------------------------------------------------ */

static char *alerts_put_line(char *at, const struct alerts *a, const struct nsc_alert *alert)
{
	if (a->journal)
		at = nsc_format_text(at, "<4>");
	at = nsc_format_text(at, a->color ? RED "[alert]" RESET " " : "[alert] ");
	at = nsc_alert_text(at, alert);
	*at++ = '\n';
	return at;
}

static int alerts_print(struct nsc_sink *sink, const struct nsc_alert *alert, uint32_t n, struct nsc_error *error)
{
	struct alerts *a = (struct alerts *)sink;
	int status = 0;

	for (uint32_t i = 0; i < n && !status;) {
		char *at = a->buffer;
		uint32_t lines = 0;

		for (uint32_t end = NSC_MIN(n, i + LINES); i < end; i++) {
			if (alert[i].quiet)
				continue;
			at = alerts_put_line(at, a, &alert[i]);
			lines++;
		}
		status = nsc_terminal_write(&a->terminal, a->buffer, at, "alerts: writing to the terminal", error);
		sink->lost += status ? lines : 0;
		status = status == -EAGAIN ? 0 : status;
	}
	return status;
}

static const struct nsc_sink_ops alerts_ops = {
	.name = "alerts",
	.alerts = alerts_print,
};

int nsc_alerts_open(struct nsc_sink **sink, const struct nsc_out *out, struct nsc_error *error)
{
	struct alerts *a;

	if (!out->alerts || out->fd < 0)
		return 0;
	a = calloc(1, sizeof(*a));
	if (!a)
		return nsc_fail(error, -ENOMEM, "no memory for alerts");
	a->sink.ops = &alerts_ops;
	a->terminal = (struct nsc_terminal){ .fd = out->fd, .pump = out->pump };
	a->color = out->color;
	a->journal = out->journal;
	*sink = &a->sink;
	return 0;
}

void nsc_alerts_close(struct nsc_sink *sink)
{
	free(sink);
}

/* --- objects ---------------------------------------------------------------------------------- */

/* A file that has failed takes no more; the flush says why. */
static int alerts_log(struct nsc_sink *sink, const struct nsc_alert *alert, uint32_t n, struct nsc_error *error)
{
	struct nsc_outfile *file = ((struct alerts_jsonl *)sink)->file;
	int status;

	for (uint32_t i = 0; i < n; i++) {
		char *at = nsc_outfile_reserve(file, NSC_ALERT_JSON_MAX + 1);

		if (!at)
			continue; /* counted there */
		at = nsc_alert_json(at, &alert[i]);
		*at++ = '\n';
		nsc_outfile_commit(file, at);
	}
	status = nsc_outfile_flush(file, error);
	sink->lost = nsc_outfile_lost(file);
	return status;
}

static int alerts_check(struct nsc_sink *sink, struct nsc_error *error)
{
	return nsc_outfile_check(((struct alerts_jsonl *)sink)->file, error);
}

static int alerts_rotate(struct nsc_sink *sink, struct nsc_error *error)
{
	bool rotated;

	return nsc_outfile_rotate(((struct alerts_jsonl *)sink)->file, &rotated, error);
}

static int alerts_finish(struct nsc_sink *sink, const struct nsc_remaining *remaining, struct nsc_error *error)
{
	struct nsc_outfile *file = ((struct alerts_jsonl *)sink)->file;
	int status = nsc_outfile_finish(file, error);

	sink->lost = nsc_outfile_lost(file);
	return status;
}

static const struct nsc_sink_ops alerts_jsonl_ops = {
	.name = "alerts file",
	.alerts = alerts_log,
	.rotate = alerts_rotate,
	.check = alerts_check,
	.finish = alerts_finish,
};

int nsc_alerts_jsonl_open(struct nsc_sink **sink, const struct nsc_out *out, struct nsc_error *error)
{
	struct alerts_jsonl *a;
	int status;

	if (!out->alerts || !nsc_outfile_wanted(out->asked.alerts_jsonl))
		return 0;
	a = calloc(1, sizeof(*a));
	if (!a)
		return nsc_fail(error, -ENOMEM, "no memory for alerts");
	a->sink.ops = &alerts_jsonl_ops;
	status = nsc_outfile_open(&a->file, out->asked.alerts_jsonl, NSC_OUTFILE_LOG, NSC_OUTFILE_BUFFER, error);
	if (!status)
		status = nsc_outfile_compress(a->file, error);
	if (!status && out->live)
		status = nsc_outfile_do_not_wait(a->file, NSC_PUMP_ALERTS, error);
	if (status) {
		nsc_alerts_jsonl_close(&a->sink);
		return status;
	}
	*sink = &a->sink;
	return 0;
}

void nsc_alerts_jsonl_close(struct nsc_sink *sink)
{
	if (sink)
		nsc_outfile_close(((struct alerts_jsonl *)sink)->file);
	free(sink);
}
