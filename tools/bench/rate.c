/* SPDX-License-Identifier: MIT
 *
 * See rate.h: the cases, one after the other, and in each the trials that its search asks for.
 */
#include "tools/bench/rate.h"

#include "netscope/clock.h"
#include "tools/bench/bench.h"
#include "tools/netscope/options.h"
#include "tools/send/guard.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RESOLUTION 0.02
#define LOWEST 100.0         /* frames per second */
#define BEHIND_LEAST_NS 30e6 /* a block waits for its timer, and a worker for its core */

static volatile sig_atomic_t rate_stop;

static void rate_on_signal(int signum)
{
	rate_stop = signum;
}

/* --- what the settings say -------------------------------------------------------------------- */

static int setup_number(const char *option, const char *word, size_t length, uint64_t least, uint64_t most,
			uint64_t *number, struct nsc_error *error)
{
	char *end;

	errno = 0;
	*number = strtoull(word, &end, 10);
	if (word[0] >= '0' && word[0] <= '9' && end == word + length && !errno && *number >= least && *number <= most)
		return 0;
	return nsc_fail(error, -EINVAL, "--%s: wanted numbers from %llu to %llu with commas between them, found '%.*s'",
			option, (unsigned long long)least, (unsigned long long)most, (int)NSC_MIN(length, (size_t)40),
			word);
}

/* "64,512" into at most `room` numbers. */
static int setup_list(const char *option, const char *list, uint64_t least, uint64_t most, uint64_t *numbers,
		      uint32_t room, uint32_t *n, struct nsc_error *error)
{
	for (*n = 0; *list; list += *list == ',') {
		size_t length = strcspn(list, ",");

		if (*n == room)
			return nsc_fail(error, -EINVAL, "--%s: wanted at most %u numbers", option, room);
		if (setup_number(option, list, length, least, most, &numbers[(*n)++], error))
			return -EINVAL;
		list += length;
	}
	return 0;
}

static void setup_backends(struct nsc_rate_setup *setup, unsigned backend)
{
	setup->n_backends = 0;
	if (backend == NSC_BACKEND_AUTO || backend == NSC_BACKEND_TPACKET)
		setup->backend[setup->n_backends++] = "tpacket";
	if (backend == NSC_BACKEND_AUTO || backend == NSC_BACKEND_PCAP)
		setup->backend[setup->n_backends++] = "pcap";
}

/* The sender has a core that the receiver does not use, if there are two. */
static void setup_cores(struct nsc_rate_setup *setup, const struct nsc_settings *settings)
{
	cpu_set_t usable;

	CPU_ZERO(&usable);
	sched_getaffinity(0, sizeof(usable), &usable);
	setup->core = settings->send_core.n ? settings->send_core.core[0] : -1;
	setup->cores = usable;
	if (settings->cores.n)
		CPU_ZERO(&setup->cores);
	for (uint32_t i = 0; i < settings->cores.n; i++)
		CPU_SET((unsigned)settings->cores.core[i], &setup->cores);
	for (int core = CPU_SETSIZE - 1; core >= 0 && setup->core < 0; core--)
		if (CPU_ISSET((unsigned)core, &usable) &&
		    (settings->cores.n ? !CPU_ISSET((unsigned)core, &setup->cores) : CPU_COUNT(&usable) > 1))
			setup->core = core;
	if (setup->core >= 0 && !settings->cores.n && CPU_COUNT(&usable) > 1)
		CPU_CLR((unsigned)setup->core, &setup->cores);
}

