/* SPDX-License-Identifier: MIT
 *
 * The floors of everything that reads a capture file, and cutting one short. Only for pcap files as pktgen writes them
 * (this machine's byte order); they exit with a sentence on anything else.
 */
#ifndef NETSCOPE_PERF_CAPTURE_H
#define NETSCOPE_PERF_CAPTURE_H

#include "netscope/base.h"

/* Reads the file in pieces of 1 MiB into one buffer, and walks from record to record. Packets. */
uint64_t capture_walk(const char *path);

/* The same, and copies each record into a buffer of 256 KiB, which it writes to `to`, a file that is made or emptied:
 * the least that a program takes which writes the packets that it wants. Packets. */
uint64_t capture_write(const char *path, const char *to);

/* pcap_next_ex to the end of the file. Packets. */
uint64_t capture_libpcap(const char *path);

/* Copies the whole file, and leaves the copy in the page cache: the pages of a file that has lain there for a while are
 * small and scattered, and reading it takes up to three times as long as reading a fresh copy. */
void capture_copy(const char *from, const char *to);

/* Copies the first `packets` packets, 1 to INT_MAX, with times in microseconds. */
void capture_cut(const char *from, const char *to, uint64_t packets);

#endif
