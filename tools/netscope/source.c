/* SPDX-License-Identifier: MIT
 *
 * Settings to source options.
 */
#include "tools/netscope/source.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backends/sources/dpdk.h"
#include "backends/sources/feed.h"
#include "engine/base/cpu_quota.h"
#include "engine/base/memory.h"
#include "engine/base/streams.h"
#include "engine/rings/blocks.h"
#include "tools/netscope/cores_choose.h"
#include "tools/netscope/options.h"
#include "tools/netscope/say.h"

enum { DESCRIPTORS_BESIDE = 512 }; /* of outputs and the dashboard */
enum { LATENCY_MOST_MS = 60 };
enum { DIRECT_LEAST = 64 << 20 }; /* bytes of files from which on it is asked how much memory there is */
enum {                            /* automatic readers: from so many cores and bytes of files on, and so many at most */
       AUTO_READERS_CORES = 4,
       AUTO_READERS_BYTES = 64 << 20,
       AUTO_READERS_MAX = 8,
};
enum { DESCRIPTORS_EACH_RING = 1, DESCRIPTORS_EACH_INTERFACE = 6 };
enum { AUTO_WORKERS_MAX = 8, LOANS_INLINE = 1, LOANS_LANES = 16 /* read blocks of 1 MiB */ };

uint32_t nsc_cores_granted(uint32_t cores, uint64_t millicores)
{
	return (uint32_t)NSC_MAX(NSC_MIN((uint64_t)cores, millicores / 1000), (uint64_t)1);
}

/* What may be used at the same time, as far as this process's cgroups say. */
static uint32_t granted_here(uint32_t cores)
{
	struct nsc_cpu_quota quota;

	nsc_cpu_quota(&quota, "");
	return nsc_cores_granted(cores, quota.millicores);
}

uint32_t nsc_workers_wanted(const struct nsc_settings *settings)
{
	if (settings->cores.parts)
		return settings->cores.n;
	if (!settings->pipeline)
		return 1;
	if (settings->workers)
		return settings->workers;
	return NSC_MAX(NSC_MIN(granted_here(nsc_cores_usable()) / 2, (uint32_t)AUTO_WORKERS_MAX), 1u);
}

uint32_t nsc_readers_wanted(const struct nsc_settings *settings, uint64_t bytes, uint32_t cores)
{
	bool decided = nsc_settings_origin(settings, "pipeline") == NSC_ORIGIN_COMMAND_LINE;

	if (settings->readers)
		return settings->readers;
	if (settings->pipeline || decided || settings->max_flows || settings->count || settings->trace[0])
		return 1;
	if (bytes < AUTO_READERS_BYTES || cores < AUTO_READERS_CORES)
		return 1;
	return NSC_MIN(cores / 2, (uint32_t)AUTO_READERS_MAX);
}

bool nsc_source_is_live(const struct nsc_settings *settings)
{
	return settings->backend == NSC_BACKEND_PCAP || settings->backend == NSC_BACKEND_TPACKET ||
	       settings->backend == NSC_BACKEND_DPDK ||
	       (settings->backend == NSC_BACKEND_AUTO && !settings->read_pcap[0]);
}

bool nsc_source_is_feed(const struct nsc_settings *settings, uint16_t *port)
{
	uint16_t unused;

	return settings->backend != NSC_BACKEND_SYNTH && nsc_feed_is(settings->read_pcap) &&
	       !nsc_feed_check(settings->read_pcap, port ? port : &unused, NULL);
}

bool nsc_source_is_exposed(const struct nsc_settings *settings)
{
	return nsc_source_is_live(settings) || nsc_source_is_feed(settings, NULL);
}

static const char *filter_of(const struct nsc_settings *settings)
{
	return settings->filter[0] ? settings->filter : NULL;
}

void nsc_source_allow_descriptors(uint32_t files)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur == RLIM_INFINITY ||
	    limit.rlim_cur >= (rlim_t)files + DESCRIPTORS_BESIDE)
		return;
	limit.rlim_cur = NSC_MIN(limit.rlim_max, (rlim_t)files + DESCRIPTORS_BESIDE);
	setrlimit(RLIMIT_NOFILE, &limit);
}

/* Of those whose size is known. */
static uint64_t source_bytes(const char *const *paths, uint32_t n)
{
	uint64_t sum = 0;
	struct stat st;

	for (uint32_t i = 0; i < n; i++)
		if (!stat(paths[i], &st) && S_ISREG(st.st_mode))
			sum += (uint64_t)st.st_size;
	return sum;
}

enum nsc_direct nsc_source_direct(enum nsc_direct_choice choice, uint64_t bytes, uint64_t room)
{
	if (choice == NSC_DIRECT_CHOICE_ON)
		return NSC_DIRECT_ALWAYS;
	return choice == NSC_DIRECT_CHOICE_AUTO && bytes > room ? NSC_DIRECT_IF_COLD : NSC_DIRECT_NEVER;
}

