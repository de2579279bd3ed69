/* SPDX-License-Identifier: MIT
 *
 * Which options name outputs is asked of the option table: whoever adds one there is checked here.
 */
#include "tools/netscope/outputs.h"

#include "backends/sinks/pump.h"
#include "engine/base/assert.h"
#include "engine/base/streams.h"
#include "tools/netscope/options.h"
#include "tools/netscope/reload.h"
#include "tools/netscope/sandbox.h"
#include "tools/netscope/say.h"
#include "tools/netscope/signals.h"
#include "tools/netscope/source.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { WAIT_MS = 50, SAY_MS = 1000 }; /* for the reader of a pipe */

/* The path when this option names an output that is on, else NULL. */
static const char *output_path(const struct nsc_settings *settings, size_t i)
{
	const struct nsc_option *option = &nsc_option_table[i];
	const char *path;

	if (option->type != NSC_OPTION_PATH ||
	    (option->group != NSC_GROUP_OUTPUT && option->offset != offsetof(struct nsc_settings, web.history)))
		return NULL;
	path = *(const char *const *)((const char *)settings + option->offset);
	return path[0] ? path : NULL;
}

/* Another descriptor may lead into the pipe of standard output, too. */
static bool names_stdout(const char *path)
{
	int descriptor = nsc_out_descriptor(path);
	struct stat named, standard;

	if (descriptor < 0 || descriptor == STDOUT_FILENO)
		return descriptor == STDOUT_FILENO;
	return !fstat(descriptor, &named) && !fstat(STDOUT_FILENO, &standard) && S_ISFIFO(named.st_mode) &&
	       named.st_dev == standard.st_dev && named.st_ino == standard.st_ino;
}

static bool stdout_is_file(void)
{
	struct stat st;

	return !fstat(STDOUT_FILENO, &st) && S_ISREG(st.st_mode);
}

static int check_one(const struct nsc_settings *settings, size_t i, struct nsc_error *error)
{
	const char *name = nsc_option_table[i].name, *path = output_path(settings, i);

	if (!path)
		return 0;
	if (names_stdout(path) && nsc_streams_was_closed(STDOUT_FILENO))
		return nsc_fail(error, -EBADF, "--%s %s: standard output was closed when netscope was started", name,
				path);
	for (const char *input = settings->read_pcap; *input; input = nsc_path_next(input))
		if (nsc_out_same_file(strcmp(input, "-") ? input : "/dev/stdin", path))
			return nsc_fail(error, -EINVAL, "--%s and --read-pcap are the same file: %s", name, path);
	for (const char *input = settings->geoip; *input; input = nsc_path_next(input))
		if (nsc_out_same_file(input, path))
			return nsc_fail(error, -EINVAL, "--%s and --geoip are the same file: %s", name, path);
	if (settings->config[0] && nsc_out_same_file(settings->config, path))
		return nsc_fail(error, -EINVAL, "--%s and --config are the same file: %s", name, path);
	if (!names_stdout(path) && stdout_is_file() && nsc_out_same_file("-", path))
		return nsc_fail(error, -EINVAL, "--%s and standard output are the same file: %s", name, path);
	for (size_t j = 0; j < i; j++) {
		const char *other = output_path(settings, j);

		if (other && nsc_out_same_file(other, path))
			return nsc_fail(error, -EINVAL, "--%s and --%s are the same file: %s", nsc_option_table[j].name,
					name, path);
	}
	return 0;
}

int nsc_outputs_check(const struct nsc_settings *settings, struct nsc_error *error)
{
	int status = nsc_ipfix_check_peer(settings->out.ipfix, error);

	for (size_t i = 0; !status && i < nsc_option_count; i++)
		status = check_one(settings, i, error);
	return status;
}

void nsc_outputs_check_all(const struct nsc_settings *settings, struct nsc_problems *problems)
{
	struct nsc_error error;

	for (size_t i = 0; i < nsc_option_count; i++)
		nsc_problems_add(problems, check_one(settings, i, &error), &error);
}

void nsc_outputs_names(const struct nsc_settings *settings, char *text, size_t size)
{
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < nsc_option_count && used < size; i++)
		if (output_path(settings, i))
			used += (size_t)snprintf(text + used, size - used, "%s%s", used ? ", " : "",
						 output_path(settings, i));
}

