/* SPDX-License-Identifier: MIT
 *
 * From the JSON of a run's summary to numbers. The program that wrote it may be another one: every member may be
 * missing or of another type.
 */
#include "tools/bench/measure.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static const cJSON *account_member(const cJSON *object, const char *name)
{
	return cJSON_GetObjectItemCaseSensitive(object, name);
}

static double account_number(const cJSON *object, const char *name)
{
	const cJSON *item = account_member(object, name);

	return cJSON_IsNumber(item) && isfinite(item->valuedouble) && item->valuedouble >= 0 ? item->valuedouble : NAN;
}

/* Stages that took nothing are left out. */
static void account_stages(struct nsc_bench_account *account, const cJSON *cycles)
{
	const cJSON *stage;

	cJSON_ArrayForEach(stage, cycles)
	{
		double value = account_number(cycles, stage->string);

		if (!strcmp(stage->string, "total")) {
			account->cycles = value;
			continue;
		}
		if (!(value > 0) || account->n_stages == NSC_BENCH_STAGES)
			continue;
		snprintf(account->stage[account->n_stages].name, sizeof(account->stage[0].name), "%s", stage->string);
		account->stage[account->n_stages++].cycles = value;
	}
}

int nsc_bench_account_read(struct nsc_bench_account *account, const char *text, size_t length, struct nsc_error *error)
{
	cJSON *root = cJSON_ParseWithLength(text, length);
	const cJSON *counters = account_member(root, "counters"), *rounds = account_member(root, "round_ns");

	*account = (struct nsc_bench_account){ .cycles = NAN };
	if (!cJSON_IsObject(root) || !cJSON_IsObject(counters)) {
		cJSON_Delete(root);
		return nsc_fail(error, -EINVAL, "the summary of the run is not the JSON of --summary-json");
	}
	account->packets = account_number(counters, "rx_received");
	account->flows = account_number(counters, "flow_created");
	account->elapsed_ns = account_number(root, "elapsed_secs") * 1e9;
	account->tsc_hz = account_number(root, "tsc_hz");
	account->waited = account_number(account_member(root, "waited_per_packet"), "total");
	account_stages(account, account_member(root, "cycles_per_packet"));
	account->p50_ns = account_number(rounds, "p50");
	account->p99_ns = account_number(rounds, "p99");
	account->p9999_ns = account_number(rounds, "p99_99");
	account->max_ns = account_number(rounds, "max");
	account->flow_bytes = account_number(account_member(root, "memory_budget"), "flow_bytes_each");
	account->balanced = cJSON_IsTrue(account_member(account_member(root, "ledger"), "balanced"));
	cJSON_Delete(root);
	return 0;
}
