/* SPDX-License-Identifier: MIT
 *
 * Any bytes as a capture file: never a crash, never a byte read beyond cap_len, counters that add up. The first byte
 * chooses how it is read: loans, filter, snaplen, file or pipe.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "netscope/rx.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int as_file(const uint8_t *data, size_t size)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	return fd;
}

/* What fits in a pipe without a writer. */
static int as_pipe(const uint8_t *data, size_t size)
{
	int fds[2];

	if (pipe(fds) || write(fds[1], data, size) != (ssize_t)size)
		abort();
	close(fds[1]);
	return fds[0];
}

static uint64_t use(const struct nsc_burst *burst, uint64_t *clock_ns)
{
	uint8_t sum = 0;

	for (uint32_t i = 0; i < burst->n; i++) {
		if (burst->pkt[i].cap_len > burst->pkt[i].wire_len || burst->pkt[i].clock_ns < *clock_ns)
			abort(); /* the clock never falls, whatever the time stamps */
		*clock_ns = burst->pkt[i].clock_ns;
		for (uint32_t k = 0; k < burst->pkt[i].cap_len; k++)
			sum ^= burst->pkt[i].data[k];
	}
	__asm__ volatile("" : : "r"(sum)); /* the bytes are read even when nobody asks for the sum */
	return burst->n;
}

static void drain(struct nsc_rx *rx)
{
	static struct nsc_burst burst;
	struct nsc_rx_counters c;
	uint64_t n = 0, clock_ns = 0;

	do {
		nsc_rx_poll(rx, &burst);
		n += use(&burst, &clock_ns);
		nsc_rx_release(rx, burst.loan);
	} while (burst.state == NSC_RX_MORE || burst.state == NSC_RX_IDLE);
	rx->ops->counters(rx, &c);
	if (c.delivered != n || c.received != n + c.filtered)
		abort();
	if ((burst.state == NSC_RX_FAILED) != (rx->error.text[0] != '\0'))
		abort(); /* a reason always, and only then */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct nsc_rx_file_options options = { .loans = 1 };
	struct nsc_error error;
	struct nsc_rx *rx;
	char path[64];
	int fd;

	if (!size)
		return 0;
	options.loans = 1 + (data[0] & 1);
	options.filter = data[0] & 2 ? "ip or vlan 5 or len > 80" : NULL;
	options.snaplen = data[0] & 4 ? 64 : 0;
	options.keeps = data[0] & 16;
	fd = data[0] & 8 && size <= 32768 ? as_pipe(data + 1, size - 1) : as_file(data + 1, size - 1);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	options.path = path;
	if (!nsc_rx_file_open(&rx, &options, &error)) {
		drain(rx);
		nsc_rx_close(rx);
	}
	close(fd);
	return 0;
}
