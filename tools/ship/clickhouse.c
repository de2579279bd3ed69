/* SPDX-License-Identifier: MIT
 *
 * A ClickHouse server over HTTP or HTTPS. It is asked what it has after every insert, and before every one whose
 * predecessor ended without a clear answer, so that its answer "200" is never all that is known.
 *
 * An insert of at most 1,000,000 rows is one block, and one part, which is stored whole or not at all. What can go
 * wrong beside is a body that somebody cuts: at a row's border the server takes what came, and says 200. Then it has
 * the first rows of the segment, and gets the rest.
 */
#include "tools/ship/destination.h"
#include "tools/ship/schema.h"
#include "tools/top/client.h"
#include "tools/top/curl.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

enum {
	URL_MAX = 16 << 10,
	SQL_MAX = 4 << 10,
	ANSWER_MAX = 64 << 10,
	PIECE = 64 << 10,
	ASK_MS = 30000,
	INSERT_MS = 120000,
	IDLE_S = 2, /* the server closes idle connections: an older one is not used again */
	GZIP_WINDOW = 15 + 16,
	OLD_MAJOR = 20, /* versions below know neither IPv6 nor DateTime64 */
};

struct body { /* rows of a segment on their way, compressed */
	int fd;
	uint64_t at, end; /* offsets in the file */
	z_stream zip;
	bool whole;
	uint8_t piece[PIECE];
};

struct clickhouse {
	struct nsc_destination destination;
	struct nsc_curl_server server;
	CURL *ask, *insert;
	struct curl_slist *ask_headers, *insert_headers;
	char database[64], version[32];
	char url[URL_MAX], answer[ANSWER_MAX + 1], failure[CURL_ERROR_SIZE];
	size_t length;
	struct body body;
};

static bool clickhouse_is_old(const struct clickhouse *c)
{
	return atoi(c->version) < OLD_MAJOR;
}

/* --- open ------------------------------------------------------------------------------------- */

static size_t clickhouse_take(char *data, size_t one, size_t n, void *context)
{
	struct clickhouse *c = context;
	size_t fits = NSC_MIN(n, ANSWER_MAX - c->length);

	memcpy(c->answer + c->length, data, fits);
	c->length += fits;
	c->answer[c->length] = '\0';
	return n * one; /* the rest of a long answer is of no use */
}

static CURL *clickhouse_handle(struct clickhouse *c, struct curl_slist *headers, long timeout_ms)
{
	CURL *easy = nsc_curl_handle(&c->server, "netscope ship");

	if (!easy)
		return NULL;
	nsc_curl.easy_setopt(easy, CURLOPT_TIMEOUT_MS, timeout_ms);
	nsc_curl.easy_setopt(easy, CURLOPT_MAXAGE_CONN, (long)IDLE_S);
	nsc_curl.easy_setopt(easy, CURLOPT_ERRORBUFFER, c->failure);
	nsc_curl.easy_setopt(easy, CURLOPT_WRITEFUNCTION, clickhouse_take);
	nsc_curl.easy_setopt(easy, CURLOPT_WRITEDATA, c);
	nsc_curl.easy_setopt(easy, CURLOPT_POST, 1L);
	nsc_curl.easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
	return easy;
}

static size_t body_read(char *out, size_t one, size_t n, void *context)
{
	struct body *body = context;
	size_t room = one * n;

	body->zip.next_out = (uint8_t *)out;
	body->zip.avail_out = (uInt)room;
	while (body->zip.avail_out && !body->whole) {
		ssize_t got = 0;

		if (!body->zip.avail_in && body->at < body->end) {
			got = pread(body->fd, body->piece, NSC_MIN((uint64_t)PIECE, body->end - body->at),
				    (off_t)body->at);
			if (got <= 0)
				return CURL_READFUNC_ABORT;
			body->at += (uint64_t)got;
			body->zip.next_in = body->piece;
			body->zip.avail_in = (uInt)got;
		}
		body->whole = deflate(&body->zip, body->at < body->end ? Z_NO_FLUSH : Z_FINISH) == Z_STREAM_END;
	}
	return room - body->zip.avail_out;
}

