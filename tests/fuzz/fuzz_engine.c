/* SPDX-License-Identifier: MIT
 *
 * Fuzz target: the whole engine, threads and sinks and all, on packets that the bytes describe
 * (tests/property/hostile.h) or on the bytes as a capture file. Six bytes choose the way. A run must end, balance and
 * do no more rounds than the packets ask for; and where no limit was hit, it says the same as inline.
 */
#include "tests/property/hostile.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum {
	HEAD = 6,
	AS_FILE = 1,
	LIVE = 2,
	DETECT = 4,
	DECAP = 8,
	SHOWN = 16,
	COMPARE = 32,
	SNAPPED = 64,
	FEW_FLOWS = 128
};

enum { WORKERS = 3, APART = 4, DEDUP = 8, TRACK = 16, KEY = 32, UNANSWERED = 128 }; /* of the second byte */

static char folder[256];
static uint64_t slowest_ns; /* CPU time of an input, all threads, both runs of it */

static void clean(void)
{
	hostile_clean(folder);
	fprintf(stderr, "slowest input: %" PRIu64 " ms of CPU time\n", slowest_ns / 1000000);
}

static uint64_t cpu_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (uint64_t)now.tv_sec * NSC_NS_PER_SEC + (uint64_t)now.tv_nsec;
}

static void set_up(void)
{
	if (folder[0])
		return;
	signal(SIGPIPE, SIG_IGN);
	prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0); /* to clear huge pages took a third of the time */
	hostile_folder(folder, sizeof(folder));
	atexit(clean);
}

/* NULL when the bytes are no capture file. */
static struct nsc_rx *open_file(const uint8_t *bytes, size_t size, uint32_t loans)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);
	struct nsc_rx_file_options options = { .loans = loans };
	struct nsc_rx *rx = NULL;
	struct nsc_error error;
	char path[64];

	hostile_require(fd >= 0 && write(fd, bytes, size) == (ssize_t)size, "no memory");
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	options.path = path;
	if (nsc_rx_file_open(&rx, &options, &error))
		rx = NULL;
	close(fd);
	return rx;
}

static struct nsc_rx *open_source(const uint8_t *bytes, size_t size)
{
	uint8_t flags = bytes[0];

	if (flags & AS_FILE)
		return open_file(bytes + HEAD, size - HEAD, 1 + bytes[5] % 4);
	return hostile_open(bytes + HEAD, size - HEAD, 1 + bytes[5] % 64, flags & SNAPPED ? 60 : 0, flags & LIVE);
}

static struct hostile_way way_of(const uint8_t *bytes)
{
	static const uint64_t parts[] = { 0, NSC_NS_PER_SEC / 10, NSC_NS_PER_SEC, 3600 * NSC_NS_PER_SEC };

	return (struct hostile_way){
		.workers = bytes[1] & WORKERS,
		.join = !(bytes[1] & APART),
		.dedup = bytes[1] & DEDUP,
		.track = bytes[1] & TRACK,
		.key = bytes[1] / KEY & (NSC_KEY_VLAN | NSC_KEY_TUNNEL),
		.unanswered = bytes[1] & UNANSWERED,
		.part_ns = parts[bytes[5] >> 6],
		.detect = bytes[0] & DETECT,
		.decap = bytes[0] & DECAP,
		.shown = bytes[0] & SHOWN,
		.tick_ns = 1000000ull << bytes[2] % 44, /* 1 ms to 2^63 ns */
		.timeout_ns = bytes[3] ? 1ull << bytes[3] % 64 : 0,
		.max_flows = bytes[0] & FEW_FLOWS ? bytes[4] % 64 : 4096, /* 0 grows, which is slow: many pages */
	};
}

static void run_ways(const uint8_t *bytes, size_t size)
{
	struct hostile_result result, inline_result;
	struct hostile_way way;
	struct nsc_rx *rx;

	way = way_of(bytes);
	rx = open_source(bytes, size);
	if (!rx)
		return;
	hostile_run(rx, &way, folder, &result);
	if (bytes[0] & COMPARE && way.workers && result.exact && !(bytes[0] & LIVE && !(bytes[0] & AS_FILE))) {
		way.workers = 0;
		hostile_run(open_source(bytes, size), &way, folder, &inline_result);
		hostile_require(!inline_result.exact ||
					(inline_result.length == result.length && inline_result.ticks == result.ticks &&
					 !memcmp(inline_result.text, result.text, result.length)),
				"the same answer as inline");
		free(inline_result.text);
	}
	free(result.text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	uint64_t began_ns;

	if (size < HEAD)
		return 0;
	set_up();
	began_ns = cpu_ns();
	run_ways(bytes, size);
	slowest_ns = NSC_MAX(slowest_ns, cpu_ns() - began_ns);
	return 0;
}
