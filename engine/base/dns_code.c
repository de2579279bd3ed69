/* SPDX-License-Identifier: MIT */
#include "netscope/dns.h"

static const char *const code_names[NSC_DNS_CODE_COUNT] = {
#define NSC_X(number, name) [number] = (name),
	NSC_DNS_CODES(NSC_X)
#undef NSC_X
		[12] = "code_12",
	[13] = "code_13",
	[14] = "code_14",
	[15] = "code_15",
};

const char *nsc_dns_code_name(unsigned code)
{
	return code < NSC_DNS_CODE_COUNT ? code_names[code] : "?";
}