static int clickhouse_handles(struct clickhouse *c, struct nsc_error *error)
{
	c->ask_headers = nsc_curl.slist_append(NULL, "Expect:");
	c->insert_headers = nsc_curl.slist_append(NULL, "Expect:");
	c->insert_headers = nsc_curl.slist_append(c->insert_headers, "Transfer-Encoding: chunked");
	c->insert_headers = nsc_curl.slist_append(c->insert_headers, "Content-Encoding: gzip");
	c->ask = clickhouse_handle(c, c->ask_headers, ASK_MS);
	c->insert = clickhouse_handle(c, c->insert_headers, INSERT_MS);
	if (!c->ask || !c->insert || deflateInit2(&c->body.zip, 1, Z_DEFLATED, GZIP_WINDOW, 8, Z_DEFAULT_STRATEGY))
		return nsc_fail(error, -ENOMEM, "no memory for the connection to a server");
	nsc_curl.easy_setopt(c->insert, CURLOPT_READFUNCTION, body_read);
	nsc_curl.easy_setopt(c->insert, CURLOPT_READDATA, &c->body);
	return 0;
}

static int clickhouse_open(struct nsc_destination **opened, const char *url, const struct nsc_settings *settings,
			   struct nsc_error *error)
{
	const struct nsc_curl_asked asked = { .command = "netscope ship",
					      .option = "--to",
					      .example = "a ClickHouse server, as in http://127.0.0.1:8123",
					      .url = url,
					      .user = settings->ship.user,
					      .user_option = "--to-user",
					      .password_file = settings->ship.password_file,
					      .password_option = "--to-pass-file",
					      .certificates = settings->ship.certificates };
	int status = nsc_curl_load(asked.command, error);
	struct clickhouse *c;

	if (status)
		return status;
	c = calloc(1, sizeof(*c));
	if (!c)
		return nsc_fail(error, -ENOMEM, "no memory for the connection to a server");
	*opened = &c->destination;
	c->destination.ops = &nsc_destination_clickhouse;
	snprintf(c->database, sizeof(c->database), "%s", settings->ship.database);
	status = nsc_curl_server_open(&c->server, &asked, error);
	if (status)
		return status;
	strcpy(c->destination.url, c->server.url);
	c->destination.port = c->server.port;
	return clickhouse_handles(c, error);
}

static void clickhouse_close(struct nsc_destination *destination)
{
	struct clickhouse *c = (struct clickhouse *)destination;

	if (c->ask)
		nsc_curl.easy_cleanup(c->ask);
	if (c->insert)
		nsc_curl.easy_cleanup(c->insert);
	if (c->body.zip.state)
		deflateEnd(&c->body.zip);
	nsc_curl.slist_free_all(c->ask_headers);
	nsc_curl.slist_free_all(c->insert_headers);
	nsc_curl_server_close(&c->server);
	free(c);
}

/* --- one request ------------------------------------------------------------------------------ */

static int clickhouse_perform(struct clickhouse *c, CURL *easy, struct nsc_error *error)
{
	CURLcode code;
	long status = 0;

	c->length = 0;
	c->answer[0] = c->failure[0] = '\0';
	nsc_curl.easy_setopt(easy, CURLOPT_URL, c->url);
	code = nsc_curl.easy_perform(easy);
	if (code)
		return nsc_fail(error, -EIO, "%.200s: %.200s", c->server.url,
				c->failure[0] ? c->failure : nsc_curl.easy_strerror(code));
	nsc_curl.easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
	if (status == 200)
		return 0;
	return nsc_fail(error, 1, "%.200s: status %ld: %.250s", c->server.url, status,
			c->answer[strspn(c->answer, " \r\n\t")] ? c->answer : "nothing more");
}

