/* SPDX-License-Identifier: MIT
 *
 * See rate_trial.h.
 */
#include "tools/bench/rate_trial.h"

#include "netscope/clock.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	START_PATIENCE_S = 30,
	END_PATIENCE_S = 60,
	SETTLE_NS = 50 * 1000 * 1000, /* for what is under way when the last frame was sent */
	LOOK_NS = 2 * 1000 * 1000,
	TEXT_MAX = 4 << 20,
};

struct trial_child {
	pid_t pid; /* 0: there is none any more */
	int status;
	char log[PATH_MAX], summary[PATH_MAX];
};

/* The whole file, to be freed; NULL when it cannot be read or is empty. */
static char *trial_read_file(const char *path)
{
	FILE *file = fopen(path, "re");
	char *text = file ? malloc(TEXT_MAX) : NULL;
	size_t n = text ? fread(text, 1, TEXT_MAX - 1, file) : 0;

	if (file)
		fclose(file);
	if (n)
		text[n] = '\0';
	else
		free(text);
	return n ? text : NULL;
}

static void trial_sleep(long ns)
{
	nanosleep(&(struct timespec){ .tv_nsec = ns }, NULL);
}

/* --- the receiver ------------------------------------------------------------------------------ */

/* With `--sandbox-off user` it stays root, for the kernel tells of a parent's death only who keeps its user. It has no
 * capability all the same, and is confined. By default libpcap holds packets back for 100 ms, which looks as if the
 * receiver fell behind: here it has the timer of a ring. */
static void child_exec(const struct trial_child *child, const struct nsc_rate_receiver *r, pid_t parent)
{
	bool pcap = !strcmp(r->backend, "pcap");
	char workers[16];
	const char *argv[] = { r->program,
			       "-i",
			       r->interface,
			       "--backend",
			       r->backend,
			       pcap ? "--timeout-ms" : "--latency",
			       pcap ? "8" : "balanced",
			       "-f",
			       NSC_RATE_FILTER,
			       "--quiet",
			       "--no-progress",
			       "-v",
			       "--sandbox-off",
			       "user",
			       "--summary-json",
			       child->summary,
			       "--workers",
			       workers,
			       NULL };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int log = open(child->log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	snprintf(workers, sizeof(workers), "%u", r->workers);
	if (!r->workers)
		argv[NSC_ARRAY_LEN(argv) - 3] = NULL;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	setpgid(0, 0); /* Ctrl-C is for the one who asked */
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	dup2(log, STDERR_FILENO);
	if (r->cores)
		sched_setaffinity(0, sizeof(*r->cores), r->cores);
	execv(r->program, (char *const *)argv);
	dprintf(STDERR_FILENO, "%s cannot be run: %s\n", r->program, strerror(errno));
	_exit(127);
}

static int child_start(struct trial_child *child, const struct nsc_rate_receiver *r, struct nsc_error *error)
{
	pid_t parent = getpid();

	snprintf(child->log, sizeof(child->log), "%s/receiver.log", r->folder);
	snprintf(child->summary, sizeof(child->summary), "%s/summary.json", r->folder);
	unlink(child->log);
	unlink(child->summary);
	child->status = 0;
	child->pid = fork();
	if (!child->pid)
		child_exec(child, r, parent);
	return child->pid > 0 ? 0 : nsc_fail(error, -errno, "no process for the receiver: %s", strerror(errno));
}

/* Whether it has ended by itself. */
static bool child_is_over(struct trial_child *child)
{
	if (child->pid > 0 && waitpid(child->pid, &child->status, WNOHANG) == child->pid)
		child->pid = 0;
	return child->pid <= 0;
}

static void child_kill(struct trial_child *child)
{
	if (child->pid <= 0)
		return;
	kill(child->pid, SIGKILL);
	waitpid(child->pid, &child->status, 0);
	child->pid = 0;
}

/* The last thing that it said becomes the reason. */
static int child_fail(const struct trial_child *child, const char *what, struct nsc_error *error)
{
	static const char name[] = "netscope: ";
	char *said = trial_read_file(child->log), *line = said;
	int status = WIFSIGNALED(child->status) ? 128 + WTERMSIG(child->status) : WEXITSTATUS(child->status);

	while (line && line[0] && line[strlen(line) - 1] == '\n')
		line[strlen(line) - 1] = '\0';
	if (line && strrchr(line, '\n'))
		line = strrchr(line, '\n') + 1;
	if (line && !strncmp(line, name, sizeof(name) - 1))
		line += sizeof(name) - 1;
	nsc_fail(error, -EIO, "the receiver %s (status %d): %.400s", what, status, line ? line : "it said nothing");
	free(said);
	return -EIO;
}

static bool child_is_ready(const struct trial_child *child)
{
	char *said = trial_read_file(child->log);
	bool ready = said && strstr(said, "netscope: capturing on ");

	free(said);
	return ready;
}

static int child_wait_ready(struct trial_child *child, const volatile sig_atomic_t *stop, struct nsc_error *error)
{
	uint64_t end = nsc_monotonic_ns() + START_PATIENCE_S * NSC_NS_PER_SEC;

	while (!child_is_ready(child)) {
		if (*stop)
			return -EINTR;
		if (child_is_over(child) || nsc_monotonic_ns() > end)
			return child_fail(child, "did not begin to capture", error);
		trial_sleep(LOOK_NS);
	}
	return 0;
}

/* SIGINT ends it as it ends a sensor: what its ring has is counted first. */
static int child_end(struct trial_child *child, struct nsc_error *error)
{
	uint64_t end = nsc_monotonic_ns() + END_PATIENCE_S * NSC_NS_PER_SEC;

	if (child_is_over(child))
		return child_fail(child, "ended before its time", error);
	kill(child->pid, SIGINT);
	while (!child_is_over(child) && nsc_monotonic_ns() < end)
		trial_sleep(LOOK_NS);
	child_kill(child);
	return child->status ? child_fail(child, "failed", error) : 0;
}

/* --- its summary ------------------------------------------------------------------------------- */

/* NAN when there is no such number. */
static double trial_number(const cJSON *in, const char *object, const char *name)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(cJSON_GetObjectItemCaseSensitive(in, object), name);

	return cJSON_IsNumber(item) ? item->valuedouble : 0.0 / 0.0;
}