/* Pipes, devices and descriptors are open before anybody asks for folders. */
static bool is_file(const char *path)
{
	struct stat found;

	return nsc_out_descriptor(path) < 0 && (lstat(path, &found) || S_ISREG(found.st_mode));
}

static int visit_folder(const char *path, int (*visit)(void *, const char *, struct nsc_error *), void *context,
			struct nsc_error *error)
{
	const char *slash = strrchr(path, '/');
	char *folder = slash ? strndup(path, (size_t)NSC_MAX(slash - path, 1)) : strdup(".");
	int status =
		folder ? visit(context, folder, error) : nsc_fail(error, -ENOMEM, "%s: no memory for its name", path);

	free(folder);
	return status;
}

int nsc_outputs_each_folder(const struct nsc_settings *settings,
			    int (*visit)(void *context, const char *folder, struct nsc_error *error), void *context,
			    struct nsc_error *error)
{
	const char *temporary = getenv("TMPDIR");
	bool sorts_elsewhere = (settings->out.export_json[0] && !is_file(settings->out.export_json)) ||
			       (settings->out.export_csv[0] && !is_file(settings->out.export_csv)) ||
			       (settings->out.export_parquet[0] && !is_file(settings->out.export_parquet)) ||
			       (settings->out.ipfix_file[0] && !is_file(settings->out.ipfix_file));
	int status = 0;

	for (size_t i = 0; i < nsc_option_count && !status; i++) {
		const char *path = output_path(settings, i);

		if (path && is_file(path))
			status = visit_folder(path, visit, context, error);
	}
	if (!status && settings->out.spool[0])
		status = visit(context, settings->out.spool, error);
	if (!status && settings->recordings.alerts[0])
		status = visit(context, settings->recordings.alerts, error);
	if (!status && sorts_elsewhere)
		status = visit(context, temporary && *temporary ? temporary : "/tmp", error);
	return status;
}

/* Whether an output goes to standard output, or one to anything else. */
static bool goes_to(bool standard_output, const struct nsc_settings *settings)
{
	for (size_t i = 0; i < nsc_option_count; i++) {
		const char *path = output_path(settings, i);

		if (path && names_stdout(path) == standard_output)
			return true;
	}
	return false;
}

bool nsc_outputs_want_records(const struct nsc_outputs *outputs)
{
	for (uint32_t i = 0; i < outputs->n_sinks; i++)
		if (outputs->sinks[i]->ops->records)
			return true;
	return false;
}

bool nsc_outputs_color(FILE *out)
{
	const char *no = getenv("NO_COLOR");

	return isatty(fileno(out)) && !(no && *no);
}

/* The path when this option names a file that the run will write, else NULL. */
static const char *output_written(const struct nsc_settings *settings, size_t i)
{
	const char *path = output_path(settings, i);

	if (path == settings->out.alerts_jsonl && !settings->anomalies)
		return NULL;
	if (path == settings->out.profile_out && !settings->profile_hz)
		return NULL;
	if (path == settings->web.history && !settings->web.enabled)
		return NULL;
	return path == settings->out.timeline_out && !settings->timeline ? NULL : path;
}

static int outputs_lock(struct nsc_outputs *outputs, const struct nsc_settings *settings, struct nsc_error *error)
{
	int status = 0;

	for (size_t i = 0; i < nsc_option_count && !status; i++) {
		const char *path = output_written(settings, i);

		if (!path)
			continue;
		nsc_assert(outputs->n_locks < NSC_OUTPUTS_FILES, "there is a place for the lock of each output");
		status = nsc_out_lock_open(&outputs->lock[outputs->n_locks++], path, error);
	}
	return status;
}

/* A pipe that is open for writing, once somebody reads it; -1 for everything else, and for what the sink will refuse.
 */