int nsc_rate_setup(struct nsc_rate_setup *setup, const struct nsc_settings *settings, struct nsc_error *error)
{
	uint64_t frames[NSC_RATE_FRAMES];
	int status;

	*setup = (struct nsc_rate_setup){
		.sender = settings->send,
		.receiver = settings->interface,
		.workers = settings->workers,
		.trial_s = settings->trial_s,
		.until_s = settings->seconds,
		.repeats = settings->repeats,
		.anyway = settings->send_anyway,
	};
	status = setup_list("frame-sizes", settings->frame_sizes, NSC_RATE_FRAME_MIN, NSC_RATE_FRAME_MAX, frames,
			    NSC_RATE_FRAMES, &setup->n_frames, error);
	if (!status)
		status = setup_list("flow-counts", settings->flow_counts, 1, NSC_RATE_FLOWS_MAX, setup->flows,
				    NSC_RATE_FLOWS, &setup->n_flows, error);
	if (status)
		return status;
	if (!setup->n_frames || !setup->n_flows)
		return nsc_fail(error, -EINVAL, "--%s is empty: nothing would be sent",
				setup->n_frames ? "flow-counts" : "frame-sizes");
	for (uint32_t i = 0; i < setup->n_frames; i++)
		setup->frame[i] = (uint32_t)frames[i];
	setup_backends(setup, settings->backend);
	if (!setup->n_backends)
		return nsc_fail(error, -EINVAL, "--send measures live capture: --backend is auto, tpacket or pcap");
	setup_cores(setup, settings);
	return 0;
}

/* --- a case ----------------------------------------------------------------------------------- */

struct rate {
	const struct nsc_rate_setup *setup;
	struct nsc_rate_receiver receiver;
	char folder[64];
	uint64_t end_ns;
	bool tells; /* each trial, on standard error */
};

static void case_keep(struct nsc_rate_case *one, const struct nsc_rate_outcome *outcome)
{
	one->trial[one->n++] = (struct nsc_rate_once){ .asked = one->search.asked, .outcome = *outcome };
	if (!outcome->lost && !outcome->behind)
		return;
	if (!one->has_loss || outcome->sent.rate < one->loss.sent.rate)
		one->loss = *outcome;
	one->has_loss = true;
}

static int case_try(struct nsc_rate_case *one, struct rate *rate, struct nsc_rate_sender *sender,
		    struct nsc_error *error)
{
	const struct nsc_rate_setup *setup = rate->setup;
	struct nsc_rate_plan plan = {
		.rate = one->search.asked,
		.seconds = setup->trial_s,
		.behind_ns = BEHIND_LEAST_NS + setup->trial_s * 1e9 * RESOLUTION / 2,
		.core = setup->core,
	};
	struct nsc_rate_outcome outcome;
	struct nsc_rate_trial trial;
	int status = nsc_rate_trial_run(&outcome, sender, &rate->receiver, &plan, &rate_stop, error);

	if (status)
		return status;
	case_keep(one, &outcome);
	if (rate->tells)
		nsc_rate_print_trial(stderr, &one->trial[one->n - 1]);
	trial = (struct nsc_rate_trial){ .reached = outcome.sent.rate, .lossy = outcome.lost || outcome.behind };
	nsc_rate_search_take(&one->search, &trial);
	return 0;
}

static int case_run(struct nsc_rate_case *one, struct rate *rate, struct nsc_error *error)
{
	const struct nsc_rate_rules rules = {
		.resolution = RESOLUTION,
		.lowest = LOWEST,
		.repeats = rate->setup->repeats,
		.forgiven = 1,
		.trials_max = NSC_RATE_TRIALS,
	};
	struct nsc_rate_sender *sender;
	int status = nsc_rate_sender_open(&sender, rate->setup->sender, one->frame, one->flows, error);

	rate->receiver.backend = one->backend;
	nsc_rate_search_begin(&one->search, &rules);
	while (!status && one->search.end == NSC_RATE_GO_ON) {
		status = case_try(one, rate, sender, error);
		if (!status && one->search.end == NSC_RATE_GO_ON && nsc_monotonic_ns() > rate->end_ns)
			one->search.end = NSC_RATE_UNDECIDED;
	}
	nsc_rate_sender_close(sender);
	return status;
}

/* --- all of them ------------------------------------------------------------------------------ */