/* One statement; *answer is its answer, until the next call. 0; 1 and one sentence: the server refused it; -errno and
 * one sentence: there was no clear answer. */
static int clickhouse_query(struct clickhouse *c, const char *sql, const char **answer, struct nsc_error *error)
{
	int status;

	snprintf(c->url, sizeof(c->url), "%s/?database=", c->server.url);
	nsc_top_client_encode(c->url, sizeof(c->url), c->database);
	nsc_curl.easy_setopt(c->ask, CURLOPT_POSTFIELDS, sql);
	nsc_curl.easy_setopt(c->ask, CURLOPT_POSTFIELDSIZE, (long)strlen(sql));
	status = clickhouse_perform(c, c->ask, error);
	if (answer)
		*answer = c->answer;
	return status;
}

/* Asks for the version unless it is known. 0, or -errno and one sentence. */
static int clickhouse_hello(struct clickhouse *c, struct nsc_error *error)
{
	const char *answer;
	int status;

	if (c->version[0])
		return 0;
	status = clickhouse_query(c, "SELECT version()", &answer, error);
	if (status)
		return status < 0 ? status : -EIO;
	if (atoi(answer) < 1)
		return nsc_fail(error, -EPROTO, "%.200s: is no ClickHouse: its version is \"%.100s\"", c->server.url,
				answer);
	snprintf(c->version, sizeof(c->version), "%.*s", (int)NSC_MIN(strcspn(answer, "\r\n"), (size_t)31), answer);
	return 0;
}

/* --- the tables ------------------------------------------------------------------------------- */

static int clickhouse_check_table(struct clickhouse *c, enum nsc_segment_kind kind, struct nsc_error *error)
{
	struct nsc_schema_column column[NSC_SHIP_COLUMNS];
	const char *table = nsc_segment_kind_names[kind], *answer;
	uint32_t n = nsc_ship_columns(column, kind);
	char sql[SQL_MAX], row[128];
	int status;

	snprintf(sql, sizeof(sql),
		 "SELECT concat('<', name, '> ', type) FROM system.columns WHERE database = currentDatabase() AND "
		 "table = '%s' FORMAT TabSeparatedRaw",
		 table);
	status = clickhouse_query(c, sql, &answer, error);
	if (status)
		return status;
	for (uint32_t i = 0; i < n; i++) {
		const char *type = clickhouse_is_old(c) ? column[i].old : column[i].type, *found;

		snprintf(row, sizeof(row), "<%.39s> ", column[i].name);
		found = strstr(answer, row);
		if (!found)
			return nsc_fail(error, -EINVAL, "%.200s: table %s has no column %s: see netscope ship --init",
					c->server.url, table, column[i].name);
		found += strlen(row);
		if (strncmp(found, type, strlen(type)) || (found[strlen(type)] && found[strlen(type)] != '\n'))
			return nsc_fail(error, -EINVAL, "%.200s: column %s.%s: wanted %s, found %.*s", c->server.url,
					table, column[i].name, type, (int)strcspn(found, "\n"), found);
	}
	return 0;
}

static int clickhouse_check(FILE *out, struct nsc_destination *destination, struct nsc_error *error)
{
	struct clickhouse *c = (struct clickhouse *)destination;
	int status = clickhouse_hello(c, error);

	for (unsigned kind = 0; kind < NSC_SEGMENT_KIND_COUNT && !status; kind++)
		if (destination->ops->takes & 1u << kind)
			status = clickhouse_check_table(c, kind, error);
	if (!status && out)
		fprintf(out, "%s: ClickHouse %s: all columns are there\n", c->server.url, c->version);
	return status > 0 ? -EIO : status;
}

