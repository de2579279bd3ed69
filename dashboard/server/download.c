/* SPDX-License-Identifier: MIT
 *
 * All flows that a filter lets through, as a file: the rows of the exports, in their order. A page of rows is asked for
 * when the client has read the one before, so a download holds one page, whoever reads how slowly, and no worker waits
 * for a client. Flows that begin after the download are not in it: it ends, though the run goes on. What cannot be
 * finished is broken off: a file that is whole for its reader has all that its name says.
 */
#include "dashboard/server/server.h"

#include <errno.h>
#include <stdio.h>

#include "engine/text/number.h"
#include "engine/text/row.h"

enum {
	DOWNLOADS_MOST = 4,      /* at the same time */
	LIMIT_MOST = 1000000000, /* rows; without a limit there is none */
	PAGE_ROWS_CSV = NSC_QUERY_ROWS_MOST,
	PAGE_ROWS_JSON = 3000,     /* of about a kilobyte */
	PAGE_SECS_MOST = 60,       /* for a client to read one */
	DOWNLOAD_PART = 64 * 1024, /* as much is encrypted at once */
};

struct flows_download { /* in the request's pool: goes when the request does */
	h2o_generator_t generator;
	struct nsc_flow_search search;
	struct nsc_server *server;
	h2o_req_t *req;
	struct nsc_buffer page;
	size_t sent, counted;   /* of the page; bytes of the server's sum */
	uint64_t rows, most;    /* written; to be written at most */
	uint64_t until_ns;      /* flows that began later are not in it: clock of the first page */
	uint64_t left;          /* matching flows behind those that were written */
	uint64_t page_ns;       /* when the page was there; monotonic */
	struct nsc_flow_hit at; /* the last row */
	bool csv, begun, cut;   /* cut: the name says that there are more than `most` */
	bool limited;           /* by who asked */
	bool in_time_order;     /* of first packets: each flow is there once */
};

static void download_dispose(void *context)
{
	struct flows_download *d = context;

	nsc_queries_cancel(d->server->web, &d->search);
	d->server->downloads--;
	d->server->bytes -= d->counted;
	nsc_buffer_close(&d->page);
}

/* --- rows ------------------------------------------------------------------------------------- */

static char *download_row_csv(char *at, const struct nsc_flow_record *record, const struct nsc_community_id *community,
			      uint64_t id)
{
	at = nsc_row_csv(at, record, community, id);
	*at++ = '\n';
	return at;
}

static char *download_row_json(char *at, const struct nsc_flow_record *record, const struct nsc_community_id *community,
			       uint64_t id)
{
	*at++ = id == 1 ? '[' : ',';
	at = nsc_format_literal(at, "\n{");
	at = nsc_row_json(at, record, community, id);
	*at++ = '}';
	return at;
}

static void download_add_row(struct flows_download *d, const struct nsc_flow_record *record)
{
	struct nsc_community_id community;
	char *at = nsc_buffer_room(&d->page, NSC_MAX(NSC_ROW_CSV_MAX, NSC_ROW_JSON_MAX) + 4), *end;

	if (!at)
		return;
	nsc_community_ids(&community, &record, 1);
	d->rows++;
	end = d->csv ? download_row_csv(at, record, &community, d->rows)
		     : download_row_json(at, record, &community, d->rows);
	nsc_buffer_claim(&d->page, (size_t)(end - at));
}

static bool download_is_over(const struct flows_download *d)
{
	return !d->left || d->rows == d->most;
}

/* --- the answer ------------------------------------------------------------------------------- */

/* The name says what the file does not have. True: that is all that is wanted. */
static bool download_begin(struct flows_download *d, uint64_t matched)
{
	const char *ending = d->csv ? "csv" : "json";
	char text[128];

	d->begun = true;
	d->cut = matched > d->most;
	nsc_respond_begin(d->server, d->req, 200, d->csv ? "text/csv; charset=utf-8" : "application/json");
	nsc_respond_header(d->req, "cache-control", "no-store");
	if (d->cut)
		snprintf(text, sizeof(text), "attachment; filename=\"netscope-flows-first-%llu-of-%llu.%s\"",
			 (unsigned long long)d->most, (unsigned long long)matched, ending);
	else
		snprintf(text, sizeof(text), "attachment; filename=\"netscope-flows.%s\"", ending);
	nsc_respond_header(d->req, "content-disposition", h2o_strdup(&d->req->pool, text, strlen(text)).base);
	snprintf(text, sizeof(text), "%llu", (unsigned long long)matched);
	nsc_respond_header(d->req, "x-netscope-matched", h2o_strdup(&d->req->pool, text, strlen(text)).base);
	return nsc_respond_start(d->req, &d->generator);
}

static void download_break_off(struct flows_download *d)
{
	h2o_send(d->req, NULL, 0, H2O_SEND_STATE_ERROR);
}

static void download_send(struct flows_download *d)
{
	h2o_iovec_t part =
		h2o_iovec_init(d->page.data + d->sent, NSC_MIN(d->page.length - d->sent, (size_t)DOWNLOAD_PART));

	d->sent += part.len;
	h2o_send(d->req, &part, 1,
		 d->sent == d->page.length && download_is_over(d) ? H2O_SEND_STATE_FINAL : H2O_SEND_STATE_IN_PROGRESS);
}

static void download_count(struct flows_download *d)
{
	d->server->bytes += d->page.room - d->counted;
	d->counted = d->page.room;
	d->page.full |= d->server->bytes > NSC_SERVER_BYTES;
}

static bool download_is_late(const struct flows_download *d)
{
	return nsc_monotonic_ns() - d->page_ns > PAGE_SECS_MOST * NSC_NS_PER_SEC;
}