static int rate_open(struct rate *rate, const struct nsc_rate_setup *setup, struct nsc_error *error)
{
	const char *temporary = getenv("TMPDIR");

	*rate = (struct rate){ .setup = setup, .end_ns = UINT64_MAX, .tells = isatty(STDERR_FILENO) };
	if (setup->until_s > 0)
		rate->end_ns = nsc_monotonic_ns() + (uint64_t)(setup->until_s * 1e9);
	if (!temporary || temporary[0] != '/' || strlen(temporary) > 32)
		temporary = "/tmp";
	snprintf(rate->folder, sizeof(rate->folder), "%s/netscope-bench-XXXXXX", temporary);
	if (!mkdtemp(rate->folder))
		return nsc_fail(error, -errno, "no folder %s for the receiver: %s", rate->folder, strerror(errno));
	rate->receiver = (struct nsc_rate_receiver){
		.program = "/proc/self/exe",
		.interface = setup->receiver,
		.workers = setup->workers,
		.cores = &setup->cores,
		.folder = rate->folder,
	};
	return 0;
}

static void rate_close(const struct rate *rate)
{
	static const char *const names[] = { "receiver.log", "summary.json" };
	char path[128];

	for (size_t i = 0; i < NSC_ARRAY_LEN(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", rate->folder, names[i]);
		unlink(path);
	}
	rmdir(rate->folder);
}

static int rate_all(struct rate *rate, FILE *out, cJSON *root, struct nsc_error *error)
{
	const struct nsc_rate_setup *setup = rate->setup;
	unsigned cases = setup->n_backends * setup->n_frames * setup->n_flows;
	struct nsc_rate_case *one = malloc(sizeof(*one));
	bool decided = true;
	int status = one ? 0 : nsc_fail(error, -ENOMEM, "no memory for the trials");

	for (unsigned i = 0; i < cases && !status; i++) {
		*one = (struct nsc_rate_case){
			.backend = setup->backend[i / (setup->n_frames * setup->n_flows)],
			.frame = setup->frame[i / setup->n_flows % setup->n_frames],
			.flows = setup->flows[i % setup->n_flows],
		};
		status = case_run(one, rate, error);
		if (status)
			break;
		decided &= one->search.end != NSC_RATE_UNDECIDED;
		nsc_rate_json_add(root, one);
		if (out)
			nsc_rate_print(out, one);
	}
	free(one);
	return status ? status : decided ? NSC_BENCH_OK : NSC_BENCH_UNDECIDED;
}

int nsc_rate_check(const struct nsc_rate_setup *setup, struct nsc_error *error)
{
	int status;

	if (!strcmp(setup->sender, setup->receiver))
		return nsc_fail(error, -EINVAL, "%s cannot be both ends: name the interface at the other one",
				setup->sender);
	status = nsc_send_guard_link(setup->sender, error);
	if (!status)
		status = nsc_send_guard_link(setup->receiver, error);
	if (!status && !setup->anyway)
		status = nsc_send_guard_check(setup->sender, error);
	for (uint32_t i = 0; i < setup->n_frames && !status; i++) {
		struct nsc_rate_sender *sender;

		status = nsc_rate_sender_open(&sender, setup->sender, setup->frame[i], 1, error);
		nsc_rate_sender_close(sender);
	}
	return status;
}

static int rate_measure(const struct nsc_rate_setup *setup, FILE *out, cJSON *root, struct nsc_error *error)
{
	struct rate rate;
	int status = rate_open(&rate, setup, error);

	if (status)
		return status;
	if (out)
		nsc_rate_print_setup(out, setup);
	nsc_rate_json_setup(root, setup);
	status = rate_all(&rate, out, root, error);
	rate_close(&rate);
	if (status == -EINTR)
		nsc_fail(error, -EINTR, "ended by a signal before everything was measured");
	return status;
}

int nsc_rate_run(const struct nsc_rate_setup *setup, FILE *out, cJSON *root, struct nsc_error *error)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction action = { .sa_handler = rate_on_signal }, before[NSC_ARRAY_LEN(signals)];
	int status;

	rate_stop = 0;
	for (size_t i = 0; i < NSC_ARRAY_LEN(signals); i++)
		sigaction(signals[i], &action, &before[i]);
	status = rate_measure(setup, out, root, error);
	for (size_t i = 0; i < NSC_ARRAY_LEN(signals); i++)
		sigaction(signals[i], &before[i], NULL);
	return status;
}
