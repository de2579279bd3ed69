/* SPDX-License-Identifier: MIT
 *
 * A profile without the kernel, and samples that are put into it.
 */
#ifndef TESTS_PROFILE_MADE_H
#define TESTS_PROFILE_MADE_H

#include <unistd.h>

#include "engine/base/profile_parts.h"
#include "tests/unit/engine/check_main.h"

enum { MADE_SAMPLES = 1024, MADE_HZ = 100 };

static __attribute__((noipa)) int made_main(int x)
{
	return x * 3 + 1;
}

static __attribute__((noipa)) int made_stage(int x)
{
	return x * 5 + 2;
}

static __attribute__((noipa)) int made_leaf(int x)
{
	return x * 7 + 3;
}

static inline struct nsc_profile *made_open(void)
{
	const struct nsc_profile_options options = { .hz = MADE_HZ, .samples = MADE_SAMPLES };
	struct nsc_profile *profile;

	ck_assert_int_eq(nsc_profile_new(&profile, &options, NULL), 0);
	return profile;
}

/* made_main called made_stage, which (deep) called made_leaf. `thread`: 0 is control. */
static inline void made_put(struct nsc_profile *profile, uint32_t thread, uint32_t core, uint64_t ns, bool deep,
			    bool in_kernel)
{
	struct nsc_profile_sample sample = {
		.pid = (uint32_t)getpid(),
		.tid = (uint32_t)getpid() + thread,
		.core = core,
		.in_kernel = in_kernel,
		.time_ns = profile->began_monotonic_ns + ns,
	};

	if (deep)
		sample.address[sample.n++] = (uint64_t)(uintptr_t)made_leaf;
	sample.address[sample.n++] = (uint64_t)(uintptr_t)made_stage + 1;
	sample.address[sample.n++] = (uint64_t)(uintptr_t)made_main + 1;
	nsc_profile_put(profile, &sample);
}

static inline void made_name(struct nsc_profile *profile, uint32_t thread, const char *name)
{
	nsc_profile_put_name(profile, (uint32_t)getpid(), (uint32_t)getpid() + thread, name);
}

static inline void made_report(struct nsc_profile_report *report, struct nsc_profile *profile, bool together)
{
	const struct nsc_profile_choice all = { .to_ns = UINT64_MAX, .thread = -1, .core = -1, .together = together };

	ck_assert_int_eq(nsc_profile_report_open(report, profile, &all, NULL), 0);
}

#endif