static int output_wait_for_reader(const char *path, int *fd, struct nsc_error *error)
{
	const struct timespec pause = { .tv_nsec = WAIT_MS * 1000000l };
	struct stat found;

	*fd = -1;
	if (nsc_out_descriptor(path) >= 0 || lstat(path, &found) || !S_ISFIFO(found.st_mode))
		return 0;
	for (unsigned waited_ms = 0;; waited_ms += WAIT_MS) {
		*fd = open(path, O_WRONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
		if (*fd >= 0 || errno != ENXIO)
			return 0;
		if (nsc_signals_received())
			return nsc_fail(error, -EINTR, "%s: nobody reads this pipe", path);
		if (waited_ms == SAY_MS)
			nsc_tell_at(NSC_LEVEL_WARNING, stderr,
				    "%s: is a pipe that nobody reads: the run begins when somebody does", path);
		nanosleep(&pause, NULL);
	}
}

/* Until all have readers; they are held until the sinks have opened them, for a reader that finds no writer ends. */
static int outputs_wait_for_readers(const struct nsc_settings *settings, int held[NSC_OUTPUTS_FILES], uint32_t *n,
				    struct nsc_error *error)
{
	int status = 0;

	for (size_t i = 0; i < nsc_option_count && !status; i++) {
		const char *path = output_written(settings, i);

		if (path)
			status = output_wait_for_reader(path, &held[(*n)++], error);
	}
	return status;
}

/* Whether the path gets its file at the end of the run. */
static bool output_is_replaced(const struct nsc_settings *settings, const char *path)
{
	return path == settings->out.export_json || path == settings->out.export_csv ||
	       path == settings->out.export_parquet || path == settings->out.ipfix_file ||
	       path == settings->out.summary_json || path == settings->out.timeline_out ||
	       path == settings->out.profile_out || path == settings->web.history;
}

/* A capture comes once: a live run overwrites nothing. A file can be read again, so that outputs from it begin anew. */
static int outputs_set_aside(const struct nsc_settings *settings, struct nsc_error *error)
{
	int status = 0;

	for (size_t i = 0; i < nsc_option_count && status >= 0; i++) {
		const char *path = output_written(settings, i);

		if (!path || (path == settings->out.write_pcap && nsc_settings_rotate(settings)) ||
		    path == settings->web.history) /* which goes on */
			continue;
		status = nsc_out_set_aside(path, output_is_replaced(settings, path), error);
		if (status > 0)
			nsc_say(error);
	}
	return NSC_MIN(status, 0);
}

/* The name is this process's for a moment, as it would be for the length of a run. */
static int output_probe(const struct nsc_settings *settings, const char *path, struct nsc_error *error)
{
	bool rotates = path == settings->out.write_pcap && nsc_settings_rotate(settings);
	bool anew = rotates || output_is_replaced(settings, path) || path == settings->out.expired_flows_parquet ||
		    nsc_source_is_live(settings);
	struct nsc_out_lock *lock;
	int status = nsc_out_lock_open(&lock, path, error);

	if (!status)
		status = nsc_out_probe(path, anew, error);
	nsc_out_lock_close(lock);
	return status;
}

/* A folder that is not there yet is made: then its own name is tried out. So is that of a socket. */
static void probe_recordings(const struct nsc_settings *settings, void (*explain)(struct nsc_error *error),
			     struct nsc_problems *problems)
{
	const char *const wanted[] = { settings->recordings.alerts, settings->recordings.control_socket };

	for (size_t i = 0; i < NSC_ARRAY_LEN(wanted); i++) {
		struct nsc_error error;
		struct stat found;
		char inside[PATH_MAX];
		bool there = *wanted[i] && !stat(wanted[i], &found);
		int status = 0;

		snprintf(inside, sizeof(inside), "%.4000s/.probe", wanted[i]);
		if (there && S_ISDIR(found.st_mode))
			status = nsc_out_probe(inside, true, &error);
		else if (*wanted[i] && !there)
			status = nsc_out_probe(wanted[i], true, &error);
		if (status == -EACCES || status == -EPERM)
			explain(&error);
		nsc_problems_add(problems, status, &error);
	}
}

void nsc_outputs_probe(const struct nsc_settings *settings, void (*explain)(struct nsc_error *error),
		       struct nsc_problems *problems)
{
	struct nsc_error error;

	nsc_problems_add(problems, nsc_ipfix_probe(settings->out.ipfix, &error), &error);
	probe_recordings(settings, explain, problems);
	for (size_t i = 0; i < nsc_option_count; i++) {
		const char *path = output_written(settings, i);
		int status = path ? output_probe(settings, path, &error) : 0;

		if (status == -EACCES || status == -EPERM)
			explain(&error);
		nsc_problems_add(problems, status, &error);
	}
}

static const struct {
	int (*open)(struct nsc_sink **sink, const struct nsc_out *out, struct nsc_error *error);
	void (*close)(struct nsc_sink *sink);
} outputs_table[NSC_SINK_COUNT] = {
#define NSC_X(name) { nsc_##name##_open, nsc_##name##_close },
	NSC_SINKS(NSC_X)
#undef NSC_X
};

static void take_sink(struct nsc_outputs *outputs, struct nsc_sink *sink)
{
	nsc_assert(outputs->n_sinks < NSC_OUTPUTS_MAX, "there is a place for each sink that the options name");
	if (sink)
		outputs->sinks[outputs->n_sinks++] = sink;
}

/* Nobody waits for whoever reads the two standard streams, and the summary. */
static int outputs_open_live(struct nsc_outputs *outputs, struct nsc_error *error)
{
	int status = nsc_summary_json_watch(&outputs->summary_watch, outputs->summary, error);

	if (!status)
		status = nsc_terminal_open(&outputs->terminal, fileno(outputs->human), NSC_PUMP_TERMINAL, error);
	if (!status && outputs->human != stderr)
		status = nsc_terminal_open(&outputs->messages, STDERR_FILENO, NSC_PUMP_MESSAGES, error);
	take_sink(outputs, outputs->summary_watch);
	take_sink(outputs, outputs->terminal);
	take_sink(outputs, outputs->messages);
	return status;
}

struct nsc_sink *nsc_outputs_messages(const struct nsc_outputs *outputs)
{
	return outputs->human == stderr ? outputs->terminal : outputs->messages;
}

int nsc_outputs_open(struct nsc_outputs *outputs, const struct nsc_settings *settings, const struct nsc_rx *source,
		     uint64_t record_memory, struct nsc_error *error)
{
	FILE *human = goes_to(true, settings) ? stderr : stdout;
	struct nsc_out out = {
		.asked = settings->out,
		.fd = fileno(human),
		.color = nsc_outputs_color(human),
		.journal = nsc_say_is_journal(fileno(human)),
		.verbose = settings->verbose,
		.stats = settings->stats,
		.stats_later = nsc_reload_is_possible(settings),
		.alerts = settings->anomalies,
		.top_flows = settings->top_flows,
		.top_names = settings->top_names,
		.live = nsc_source_is_live(settings),
		.rotate_bytes = settings->write_pcap_rotate_mb << 20,
		.rotate_ns = settings->write_pcap_rotate_s * NSC_NS_PER_SEC,
		.decap = settings->decap,
		.tunnels = settings->decap_ports,
		.snaplen = settings->snaplen,
		.record_memory = record_memory,
		.source = source,
		.tell = nsc_say,
		.inputs = settings->read_pcap,
	};
	int held[NSC_OUTPUTS_FILES], status;
	uint32_t n_held = 0;

	*outputs = (struct nsc_outputs){
		.human = human, .files = goes_to(false, settings) || settings->out.spool[0] || settings->out.ipfix[0]
	};
	status = outputs_lock(outputs, settings, error);
	if (!status)
		status = outputs_wait_for_readers(settings, held, &n_held, error);
	if (!status && out.live)
		status = outputs_set_aside(settings, error);
	if (!status)
		status = nsc_summary_json_open(&outputs->summary, settings->out.summary_json, error);
	if (!status)
		status = nsc_dump_file_open(&outputs->timeline, settings->timeline ? settings->out.timeline_out : "",
					    out.live, error);
	if (!status)
		status = nsc_dump_file_open(&outputs->profile, settings->profile_hz ? settings->out.profile_out : "",
					    out.live, error);
	if (!status && out.live)
		status = outputs_open_live(outputs, error);
	out.pump = nsc_terminal_pump(outputs->terminal);
	for (unsigned i = 0; i < NSC_SINK_COUNT && !status; i++) {
		status = outputs_table[i].open(&outputs->opened[i], &out, error);
		take_sink(outputs, outputs->opened[i]);
	}
	for (uint32_t i = 0; i < n_held; i++)
		if (held[i] >= 0)
			close(held[i]);
	if (status)
		nsc_outputs_close(outputs);
	nsc_sandbox_speaks(nsc_ipfix_socket(outputs->opened[NSC_SINK_ipfix]));
	return status;
}

void nsc_outputs_add(struct nsc_outputs *outputs, struct nsc_sink *sink)
{
	take_sink(outputs, sink);
	outputs->files = true;
}

/* --- what is written as a whole, at SIGUSR1 and at the end ------------------------------------ */

struct dump {
	const char *path, *what; /* "timeline"; the option is --timeline-out */
	struct nsc_outfile **file;
	uint32_t *written; /* how often */
	int (*write)(const struct dump *dump, struct nsc_error *error);
	struct nsc_engine *engine;
	struct nsc_profile *profile;
	bool live, ended;
};

/* 0 with *go: it can be written; else 1 and a sentence, which only SIGUSR1 wants. */
static int dump_is_wanted(const struct dump *dump, bool *go, struct nsc_error *error)
{
	*go = false;
	if (!*dump->path)
		return dump->ended ? 0
				   : nsc_fail(error, 1, "SIGUSR1 without --%s-out: no %s is written", dump->what,
					      dump->what);
	if (!dump->ended && !is_file(dump->path))
		return nsc_fail(error, 1, "SIGUSR1: %.300s is no file: the %s is written at the end", dump->path,
				dump->what);
	*go = true;
	return 0;
}

static int dump_write(const struct dump *dump, struct nsc_error *error)
{
	struct nsc_error failure;
	int kept = 0, status = 0;

	if (!*dump->file)
		status = nsc_dump_file_open(dump->file, dump->path, dump->live, error);
	if (!status && *dump->written)
		kept = nsc_out_set_aside(dump->path, true, error);
	if (!status)
		status = NSC_MIN(kept, 0);
	if (!status) {
		status = dump->write(dump, &failure);
		if (status)
			*error = failure;
	}
	*dump->written += !status;
	nsc_dump_file_close(*dump->file);
	*dump->file = NULL;
	return status ? status : kept;
}

static void dump_between(void *engine)
{
	nsc_engine_wait(engine, 0);
}

static int dump_write_timeline(const struct dump *dump, struct nsc_error *error)
{
	struct nsc_timelines timelines;

	nsc_engine_timelines(dump->engine, &timelines);
	return nsc_timeline_file_write(*dump->file, &timelines, dump->ended ? NULL : dump_between, dump->engine, error);
}

static int dump_write_profile(const struct dump *dump, struct nsc_error *error)
{
	return nsc_profile_file_write(*dump->file, dump->path, dump->profile, error);
}

int nsc_outputs_write_timeline(struct nsc_outputs *outputs, const struct nsc_settings *settings,
			       struct nsc_engine *engine, bool ended, struct nsc_error *error)
{
	const struct dump dump = {
		.path = settings->timeline ? settings->out.timeline_out : "",
		.what = "timeline",
		.file = &outputs->timeline,
		.written = &outputs->timelines,
		.write = dump_write_timeline,
		.engine = engine,
		.live = nsc_source_is_live(settings),
		.ended = ended,
	};
	bool go;
	int status = dump_is_wanted(&dump, &go, error);

	return go ? dump_write(&dump, error) : status;
}

int nsc_outputs_write_profile(struct nsc_outputs *outputs, const struct nsc_settings *settings,
			      struct nsc_profile *profile, bool ended, struct nsc_error *error)
{
	const struct dump dump = {
		.path = profile && settings->profile_hz ? settings->out.profile_out : "",
		.what = "profile",
		.file = &outputs->profile,
		.written = &outputs->profiles,
		.write = dump_write_profile,
		.profile = profile,
		.live = nsc_source_is_live(settings),
		.ended = ended,
	};
	bool go;
	int status = dump_is_wanted(&dump, &go, error);

	return go ? dump_write(&dump, error) : status;
}

static void give_back(void *context, struct nsc_flow_chunk *chunk)
{
	nsc_engine_chunk_return(context, chunk);
}

void nsc_outputs_attach(struct nsc_outputs *outputs, struct nsc_engine *engine)
{
	if (outputs->opened[NSC_SINK_export])
		nsc_export_attach(outputs->opened[NSC_SINK_export], give_back, engine);
}

void nsc_outputs_close(struct nsc_outputs *outputs)
{
	for (unsigned i = 0; i < NSC_SINK_COUNT; i++)
		outputs_table[i].close(outputs->opened[i]);
	nsc_summary_json_watch_close(outputs->summary_watch);
	nsc_summary_json_close(outputs->summary);
	nsc_dump_file_close(outputs->timeline);
	nsc_dump_file_close(outputs->profile);
	nsc_terminal_close(outputs->terminal);
	nsc_terminal_close(outputs->messages);
	outputs->summary_watch = outputs->terminal = outputs->messages = NULL;
	for (uint32_t i = 0; i < outputs->n_locks; i++)
		nsc_out_lock_close(outputs->lock[i]);
	outputs->n_locks = 0;
	memset(outputs->opened, 0, sizeof(outputs->opened));
	outputs->summary = outputs->timeline = outputs->profile = NULL;
}
