/* SPDX-License-Identifier: MIT
 *
 * A ClickHouse server over HTTP or HTTPS: where segments of a spool go. The server is asked what it has after every
 * insert and before every one whose predecessor ended without a clear answer, so that its answer "200" is never all
 * that is known.
 *
 * Thread: one owner. Allocates. Blocks: on the network, in bounded time.
 */
#ifndef TOOLS_SHIP_CLICKHOUSE_H
#define TOOLS_SHIP_CLICKHOUSE_H

#include "tools/ship/queue.h"
#include "tools/top/curl.h"

struct nsc_clickhouse;

enum nsc_ship_verdict {
	NSC_SHIP_DONE,  /* it has exactly the rows of the segment */
	NSC_SHIP_AGAIN, /* not now: the sentence says why */
	NSC_SHIP_NEVER, /* it has other rows under these numbers: a person must look */
};

/* Reads what is needed; does not connect. 0, or -errno and one sentence. */
int nsc_clickhouse_open(struct nsc_clickhouse **server, const struct nsc_curl_asked *asked, const char *database,
			struct nsc_error *error);
void nsc_clickhouse_close(struct nsc_clickhouse *server); /* NULL is allowed */

const char *nsc_clickhouse_url(const struct nsc_clickhouse *server);
uint16_t nsc_clickhouse_port(const struct nsc_clickhouse *server);

/* Asks for the version unless it is known. 0, or -errno and one sentence. */
int nsc_clickhouse_hello(struct nsc_clickhouse *server, struct nsc_error *error);
bool nsc_clickhouse_is_old(const struct nsc_clickhouse *server); /* 18.16 */
const char *nsc_clickhouse_version(const struct nsc_clickhouse *server);

/* One statement; *answer is its answer, until the next call. 0; 1 and one sentence: the server refused it; -errno and
 * one sentence: there was no clear answer. */
int nsc_clickhouse_query(struct nsc_clickhouse *server, const char *sql, const char **answer, struct nsc_error *error);

/* Compares the tables with the columns of this program. 0, or -EINVAL and one sentence, or as a query. */
int nsc_clickhouse_check(struct nsc_clickhouse *server, struct nsc_error *error);

/* Sends the rows that the server lacks. `fresh`: it cannot have any. */
enum nsc_ship_verdict nsc_clickhouse_send(struct nsc_clickhouse *server, const struct nsc_queue_segment *segment,
					  bool fresh, struct nsc_error *error);

#endif
