/* SPDX-License-Identifier: MIT
 *
 * What is said about packet times that jumped.
 */
#include "engine/text/number.h"
#include "engine/text/time.h"
#include "netscope/summary.h"

static char *put_span(char *at, const char *before, uint64_t first_ns, const char *between, uint64_t second_ns)
{
	at = nsc_format_date(nsc_format_text(at, before), first_ns);
	at = nsc_format_date(nsc_format_text(at, between), second_ns);
	*at = '\0';
	return at;
}

void nsc_steady_step_text(char text[NSC_STEADY_TEXT], const struct nsc_steady_step *step)
{
	bool back = (int64_t)(step->to_ns - step->from_ns) < 0;

	put_span(text, back ? "packet times jumped back from " : "packet times jumped ahead from ", step->from_ns,
		 " to ", step->to_ns);
}

void nsc_steady_outlier_text(char text[NSC_STEADY_TEXT], const struct nsc_steady_step *first)
{
	put_span(text, "a time that jumped away from its neighbours': ", first->to_ns, " among packets of ",
		 first->from_ns);
}