static enum nsc_direct direct_of(const struct nsc_settings *settings, const char *const *paths, uint32_t n)
{
	uint64_t bytes = settings->direct == NSC_DIRECT_CHOICE_AUTO ? source_bytes(paths, n) : 0;
	struct nsc_memory_room room = { .bytes = UINT64_MAX };

	if (bytes >= DIRECT_LEAST)
		nsc_memory_room(&room, "");
	return nsc_source_direct((enum nsc_direct_choice)settings->direct, bytes, room.bytes);
}

/* An option that cannot be kept is told, whatever is printed. */
static void note_direct(struct nsc_sources *s, const char *const *paths)
{
	const struct nsc_rx_file_direct direct = nsc_rx_file_report(s->rx[0]).direct;
	char more[32] = "";

	if (direct.refused > 1)
		snprintf(more, sizeof(more), " (and %u more)", direct.refused - 1);
	s->fell_back = direct.refused > 0;
	if (direct.refused)
		nsc_fail(&s->note, 0, "--direct: '%.300s'%s is read through the page cache, because %s",
			 paths[direct.first], more, direct.why);
	else if (direct.files)
		nsc_fail(&s->note, 0, "reading past the page cache (O_DIRECT), %s",
			 direct.in_flight ? "4 blocks of 1 MiB in flight through io_uring"
					  : "4 MiB at a time: io_uring is not to be had");
}

/* Who asks for readers gets them rather than --direct's choice; by themselves they read what memory has room for. */
static void choose_readers(struct nsc_sources *s, const struct nsc_settings *settings,
			   struct nsc_rx_file_options *options)
{
	uint32_t cores = settings->cores.n ? settings->cores.n : nsc_cores_usable();
	uint64_t bytes = settings->readers ? 0 : source_bytes(options->paths, options->n_paths);
	uint32_t readers = nsc_readers_wanted(settings, bytes, cores);

	if (readers > 1 && !settings->readers)
		readers = nsc_readers_wanted(settings, bytes, granted_here(cores));
	if (readers < 2 || options->direct == NSC_DIRECT_ALWAYS ||
	    (options->direct != NSC_DIRECT_NEVER && !settings->readers))
		return;
	options->blocks = readers * NSC_BLOCKS_EACH;
	options->direct = NSC_DIRECT_NEVER;
	s->wanted = readers;
}

static int source_open_file(struct nsc_sources *s, const struct nsc_settings *settings, struct nsc_error *error)
{
	const char *paths[NSC_RX_FILES_MAX];
	struct nsc_rx_file_options options = {
		.paths = paths,
		.filter = filter_of(settings),
		.snaplen = settings->snaplen,
		.count = settings->count,
		.keeps = settings->out.write_pcap[0] != '\0',
		.loans = settings->pipeline ? LOANS_LANES : LOANS_INLINE,
	};
	int status;

	for (const char *path = settings->read_pcap; *path; path = nsc_path_next(path)) {
		if (!strcmp(path, "-") && nsc_streams_was_closed(STDIN_FILENO))
			return nsc_fail(error, -EBADF, "-: standard input was closed when netscope was started");
		paths[options.n_paths++] = path;
	}
	nsc_source_allow_descriptors(options.n_paths);
	options.direct = direct_of(settings, paths, options.n_paths);
	choose_readers(s, settings, &options);
	status = nsc_rx_file_open(&s->rx[0], &options, error);
	if (status)
		return status;
	note_direct(s, paths);
	s->feed = nsc_rx_file_feed(s->rx[0]);
	return 0;
}

static const char *one_reader_because(const struct nsc_settings *settings)
{
	if (settings->backend == NSC_BACKEND_SYNTH)
		return "there is no file";
	return settings->direct == NSC_DIRECT_CHOICE_ON ? "--direct reads past the page cache"
							: "an input is compressed, a pipe or a connection";
}

/* Whoever asks for readers hears when there can be only one. */
static void take_readers(struct nsc_sources *s, const struct nsc_settings *settings)
{
	s->readers = s->rx[0]->blocks;
	if (s->readers) {
		s->workers = s->wanted;
		s->lanes = false;
	}
	if (s->readers || settings->readers < 2)
		return;
	s->fell_back = true;
	nsc_fail(&s->note, 0, "--readers %u: one thread reads, because %s", settings->readers,
		 one_reader_because(settings));
}

static int open_synth(struct nsc_rx **rx, const struct nsc_settings *settings, struct nsc_error *error)
{
	struct nsc_synth_options options = settings->synth;

	options.snaplen = settings->snaplen;
	if (settings->count && (!options.packets || settings->count < options.packets))
		options.packets = settings->count;
	return nsc_rx_synth_open(rx, &options, error);
}

