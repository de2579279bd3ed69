/* SPDX-License-Identifier: MIT
 *
 * A capture that another host sends over TCP (pcap-over-IP): the bytes of one connection after the other. Each
 * connection is a stream of its own, which begins with a header. One that ends is made again: with a pause that grows
 * from 0.1 s to 10 s, a quarter more or less, for as long as no packet comes.
 *
 * The host is looked up once, and its sockets are made once: a program that has given up the right to make sockets
 * connects them again.
 *
 * Thread: control until the first read, from then on the reader, but for what says otherwise.
 */
#ifndef NETSCOPE_SOURCES_FEED_H
#define NETSCOPE_SOURCES_FEED_H

#include <sys/types.h>

#include "netscope/error.h"

#define NSC_FEED_PREFIX "tcp://"

enum { NSC_FEED_SOCKETS = 2 }; /* one for each family of addresses */

struct nsc_feed;

/* Whether a path means a feed, well formed or not. Thread: any. */
bool nsc_feed_is(const char *path);

/* Reads "tcp://HOST:PORT" or "tcp://[ADDRESS]:PORT". *port: 1..65535. 0, or -EINVAL and one sentence. Thread: any. */
int nsc_feed_check(const char *path, uint16_t *port, struct nsc_error *error);

/* Looks the host up and connects to the first of its addresses that answers within 5 s. 0, or -errno and one sentence;
 * -EINTR after a signal. `path` is copied. Blocks: until then. Allocates: all it will ever need. */
int nsc_feed_open(struct nsc_feed **feed, const char *path, struct nsc_error *error);
void nsc_feed_close(struct nsc_feed *feed); /* NULL is allowed */

/* The sockets that are connected now or later; -1 = none. */
void nsc_feed_sockets(const struct nsc_feed *feed, int fd[NSC_FEED_SOCKETS]);

/* Up to `size` (>= 1) bytes to `to`: how many (> 0); 0 when the other end has closed the connection; -EAGAIN when
 * nothing came within 50 ms, or there is no connection now; another -errno with `error` saying why. Allocates: never.
 */
ssize_t nsc_feed_read(struct nsc_feed *feed, uint8_t *to, size_t size, struct nsc_error *error);

/* Whether there is a connection now. */
bool nsc_feed_is_up(const struct nsc_feed *feed);

/* Ends the connection; the reads that follow make the next one. `why` is a sentence; `fruitful`: packets came through
 * it. Allocates: never. */
void nsc_feed_again(struct nsc_feed *feed, bool fruitful, const struct nsc_error *why);

/* The next sentence about connections that ended and were made again; false when all were told. *told: 0 at first, then
 * left alone. Of many at once the oldest are left out. *broken: whether it tells of an end. Thread: any. */
bool nsc_feed_news(struct nsc_feed *feed, uint32_t *told, bool *broken, struct nsc_error *sentence);

/* How long to wait before the connection is made again, when `failures` (any) in a row brought no packet. `chance`: any
 * number. From 75 ms to 12.5 s. Thread: any. */
uint64_t nsc_feed_pause_ns(uint32_t failures, uint32_t chance);

#endif
