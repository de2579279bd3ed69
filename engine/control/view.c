/* SPDX-License-Identifier: MIT
 *
 * The only user of liburcu. ThreadSanitizer does not see its barriers (membarrier, assembly), so each pair is named
 * to it here: publish releases and copy acquires through the pointer itself; the end of a read releases, and the
 * publisher acquires after the grace period, through `read_side`. Without these names every reuse of a view would be
 * reported; with them a view that is written while it can still be read still is.
 */
#ifdef __SANITIZE_THREAD__
#undef _LGPL_SOURCE /* the library's own read side, not inlined: what it does to its own words is not ours to judge */
#endif
#include "engine/control/view.h"

#include <errno.h>
#include <string.h>
#include <urcu/urcu-memb.h>

#include "engine/base/assert.h"

#ifdef __SANITIZE_THREAD__
#include <sanitizer/tsan_interface.h>
static char read_side;
#define reads_end() __tsan_release(&read_side)
#define grace_period_ends() __tsan_acquire(&read_side)
#else
#define reads_end() ((void)0)
#define grace_period_ends() ((void)0)
#endif

static __thread unsigned registrations;

size_t nsc_view_bytes(uint32_t workers)
{
	return sizeof(struct nsc_view) + workers * sizeof(struct nsc_view_worker);
}

int nsc_views_open(struct nsc_views *views, struct nsc_arena *arena, uint32_t workers, struct nsc_error *error)
{
	*views = (struct nsc_views){ .bytes = nsc_view_bytes(workers), .clean = NSC_VIEWS };
	for (unsigned i = 0; i < NSC_VIEWS; i++) {
		views->view[i] = nsc_arena_alloc(arena, views->bytes);
		if (!views->view[i])
			return nsc_fail(error, -ENOMEM, "no memory for a view of %zu bytes", views->bytes);
		nsc_arena_populate(views->view[i], views->bytes);
	}
	return 0;
}

/* After the grace period every view but the current one is free. */
struct nsc_view *nsc_views_begin(struct nsc_views *views)
{
	if (!views->clean) {
		urcu_memb_synchronize_rcu();
		grace_period_ends();
		views->clean = NSC_VIEWS - 1;
	}
	return views->view[views->next];
}

void nsc_views_publish(struct nsc_views *views, struct nsc_view *view)
{
	nsc_assert(views->clean && view == views->view[views->next], "a view is published once, after it was begun");
	__atomic_store_n(&views->current, view, __ATOMIC_RELEASE);
	views->next = (views->next + 1) % NSC_VIEWS;
	views->clean--;
}

/* Acquire instead of a dependent load: the same instruction on x86, and ThreadSanitizer understands it. */
bool nsc_views_copy(const struct nsc_views *views, struct nsc_view *copy)
{
	const struct nsc_view *view;

	urcu_memb_read_lock();
	view = __atomic_load_n(&views->current, __ATOMIC_ACQUIRE);
	if (view)
		memcpy(copy, view, views->bytes);
	reads_end();
	urcu_memb_read_unlock();
	return view;
}

void nsc_engine_reader_register(void)
{
	if (!registrations++)
		urcu_memb_register_thread();
}

void nsc_engine_reader_leave(void)
{
	nsc_assert(registrations, "a thread that leaves has registered");
	if (!--registrations)
		urcu_memb_unregister_thread();
}