/* --- live ------------------------------------------------------------------------------------- */

static bool is_stated(const struct nsc_settings *settings, const char *name)
{
	return !nsc_option_is_default(settings, nsc_option_find(name));
}

/* Two ways to say it: a number of milliseconds is meant as it stands; the word chooses otherwise. What libpcap did when
 * nobody said anything is what the older program did. */
static uint32_t hold_ms(const struct nsc_settings *settings, enum nsc_backend backend)
{
	static const uint32_t latency_ms[] = {
		[NSC_LATENCY_BALANCED] = 8, [NSC_LATENCY_LOW] = 1, [NSC_LATENCY_THROUGHPUT] = LATENCY_MOST_MS
	};

	if (is_stated(settings, "timeout-ms"))
		return settings->timeout_ms;
	if (backend == NSC_BACKEND_PCAP && !is_stated(settings, "latency"))
		return settings->timeout_ms;
	return latency_ms[settings->latency];
}

/* A word may mean a longer time where a ring has few blocks for it. */
static uint32_t hold_most_ms(const struct nsc_settings *settings)
{
	return is_stated(settings, "timeout-ms") ? 0 : LATENCY_MOST_MS;
}

/* The interfaces that have cores, and no others; then in the order of the cores. */
static int match_parts(struct nsc_interface_names *names, const struct nsc_core_list *cores, struct nsc_error *error)
{
	for (uint32_t i = 0, k; i < names->n; i++) {
		for (k = 0; k < cores->parts && strcmp(names->name[i], cores->part[k].interface) != 0; k++)
			;
		if (k == cores->parts)
			return nsc_fail(error, -EINVAL, "--cores has no cores for %s: give each interface some",
					names->name[i]);
	}
	if (names->n != cores->parts)
		return nsc_fail(error, -EINVAL, "--cores names %u interfaces, and -i %u: name the same ones",
				cores->parts, names->n);
	for (uint32_t i = 0; i < names->n; i++)
		snprintf(names->name[i], IF_NAMESIZE, "%s", cores->part[i].interface);
	return 0;
}

static int open_apart(struct nsc_sources *s, const struct nsc_live_options *options, const char *const *names,
		      const struct nsc_core_list *cores, struct nsc_error *error)
{
	uint32_t rings[NSC_LIVE_INTERFACES_MAX];

	for (uint32_t i = 0; i < cores->parts; i++)
		rings[i] = cores->part[i].n;
	return nsc_rx_apart_open(s->rx, options, names, rings, cores->parts, error);
}

/* One interface is a source of its own, of which nothing knows that there may be more. */
static int open_interfaces(struct nsc_sources *s, const struct nsc_live_options *options,
			   const struct nsc_core_list *cores, nsc_rx_live_open_fn *open, struct nsc_error *error)
{
	const char *names[NSC_LIVE_INTERFACES_MAX];

	if (s->interfaces.n == 1)
		return open(s->rx, options, error);
	for (uint32_t i = 0; i < s->interfaces.n; i++)
		names[i] = s->interfaces.name[i];
	nsc_source_allow_descriptors(s->interfaces.n *
				     (options->rings * DESCRIPTORS_EACH_RING + DESCRIPTORS_EACH_INTERFACE));
	if (cores->parts)
		return open_apart(s, options, names, cores, error);
	return nsc_rx_several_open(s->rx, options, names, s->interfaces.n, open, error);
}

/* Of one node all memory is near. A ring belongs to the worker of its number, or the only one to the reading thread. */
static const int *ring_nodes(const struct nsc_sources *s, const struct nsc_settings *settings, uint32_t rings,
			     struct nsc_core_choice *choice)
{
	bool lanes = settings->pipeline && rings < s->workers;

	nsc_cores_for(choice, settings, &nsc_doctor_here, s->interfaces.name[0], s->workers + lanes);
	for (uint32_t i = choice->cores.n; i < NSC_CORES_MAX; i++)
		choice->node[i] = -1;
	return choice->nodes < 2 ? NULL : lanes ? choice->node + s->workers : choice->node;
}

static int open_live_as(struct nsc_sources *s, const struct nsc_settings *settings, enum nsc_backend backend,
			struct nsc_error *error)
{
	struct nsc_live_options options = {
		.interface = s->interfaces.name[0],
		.filter = filter_of(settings),
		.promiscuous = settings->promiscuous,
		.immediate = settings->immediate_mode,
		.snaplen = settings->snaplen,
		.hold_ms = hold_ms(settings, backend),
		.hold_most_ms = hold_most_ms(settings),
		.buffer_bytes = settings->buffer_size_mb << 20,
		.stamps = (enum nsc_stamps)settings->timestamps,
		.count = settings->count,
		/* one for each worker, unless a flow could then come to two: the kernel knows the outer headers only */
		.rings = backend == NSC_BACKEND_TPACKET && !settings->decap ? s->workers : 1,
	};
	struct nsc_core_choice choice;
	int status;

