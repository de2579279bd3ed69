/* SPDX-License-Identifier: MIT
 *
 * Other programs that make flows of a capture file, each with the options that let it do so in one go.
 */
#ifndef NETSCOPE_PERF_PEERS_H
#define NETSCOPE_PERF_PEERS_H

#include <stddef.h>

enum { PEER_ARGS_MAX = 20, PEERS_MAX = 8 };

struct peer {
	const char *name;
	/* "<file>" is the capture, "<dir>" an empty folder for what it writes */
	const char *args[PEER_ARGS_MAX];
};

extern const struct peer peers[];
extern const size_t n_peers;

#endif
