/* SPDX-License-Identifier: MIT
 *
 * A list that ends where its places do.
 */
#include "tools/netscope/problems.h"

#include <string.h>

int nsc_problems_add(struct nsc_problems *problems, int status, const struct nsc_error *error)
{
	if (!status)
		return 0;
	for (uint32_t i = 0; i < problems->n; i++)
		if (!strcmp(problems->said[i].text, error->text))
			return status;
	if (problems->n < NSC_PROBLEMS_KEPT)
		problems->said[problems->n++] = *error;
	else
		problems->more++;
	return status;
}