/* More flows than the name could say came while it went on: then the file is not what it seems. */
static bool download_has_failed(const struct flows_download *d)
{
	return d->page.full || (d->left && d->rows == d->most && !d->cut && d->limited);
}

/* Of the order of first packets, those rows that began before the download did. Another order has as many rows as there
 * were flows then. */
static uint32_t download_rows_of_its_time(struct flows_download *d, const struct nsc_flow_hit *const *hit, uint32_t n,
					  uint64_t left)
{
	bool is_over = d->server->web->seen == NSC_WEB_ENDED || d->server->web->seen == NSC_WEB_FAILED;

	if (!d->begun && !is_over && d->in_time_order) {
		d->until_ns = 0;
		for (uint32_t i = 0; i < n; i++)
			d->until_ns = NSC_MAX(d->until_ns, hit[i]->moment.clock_ns);
	}
	if (!d->begun && !d->in_time_order && d->most == UINT64_MAX)
		d->most = n + left;
	while (n && hit[n - 1]->record.first_seen_ns > d->until_ns)
		n--;
	return n;
}

static void download_rows(struct nsc_flow_search *search, const struct nsc_flow_hit *const *hit, uint32_t n,
			  uint64_t left)
{
	struct flows_download *d = search->context;
	uint32_t of_its_time = download_rows_of_its_time(d, hit, n, left);
	uint32_t taken = (uint32_t)NSC_MIN((uint64_t)of_its_time, d->most - d->rows);

	d->page.length = d->sent = 0;
	d->page_ns = nsc_monotonic_ns();
	d->left = of_its_time < n ? 0 : left + (n - taken);
	if (!d->begun && d->csv) {
		nsc_buffer_bytes(&d->page, nsc_row_csv_columns, nsc_row_csv_columns_length);
		nsc_buffer_char(&d->page, '\n');
	}
	for (uint32_t i = 0; i < taken; i++)
		download_add_row(d, &hit[i]->record);
	if (taken)
		d->at = *hit[taken - 1];
	else
		d->left = 0; /* those that were left have gone meanwhile */
	if (!d->csv && download_is_over(d))
		nsc_buffer_text(&d->page, d->rows ? "\n]\n" : "[]\n");
	download_count(d);
	if (!d->begun && download_begin(d, (uint64_t)n + left))
		return;
	if (download_has_failed(d))
		download_break_off(d);
	else
		download_send(d);
}

static void download_end(struct nsc_flow_search *search, struct nsc_json *json)
{
	struct flows_download *d = search->context;

	if (d->begun)
		download_break_off(d);
	else
		nsc_respond_error(d->server, d->req, 503, "the server ends");
}

static void download_proceed(h2o_generator_t *generator, h2o_req_t *req)
{
	struct flows_download *d = (struct flows_download *)generator;
	struct nsc_error error;
	bool late = download_is_late(d);

	nsc_server_woke(d->server);
	if (!late && d->sent < d->page.length)
		download_send(d);
	else if (late || nsc_queries_ask_after(d->server->web, &d->search, &d->at, &error))
		download_break_off(d);
}

static void download_stop(h2o_generator_t *generator, h2o_req_t *req)
{
	struct flows_download *d = (struct flows_download *)generator;

	nsc_queries_cancel(d->server->web, &d->search);
}

/* --- the request ------------------------------------------------------------------------------ */

static void download_ask(struct nsc_server *server, h2o_req_t *req, bool csv)
{
	struct nsc_span sort = nsc_parameter(req, "sort"), order = nsc_parameter(req, "order");
	struct nsc_query_text text = {
		.filter = nsc_parameter(req, "filter"),
		.sort = sort.length ? sort : (struct nsc_span){ "first_seen", strlen("first_seen") },
		.order = sort.length || order.length ? order : (struct nsc_span){ "asc", strlen("asc") },
		.limit = NSC_QUERY_ROWS,
	};
	uint64_t most = UINT64_MAX;
	struct flows_download *d;
	struct nsc_error error;
	int status;

	if (!nsc_api_number(server, req, "limit", 1, LIMIT_MOST, &most))
		return;
	if (server->downloads == DOWNLOADS_MOST) {
		nsc_respond_error(server, req, 429, "%d downloads of flows are under way: ask again", DOWNLOADS_MOST);
		return;
	}
	d = h2o_mem_alloc_shared(&req->pool, sizeof(*d), download_dispose);
	*d = (struct flows_download){
		.generator = { .proceed = download_proceed, .stop = download_stop },
		.search = { .context = d, .done = download_end, .rows = download_rows },
		.server = server,
		.req = req,
		.page = nsc_buffer_open(NSC_WEB_BODY_MAX),
		.most = most,
		.limited = most != UINT64_MAX,
		.page_ns = nsc_monotonic_ns(),
		.until_ns = UINT64_MAX,
		.csv = csv,
	};
	server->downloads++;
	status = nsc_queries_ask(server->web, &d->search, &text, &error);
	d->search.query.limit = csv ? PAGE_ROWS_CSV : PAGE_ROWS_JSON;
	d->in_time_order = d->search.query.ascending && nsc_span_is(text.sort, "first_seen");
	if (status)
		nsc_respond_error(server, req, status == -EBUSY ? 429 : 400, "%s", error.text);
}

void nsc_api_flows_csv(struct nsc_server *server, h2o_req_t *req)
{
	download_ask(server, req, true);
}

void nsc_api_flows_json(struct nsc_server *server, h2o_req_t *req)
{
	download_ask(server, req, false);
}