static int clickhouse_init(FILE *out, struct nsc_destination *destination, struct nsc_error *error)
{
	struct clickhouse *c = (struct clickhouse *)destination;
	char *text = NULL, *end;
	size_t length;
	int status = clickhouse_hello(c, error);
	FILE *file = status ? NULL : open_memstream(&text, &length);

	if (status)
		return status;
	if (!file)
		return nsc_fail(error, -ENOMEM, "no memory for the schema");
	nsc_ship_schema(file, clickhouse_is_old(c));
	fclose(file);
	for (char *at = text; !status && (end = strstr(at, ";\n\n")); at = end + 3) {
		*end = '\0';
		status = clickhouse_query(c, at, NULL, error);
	}
	free(text);
	if (!status)
		fprintf(out, "%s: ClickHouse %s has the tables\n", c->server.url, c->version);
	return status > 0 ? -EIO : status;
}

/* --- one segment ------------------------------------------------------------------------------ */

static void clickhouse_insert_id(char id[NSC_SEGMENT_NAME + 32], const struct nsc_queue_segment *s)
{
	snprintf(id, NSC_SEGMENT_NAME + 32, "netscope-%s", s->name);
}

/* How many rows of the segment there are, the first ones of it. 0; 1: others than that, or one insert still goes on,
 * `*never` tells which; -errno: no answer. */
static int clickhouse_have(struct clickhouse *c, const struct nsc_queue_segment *s, uint64_t *have, bool *never,
			   struct nsc_error *error)
{
	const struct nsc_segment *h = &s->head;
	const char *id = h->kind == NSC_SEGMENT_FLOWS ? "flow_id" : "row_id", *answer;
	char sql[SQL_MAX], worker[32] = "", query[NSC_SEGMENT_NAME + 32];
	uint64_t min, max, running;
	int status;

	*never = false;
	clickhouse_insert_id(query, s);
	if (h->kind == NSC_SEGMENT_FLOWS)
		snprintf(worker, sizeof(worker), " AND worker = %" PRIu32, h->worker);
	snprintf(sql, sizeof(sql),
		 "SELECT count(), min(%s), max(%s), (SELECT count() FROM system.processes WHERE query_id = '%s') FROM "
		 "%s WHERE sensor = '%s' AND boot = %" PRIu64 "%s AND spooled = toDateTime(%" PRIu32 ") AND %s >= "
		 "%" PRIu64 " AND %s <= %" PRIu64 " FORMAT TabSeparated",
		 id, id, query, nsc_segment_kind_names[h->kind], h->sensor, h->boot, worker, h->spooled, id, h->first,
		 id, h->last);
	status = clickhouse_query(c, sql, &answer, error);
	if (status)
		return status < 0 ? status : -EIO;
	if (sscanf(answer, "%" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64, have, &min, &max, &running) != 4)
		return nsc_fail(error, -EPROTO, "%.200s: unexpected answer \"%.100s\"", c->server.url, answer);
	if (running)
		return nsc_fail(error, 1, "%.200s: an earlier insert of %s still goes on", c->server.url, s->name);
	if (!*have || (min == h->first && max == h->first + *have - 1))
		return 0;
	*never = true;
	return nsc_fail(error, 1,
			"%.200s has %" PRIu64 " rows with the numbers of %s, from %" PRIu64 " to %" PRIu64
			": nothing is sent, and the segment is kept as .refused",
			c->server.url, *have, s->name, min, max);
}

/* Where the rows begin that the server lacks. 0 or -errno. */
static int clickhouse_skip(const struct nsc_queue_segment *s, uint64_t rows, uint64_t *at, struct nsc_error *error)
{
	char *data = rows ? malloc(s->bytes) : NULL;
	size_t bytes = 0;

	*at = NSC_SEGMENT_HEAD;
	if (!rows)
		return 0;
	if (data && pread(s->fd, data, s->bytes, NSC_SEGMENT_HEAD) == (ssize_t)s->bytes)
		bytes = nsc_ship_rows_bytes(s->head.kind, data, s->bytes, rows);
	free(data);
	*at += bytes;
	return bytes ? 0 : nsc_fail(error, -EIO, "%s: its rows cannot be read", s->name);
}

