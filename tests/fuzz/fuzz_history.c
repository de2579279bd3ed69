/* SPDX-License-Identifier: MIT
 *
 * Fuzz target: the file of --web-history. The last eight bytes become the checksum that fits, so that what is behind it
 * is reached. What is taken can be shown, written and read again, and is the same then; what is refused has a sentence
 * and leaves nothing.
 */
#include "dashboard/server/history_file.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { SUM = 8 };

struct kept {
	struct nsc_history history;
	struct nsc_history_rings rings;
	struct nsc_events events;
	struct nsc_episodes episodes;
};

static struct kept first, second;
static struct nsc_point points[64];
static struct nsc_point_samples samples[64];

static void kept_begin(struct kept *k)
{
	nsc_history_init(&k->history, &k->rings);
	memset(&k->events, 0, offsetof(struct nsc_events, ring));
	memset(&k->episodes, 0, sizeof(k->episodes));
}

static void seal(uint8_t *bytes, size_t n)
{
	uint64_t sum = 0xcbf29ce484222325;

	for (size_t i = 0; i + SUM < n; i++)
		sum = (sum ^ bytes[i]) * 0x100000001b3;
	for (unsigned i = 0; i < SUM; i++)
		bytes[n - SUM + i] = (uint8_t)(sum >> 8 * i);
}

static int kept_read(struct kept *k, const void *bytes, size_t n)
{
	struct nsc_error error = { .text = "" };
	int status;

	kept_begin(k);
	status = nsc_history_read(&k->history, &k->events, &k->episodes, bytes, n, "s", &error);
	if (status &&
	    (!error.text[0] || k->history.series[0].n || k->events.seen || k->episodes.mutes || k->episodes.carried))
		abort();
	return status;
}

static struct nsc_buffer kept_write(const struct kept *k)
{
	struct nsc_buffer out = nsc_buffer_open(NSC_HISTORY_FILE_MAX);

	nsc_history_write(&k->history, &k->events, &k->episodes, NULL, "s", &out);
	if (out.full)
		abort();
	return out;
}

static void show(const struct kept *k)
{
	struct nsc_history_range range = { .from_ns = 1, .to_ns = UINT64_MAX };
	struct nsc_json json;

	nsc_history_plan(&k->history, &range, 60);
	while (!range.over)
		nsc_history_part(&k->history, &range, points, samples, NSC_ARRAY_LEN(points));
	nsc_json_init(&json, 1 << 20);
	nsc_json_open(&json, '{');
	nsc_episodes_show(&k->episodes, &json);
	nsc_json_close(&json, '}');
	nsc_json_free(&json);
}

/* What was written from it says the same; ticks and alerts may follow. */
static void check(struct kept *k)
{
	struct nsc_view view = { .start_ns = NSC_NS_PER_SEC, .end_ns = 2 * NSC_NS_PER_SEC };
	struct nsc_alert alert = { .id = 1, .kind = NSC_ALERT_SYN_FLOOD, .ip_version = 4, .has_target = true };
	struct nsc_buffer out = kept_write(k), again;

	if (kept_read(&second, out.data, out.length))
		abort();
	again = kept_write(&second);
	if (again.length != out.length || memcmp(again.data, out.data, out.length) != 0)
		abort();
	nsc_buffer_close(&out);
	nsc_buffer_close(&again);
	show(k);
	nsc_history_add(&k->history, &view, 0, false);
	nsc_events_view(&k->events, &view);
	nsc_episodes_note(&k->episodes, &alert);
	(void)nsc_history_is_ahead(&k->history);
	out = kept_write(k);
	nsc_buffer_close(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1); /* of its very size: a read beyond it is seen */

	memcpy(copy, bytes, size);
	if (size > SUM)
		seal(copy, size);
	if (!kept_read(&first, copy, size))
		check(&first);
	free(copy);
	return 0;
}
