/* SPDX-License-Identifier: MIT
 *
 * The budgets: what the design allows on one core of the development machine. A row is held to its line by name.
 */
#ifndef NETSCOPE_PERF_BUDGETS_H
#define NETSCOPE_PERF_BUDGETS_H

struct bench_budget {
	const char *name;
	double limit;
	const char *unit;
};

static const struct bench_budget bench_budgets[] = {
	{ "decode", 5, "ns/packet" },
	{ "flow-1k", 15, "ns/packet" },
	{ "flow-1m-off", 35, "ns/packet" },
	{ "flow-1m-all", 55, "ns/packet" },
	{ "insert-1m", 80, "ns/flow" },
	{ "lanes", 3, "ns/packet" },
	{ "detect-times", 1.5, "times" },
	{ "detect-epochs", 2, "epochs" },
	{ "elephants", 60, "ns/packet" },
	{ "elephants-export", 65, "ns/packet" },
	{ "million", 60, "ns/packet" },
	{ "million-export", 110, "ns/packet" },
	{ "mix", 90, "ns/packet" },
	{ "mix-export", 105, "ns/packet" },
	{ "flow-bytes-off", 120, "bytes/flow" },
	{ "flow-bytes-all", 220, "bytes/flow" },
	{ "pause-p9999", 50000, "ns/round" },
	{ "worst-burst", 50000, "ns/burst" },
};

#endif
