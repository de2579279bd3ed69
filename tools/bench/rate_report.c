/* SPDX-License-Identifier: MIT
 *
 * What the trials found: a line for each case, and everything as JSON.
 */
#include "tools/bench/rate.h"

#include "engine/text/number.h"
#include "tools/netscope/options.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { LOSS_TEXT = 192 };

struct rate_text {
	char text[NSC_FORMAT_GROUPED_MAX + 1];
};

static struct rate_text rate_grouped(double value)
{
	struct rate_text g;

	*nsc_format_grouped(g.text, (uint64_t)(value + 0.5)) = '\0';
	return g;
}

/* --- for eyes --------------------------------------------------------------------------------- */

static void rate_print_list(FILE *out, const char *what, const uint64_t *number, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		fprintf(out, "%s%s", i ? ", " : "", rate_grouped((double)number[i]).text);
	fputs(what, out);
}

void nsc_rate_print_setup(FILE *out, const struct nsc_rate_setup *setup)
{
	unsigned cases = setup->n_backends * setup->n_frames * setup->n_flows;
	double most_s = cases * NSC_RATE_TRIALS * setup->trial_s;
	uint64_t frames[NSC_RATE_FRAMES];
	char cores[128];

	for (uint32_t i = 0; i < setup->n_frames; i++)
		frames[i] = setup->frame[i];
	nsc_cores_print(&setup->cores, CPU_SETSIZE, cores, sizeof(cores));
	fprintf(out, "sending on %s, capturing on %s: UDP in frames of ", setup->sender, setup->receiver);
	rate_print_list(out, " bytes, ", frames, setup->n_frames);
	rate_print_list(out, " flows\n", setup->flows, setup->n_flows);
	fprintf(out, "trials of %g s, as fast as the sender goes at first; at most %.0f s of sending in all\n",
		setup->trial_s, most_s);
	if (setup->core >= 0)
		fprintf(out, "cores: sender %d, receiver %s\n", setup->core, cores);
	else
		fprintf(out, "cores: sender and receiver share %s, and each takes the other's time\n", cores);
	fprintf(out, "\n%-8s %6s %10s %13s %9s %8s %7s  %s\n", "backend", "frame", "flows", "frames/s", "Mbit/s",
		"spread", "trials", "what ends it");
	fflush(out);
}

static double place_share(const struct nsc_rate_outcome *loss, uint64_t lost)
{
	return 100.0 * (double)lost / (double)loss->sent.frames;
}

static const char *loss_text(char text[LOSS_TEXT], const struct nsc_rate_outcome *loss)
{
	size_t used = 0;

	text[0] = '\0';
	if (loss->behind)
		snprintf(text, LOSS_TEXT, "the receiver fell behind: half of its packets had waited for %.0f ms",
			 (double)loss->age_ns / 1e6);
	for (unsigned i = 0; i < loss->n_places && !loss->behind && used < LOSS_TEXT; i++)
		used += (size_t)snprintf(text + used, LOSS_TEXT - used, "%s%s %.2g %%", used ? ", " : "",
					 loss->place[i].name, place_share(loss, loss->place[i].lost));
	return text;
}

static void print_end(FILE *out, const struct nsc_rate_case *one)
{
	const struct nsc_rate_search *s = &one->search;
	char text[LOSS_TEXT];

	switch (s->end) {
	case NSC_RATE_OF_SENDER:
		fprintf(out, "the sender: it reached %s at most\n", rate_grouped(s->sender).text);
		break;
	case NSC_RATE_FOUND:
	case NSC_RATE_NONE:
		fprintf(out, "at %s: %s\n", rate_grouped(one->loss.sent.rate).text, loss_text(text, &one->loss));
		break;
	default:
		fprintf(out, "undecided: of %u trials %u lost something, and %u were disturbed\n", s->trials,
			s->lossy_trials, s->disturbed_trials);
	}
}

void nsc_rate_print(FILE *out, const struct nsc_rate_case *one)
{
	struct nsc_rate_found found;
	char spread[16] = "-";

	nsc_rate_search_found(&one->search, &found);
	if (found.clean)
		snprintf(spread, sizeof(spread), "%.1f %%", 100 * (found.most - found.least) / found.median);
	fprintf(out, "%-8s %6u %10s %13s %9.0f %8s %7u  ", one->backend, one->frame,
		rate_grouped((double)one->flows).text, rate_grouped(found.median).text,
		found.median * one->frame * 8 / 1e6, spread, one->search.trials);
	print_end(out, one);
	fflush(out);
}