	options.node = ring_nodes(s, settings, options.rings, &choice);
	status = open_interfaces(s, &options, &settings->cores,
				 backend == NSC_BACKEND_TPACKET ? nsc_rx_tpacket_open : nsc_rx_pcap_open, error);

	s->n = status ? 0 : options.rings;
	s->lanes = settings->pipeline && s->n < s->workers;
	return status;
}

static void note_tpacket(struct nsc_sources *s)
{
	char text[256];

	nsc_rx_tpacket_describe(s->rx[0], text, sizeof(text));
	nsc_fail(&s->note, 0, "capturing on %s with tpacket: %s%s", s->interface, s->interfaces.n > 1 ? "each " : "",
		 text);
}

/* Rings where they are to be had. A missing capability, or a missing interface, is missing for libpcap too. */
static int open_auto(struct nsc_sources *s, const struct nsc_settings *settings, struct nsc_error *error)
{
	int status = open_live_as(s, settings, NSC_BACKEND_TPACKET, error);
	struct nsc_error why;

	if (!status)
		note_tpacket(s);
	if (!status || status == -EPERM || status == -ENODEV || settings->cores.parts)
		return status;
	why = *error;
	status = open_live_as(s, settings, NSC_BACKEND_PCAP, error);
	if (status)
		return status;
	s->fell_back = true;
	nsc_fail(&s->note, 0, "capturing on %s with libpcap, because tpacket is not possible: %.300s", s->interface,
		 why.text);
	return 0;
}

static int open_live(struct nsc_sources *s, const struct nsc_settings *settings, struct nsc_error *error)
{
	int status = nsc_interface_names(&s->interfaces, settings->interface, error);

	if (!status && settings->cores.parts)
		status = match_parts(&s->interfaces, &settings->cores, error);
	if (status)
		return status;
	nsc_interface_names_text(&s->interfaces, s->interface);
	if (settings->backend == NSC_BACKEND_AUTO)
		return open_auto(s, settings, error);
	status = open_live_as(s, settings, (enum nsc_backend)settings->backend, error);
	if (!status && settings->backend == NSC_BACKEND_TPACKET)
		note_tpacket(s);
	if (!status && settings->backend == NSC_BACKEND_PCAP)
		nsc_fail(&s->note, 0, "capturing on %s with libpcap", s->interface);
	return status;
}

/* --- dpdk ------------------------------------------------------------------------------------- */

static void dpdk_say(const char *line)
{
	nsc_tell_at(NSC_LEVEL_WARNING, stderr, "dpdk: %s", line);
}

static int open_dpdk(struct nsc_sources *s, const struct nsc_settings *settings, struct nsc_error *error)
{
	struct nsc_dpdk_options options = {
		.live = { .filter = filter_of(settings),
			  .promiscuous = settings->promiscuous,
			  .snaplen = settings->snaplen,
			  .hold_ms = 1,
			  .stamps = (enum nsc_stamps)settings->timestamps,
			  .count = settings->count,
			  .rings = settings->decap ? 1 : s->workers },
		.queues = settings->dpdk_queues,
		.say = dpdk_say,
	};
	char text[256];
	int status = nsc_dpdk_port_parse(&options.port, settings->dpdk_port, error);

	if (!status)
		status = nsc_rx_dpdk_open(s->rx, &s->n, &options, error);
	if (status)
		return status;
	s->lanes = settings->pipeline && s->n < s->workers;
	snprintf(s->interface, sizeof(s->interface), "%s", options.port.name);
	s->fell_back = nsc_rx_dpdk_describe(s->rx[0], text, sizeof(text));
	nsc_fail(&s->note, 0, "capturing on %s with dpdk: %s", s->interface, text);
	return 0;
}

/* --- all of them ------------------------------------------------------------------------------ */

int nsc_sources_open(struct nsc_sources *s, const struct nsc_settings *settings, struct nsc_error *error)
{
	int status;

	*s = (struct nsc_sources){ .workers = nsc_workers_wanted(settings), .lanes = settings->pipeline };
	if (settings->backend == NSC_BACKEND_DPDK)
		return open_dpdk(s, settings, error);
	if (nsc_source_is_live(settings))
		return open_live(s, settings, error);
	s->n = 1;
	status = settings->backend == NSC_BACKEND_SYNTH ? open_synth(&s->rx[0], settings, error)
							: source_open_file(s, settings, error);
	if (!status)
		take_readers(s, settings);
	return status;
}

void nsc_sources_close(struct nsc_sources *s)
{
	for (uint32_t i = 0; i < s->n && s->rx[i]; i++)
		nsc_rx_close(s->rx[i]);
	s->n = 0;
}
