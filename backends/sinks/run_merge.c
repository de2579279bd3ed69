/* SPDX-License-Identifier: MIT
 *
 * A binary heap of the runs by their next record. While the run on top stays below the smaller of the heap's second
 * row, its records go out without touching the heap.
 */
#include "backends/sinks/run_merge.h"
#include "netscope/heap.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static int read_whole(int fd, void *to, size_t bytes, uint64_t offset)
{
	for (size_t done = 0; done < bytes;) {
		ssize_t n = pread(fd, (char *)to + done, bytes - done, (off_t)(offset + done));

		if (n > 0)
			done += (size_t)n;
		else if (n == 0 || errno != EINTR)
			return n ? -errno : -EIO;
	}
	return 0;
}

static int run_refill(const struct nsc_run_merge *merge, struct nsc_run *run, struct nsc_error *error)
{
	uint64_t n = NSC_MIN(run->left, merge->window_records);
	int status;

	if (run->remaining) {
		run->next = run->window;
		run->end = run->next +
			   run->remaining->next(run->remaining, run->worker, run->window, merge->window_records);
		return 0;
	}
	if (!n)
		return 0;
	status = read_whole(merge->fd, run->window, n * sizeof(*run->window), run->offset);
	if (status)
		return nsc_fail(error, status, "sorting flow records: reading back from the temporary file failed: %s",
				strerror(-status));
	run->next = run->window;
	run->end = run->window + n;
	run->offset += n * sizeof(*run->window);
	run->left -= n;
	return 0;
}

static bool run_before(const struct nsc_run_top *x, const struct nsc_run_top *y)
{
	if (nsc_likely(x->key != y->key))
		return x->key < y->key;
	return nsc_flow_record_compare(x->run->next, y->run->next) < 0;
}

#define RUN_ABOVE(none, x, y) run_before(&(x), &(y))
NSC_HEAP(run_heap, struct nsc_run_top, const void *, RUN_ABOVE)

static void set_limit(struct nsc_run_merge *merge)
{
	merge->limit = UINT64_MAX;
	for (uint32_t i = 1; i < merge->n && i < 3; i++)
		merge->limit = NSC_MIN(merge->limit, merge->top[i].key);
}

int nsc_run_merge_begin(struct nsc_run_merge *merge, struct nsc_error *error)
{
	uint32_t runs = merge->n;
	int status;

	merge->n = 0;
	for (uint32_t i = 0; i < runs; i++) {
		struct nsc_run *run = &merge->run[i];

		if (run->next == run->end) {
			status = run_refill(merge, run, error);
			if (status)
				return status;
		}
		if (run->next != run->end)
			merge->top[merge->n++] = (struct nsc_run_top){ run->next->first_seen_ns, run };
	}
	for (uint32_t i = merge->n / 2; i-- > 0;)
		run_heap_down(NULL, merge->top, merge->n, i);
	set_limit(merge);
	merge->started = false;
	return 0;
}

/* Puts the run on top where its next record belongs, or takes it out when it has none. */
static int run_reorder(struct nsc_run_merge *merge, struct nsc_error *error)
{
	struct nsc_run *run = merge->top[0].run;
	int status = run->next == run->end ? run_refill(merge, run, error) : 0;

	if (status)
		return status;
	if (run->next != run->end) {
		merge->top[0].key = run->next->first_seen_ns;
		/* With many runs that overlap, no hardware follows them all: its turn comes again many records later.
		 */
		nsc_prefetch(run->next + 1);
		nsc_prefetch((const char *)(run->next + 2) - 1);
	} else {
		merge->top[0] = merge->top[--merge->n];
	}
	if (merge->n)
		run_heap_down(NULL, merge->top, merge->n, 0);
	set_limit(merge);
	return 0;
}

/* *record is the next one, or NULL at the end. */
nsc_always_inline int run_merge_step(struct nsc_run_merge *merge, const struct nsc_flow_record **record,
				     struct nsc_error *error)
{
	struct nsc_run *run;
	int status;

	if (nsc_likely(merge->started && merge->n)) {
		run = merge->top[0].run;
		run->next++;
		if (nsc_unlikely(run->next == run->end || run->next->first_seen_ns >= merge->limit)) {
			status = run_reorder(merge, error);
			if (status)
				return status;
		}
	}
	merge->started = true;
	*record = merge->n ? merge->top[0].run->next : NULL;
	return 0;
}

/* The next step reads into the window from which records were handed out. */
nsc_always_inline bool run_merge_refills(const struct nsc_run_merge *merge)
{
	const struct nsc_run *run = merge->top[0].run;

	return run->window && run->next + 1 == run->end;
}

int nsc_run_merge_next(struct nsc_run_merge *merge, const struct nsc_flow_record **record, uint32_t max, uint32_t *n,
		       struct nsc_error *error)
{
	for (*n = 0; *n < max && (!*n || !run_merge_refills(merge)); ++*n) {
		int status = run_merge_step(merge, &record[*n], error);

		if (status || !record[*n])
			return status;
	}
	return 0;
}