void nsc_rate_print_trial(FILE *out, const struct nsc_rate_once *once)
{
	const struct nsc_rate_outcome *o = &once->outcome;
	char text[LOSS_TEXT];

	fprintf(out, "  %13s frames/s asked for, %13s reached, %s lost%s%s\n",
		isfinite(once->asked) ? rate_grouped(once->asked).text : "all", rate_grouped(o->sent.rate).text,
		rate_grouped((double)o->lost).text, o->n_places || o->behind ? ": " : "", loss_text(text, o));
}

/* --- JSON ------------------------------------------------------------------------------------- */

static const char *const rate_ends[] = {
	[NSC_RATE_GO_ON] = "undecided", [NSC_RATE_FOUND] = "loss",          [NSC_RATE_OF_SENDER] = "sender",
	[NSC_RATE_NONE] = "always",     [NSC_RATE_UNDECIDED] = "undecided",
};

/* What is not finite, and what was not found, is null. */
static void json_rate(cJSON *object, const char *name, double value)
{
	if (isfinite(value) && value > 0)
		cJSON_AddNumberToObject(object, name, value);
	else
		cJSON_AddNullToObject(object, name);
}

void nsc_rate_json_setup(cJSON *root, const struct nsc_rate_setup *setup)
{
	cJSON *link = cJSON_AddObjectToObject(root, "link");
	char cores[128];

	nsc_cores_print(&setup->cores, CPU_SETSIZE, cores, sizeof(cores));
	cJSON_AddStringToObject(link, "sender", setup->sender);
	cJSON_AddStringToObject(link, "receiver", setup->receiver);
	cJSON_AddStringToObject(link, "receiver_cores", cores);
	if (setup->core >= 0)
		cJSON_AddNumberToObject(link, "sender_core", setup->core);
	else
		cJSON_AddNullToObject(link, "sender_core");
	json_rate(link, "workers", setup->workers);
	cJSON_AddNumberToObject(link, "trial_s", setup->trial_s);
	cJSON_AddNumberToObject(link, "repeats", setup->repeats);
	cJSON_AddArrayToObject(link, "cases");
}

static cJSON *json_trial(const struct nsc_rate_once *once)
{
	const struct nsc_rate_outcome *o = &once->outcome;
	cJSON *trial = cJSON_CreateObject(), *places;

	json_rate(trial, "asked_per_second", once->asked);
	json_rate(trial, "reached_per_second", o->sent.rate);
	cJSON_AddNumberToObject(trial, "seconds", o->sent.seconds);
	cJSON_AddNumberToObject(trial, "sent", (double)o->sent.frames);
	cJSON_AddNumberToObject(trial, "sent_bytes", (double)o->sent.bytes);
	cJSON_AddNumberToObject(trial, "no_room", (double)o->sent.no_room);
	cJSON_AddNumberToObject(trial, "refused", (double)o->sent.refused);
	cJSON_AddNumberToObject(trial, "received", (double)o->received);
	cJSON_AddNumberToObject(trial, "lost", (double)o->lost);
	cJSON_AddBoolToObject(trial, "behind", o->behind);
	cJSON_AddNumberToObject(trial, "age_p50_ns", (double)o->age_ns);
	places = cJSON_AddArrayToObject(trial, "places");
	for (unsigned i = 0; i < o->n_places; i++) {
		cJSON *place = cJSON_CreateObject();

		cJSON_AddStringToObject(place, "place", o->place[i].name);
		cJSON_AddNumberToObject(place, "lost", (double)o->place[i].lost);
		cJSON_AddBoolToObject(place, "apart", o->place[i].apart);
		cJSON_AddItemToArray(places, place);
	}
	return trial;
}

void nsc_rate_json_add(cJSON *root, const struct nsc_rate_case *one)
{
	cJSON *cases = cJSON_GetObjectItemCaseSensitive(cJSON_GetObjectItemCaseSensitive(root, "link"), "cases");
	cJSON *row = cJSON_CreateObject(), *trials;
	const struct nsc_rate_search *s = &one->search;
	struct nsc_rate_found found;

	nsc_rate_search_found(s, &found);
	cJSON_AddStringToObject(row, "backend", one->backend);
	cJSON_AddNumberToObject(row, "frame_bytes", one->frame);
	cJSON_AddNumberToObject(row, "flows", (double)one->flows);
	cJSON_AddStringToObject(row, "limit", rate_ends[s->end]);
	json_rate(row, "frames_per_second", found.median);
	json_rate(row, "least_per_second", found.least);
	json_rate(row, "most_per_second", found.most);
	json_rate(row, "lost_at_per_second", s->high);
	json_rate(row, "sender_per_second", s->sender);
	cJSON_AddNumberToObject(row, "disturbed_trials", s->disturbed_trials);
	trials = cJSON_AddArrayToObject(row, "trials");
	for (unsigned i = 0; i < one->n; i++)
		cJSON_AddItemToArray(trials, json_trial(&one->trial[i]));
	cJSON_AddItemToArray(cases, row);
}