static void outcome_add(struct nsc_rate_outcome *outcome, const char *name, uint64_t lost, bool apart)
{
	struct nsc_rate_place *place = &outcome->place[outcome->n_places];

	if (!lost || outcome->n_places == NSC_RATE_PLACES)
		return;
	snprintf(place->name, sizeof(place->name), "%s", name);
	place->lost = lost;
	place->apart = apart;
	outcome->n_places++;
}

/* Adds the places of the summary; returns the frames that were lost there. */
static uint64_t outcome_add_losses(struct nsc_rate_outcome *outcome, const cJSON *summary)
{
	const cJSON *losses = cJSON_GetObjectItemCaseSensitive(summary, "losses"), *row;
	uint64_t lost = 0;

	for (int apart = 0; apart <= 1; apart++)
		cJSON_ArrayForEach(row, losses)
		{
			const cJSON *name = cJSON_GetObjectItemCaseSensitive(row, "place");
			const cJSON *n = cJSON_GetObjectItemCaseSensitive(row, "lost");
			bool is_apart = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(row, "apart"));

			if (is_apart != apart || !cJSON_IsString(name) || !cJSON_IsNumber(n))
				continue;
			outcome_add(outcome, name->valuestring, (uint64_t)n->valuedouble, is_apart);
			lost += is_apart ? 0 : (uint64_t)n->valuedouble;
		}
	return lost;
}

static int outcome_read(struct nsc_rate_outcome *outcome, const cJSON *summary, double behind_ns,
			struct nsc_error *error)
{
	double received = trial_number(summary, "counters", "rx_received");
	double dropped = trial_number(summary, "counters", "rx_kernel_drops");
	double age_ns = trial_number(summary, "age_ns", "p50");
	const cJSON *ledger = cJSON_GetObjectItemCaseSensitive(summary, "ledger");
	uint64_t sent = outcome->sent.frames, seen, lost;

	if (!(received >= 0) || !(dropped >= 0))
		return nsc_fail(error, -EPROTO, "the receiver's summary does not say what it received and dropped");
	if (!cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(ledger, "balanced")))
		return nsc_fail(error, -EPROTO, "the receiver's ledger does not balance");
	seen = (uint64_t)received + (uint64_t)dropped;
	if (seen > sent)
		return nsc_fail(error, -EPROTO,
				"%" PRIu64 " frames were sent, and %" PRIu64
				" arrived: somebody else sends such frames, "
				"or the link doubles them",
				sent, seen);
	outcome->n_places = 0;
	outcome_add(outcome, "between the interfaces", sent - seen, false);
	lost = outcome_add_losses(outcome, summary);
	outcome->lost = sent - seen + lost;
	outcome->received = sent - outcome->lost;
	outcome->age_ns = age_ns > 0 ? (uint64_t)age_ns : 0;
	outcome->behind = !outcome->lost && (double)outcome->age_ns > behind_ns;
	return 0;
}

int nsc_rate_trial_read(struct nsc_rate_outcome *outcome, const char *text, double behind_ns, struct nsc_error *error)
{
	cJSON *summary = cJSON_Parse(text);
	int status = summary ? outcome_read(outcome, summary, behind_ns, error)
			     : nsc_fail(error, -EPROTO, "the receiver's summary is no JSON");

	cJSON_Delete(summary);
	return status;
}

/* --- one trial --------------------------------------------------------------------------------- */

static int trial_send(struct trial_child *child, struct nsc_rate_outcome *outcome, struct nsc_rate_sender *sender,
		      const struct nsc_rate_plan *plan, const volatile sig_atomic_t *stop, struct nsc_error *error)
{
	int status = child_wait_ready(child, stop, error);

	if (status)
		return status;
	nsc_rate_sender_send(sender, plan->rate, plan->seconds, plan->core, stop, &outcome->sent);
	if (*stop)
		return -EINTR;
	if (!outcome->sent.frames)
		return nsc_fail(error, -EIO, "no frame could be sent: the interface took none in %.1f s",
				outcome->sent.seconds);
	trial_sleep(SETTLE_NS);
	return child_end(child, error);
}

int nsc_rate_trial_run(struct nsc_rate_outcome *outcome, struct nsc_rate_sender *sender,
		       const struct nsc_rate_receiver *receiver, const struct nsc_rate_plan *plan,
		       const volatile sig_atomic_t *stop, struct nsc_error *error)
{
	struct trial_child child;
	char *summary;
	int status = child_start(&child, receiver, error);

	*outcome = (struct nsc_rate_outcome){ .lost = 0 };
	if (!status)
		status = trial_send(&child, outcome, sender, plan, stop, error);
	child_kill(&child);
	if (status)
		return status;
	summary = trial_read_file(child.summary);
	if (!summary)
		return nsc_fail(error, -EIO, "the receiver has written no summary to %.300s", child.summary);
	status = nsc_rate_trial_read(outcome, summary, plan->behind_ns, error);
	free(summary);
	return status;
}
