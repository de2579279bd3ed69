/* SPDX-License-Identifier: MIT */
#include "netscope/usdt.h"

#if NSC_USDT_BUILT
/* Where sys/sdt.h says that semaphores are. Kept by the linker and by LTO: only assembly and notes name them. */
#ifdef __clang__
#define KEPT used
#else
#define KEPT used, externally_visible
#endif
#define NSC_X(name, ...)                                                                                               \
	unsigned short netscope_##name##_semaphore __attribute__((KEPT, visibility("hidden"), section(".probes")));
NSC_USDT_PROBES(NSC_X)
#undef NSC_X
#endif

const struct nsc_usdt_info nsc_usdt_table[NSC_USDT_COUNT] = {
#define NSC_X(id, text, ...) [NSC_USDT_##id] = { .name = #id, .when = text, .arg = { __VA_ARGS__ } },
	NSC_USDT_PROBES(NSC_X)
#undef NSC_X
};

const char *nsc_usdt_text(const char *text)
{
	const volatile char *at = text;

	while (*at)
		at++;
	return text;
}