static void clickhouse_insert_url(struct clickhouse *c, const struct nsc_queue_segment *s, uint64_t have)
{
	struct nsc_schema_column column[NSC_SHIP_COLUMNS];
	uint32_t n = nsc_ship_columns(column, s->head.kind);
	char sql[SQL_MAX], id[NSC_SEGMENT_NAME + 32];
	int used = snprintf(sql, sizeof(sql), "INSERT INTO %s (", nsc_segment_kind_names[s->head.kind]);

	for (uint32_t i = 0; i < n; i++)
		used += snprintf(sql + used, sizeof(sql) - (size_t)used, "%s%s", i ? "," : "", column[i].name);
	snprintf(sql + used, sizeof(sql) - (size_t)used, ") FORMAT RowBinary");
	clickhouse_insert_id(id, s);
	used = snprintf(c->url, sizeof(c->url), "%s/?max_insert_block_size=1048576&query_id=%s", c->server.url, id);
	if (!clickhouse_is_old(c)) /* one that is sent twice is stored once, even so */
		snprintf(c->url + used, sizeof(c->url) - (size_t)used,
			 "&async_insert=0&insert_deduplication_token=%s-%" PRIu64, id, have);
	strcat(c->url, "&database=");
	nsc_top_client_encode(c->url, sizeof(c->url), c->database);
	strcat(c->url, "&query=");
	nsc_top_client_encode(c->url, sizeof(c->url), sql);
}

static int clickhouse_insert(struct clickhouse *c, const struct nsc_queue_segment *s, uint64_t have,
			     struct nsc_error *error)
{
	int status = clickhouse_skip(s, have, &c->body.at, error);

	if (status)
		return status;
	clickhouse_insert_url(c, s, have);
	c->body.fd = s->fd;
	c->body.end = NSC_SEGMENT_HEAD + s->bytes;
	c->body.whole = false;
	c->body.zip.avail_in = 0;
	deflateReset(&c->body.zip);
	return clickhouse_perform(c, c->insert, error);
}

/* Asked before, whatever the time of the file says: the clock may have been set since an earlier shipper sent it, and
 * somebody may have brought it back. */
static enum nsc_ship_verdict clickhouse_send(struct nsc_destination *destination, const struct nsc_queue_segment *s,
					     struct nsc_error *error)
{
	struct clickhouse *c = (struct clickhouse *)destination;
	uint64_t have = 0, rows = nsc_segment_rows(&s->head);
	bool never = false;

	if (clickhouse_hello(c, error))
		return NSC_SHIP_AGAIN;
	if (clickhouse_have(c, s, &have, &never, error))
		return never ? NSC_SHIP_NEVER : NSC_SHIP_AGAIN;
	if (have == rows)
		return NSC_SHIP_DONE;
	if (clickhouse_insert(c, s, have, error)) {
		c->version[0] = '\0'; /* another one may answer the next time */
		return NSC_SHIP_AGAIN;
	}
	if (clickhouse_have(c, s, &have, &never, error))
		return never ? NSC_SHIP_NEVER : NSC_SHIP_AGAIN;
	if (have == rows)
		return NSC_SHIP_DONE;
	nsc_fail(error, 0, "%.200s: says that it stored %s, and has %" PRIu64 " of its %" PRIu64 " rows", c->server.url,
		 s->name, have, rows);
	return NSC_SHIP_AGAIN;
}

const struct nsc_destination_ops nsc_destination_clickhouse = {
	.name = "ClickHouse",
	.schemes = " http https ",
	.example = "http://127.0.0.1:8123",
	.takes = 1u << NSC_SEGMENT_FLOWS | 1u << NSC_SEGMENT_LEDGER | 1u << NSC_SEGMENT_ALERTS,
	.shared = true,
	.open = clickhouse_open,
	.close = clickhouse_close,
	.check = clickhouse_check,
	.init = clickhouse_init,
	.send = clickhouse_send,
};
