/* SPDX-License-Identifier: MIT
 *
 * The command: which files, which packets, and one after the other by time.
 */
#include "tools/extract/extract.h"

#include "engine/detect/networks.h"
#include "netscope/clock.h"
#include "netscope/counters.h"
#include "netscope/kept.h"
#include "netscope/time_read.h"
#include "tools/extract/file.h"
#include "tools/extract/index.h"
#include "tools/extract/inputs.h"
#include "tools/extract/named.h"
#include "tools/extract/order.h"
#include "tools/extract/output.h"
#include "tools/netscope/privileges.h"
#include "tools/netscope/say.h"
#include "tools/netscope/signals.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OPEN_MOST = 256 }; /* files whose times overlap, each with its memory of 1.5 MiB */

struct extract {
	const struct nsc_settings *settings;
	struct nsc_extract_job job;
	struct nsc_inputs inputs;
	struct nsc_named_flows named;
	struct nsc_extract_index index;
	struct nsc_extract_file *file; /* [inputs.n] */
	struct nsc_order_head *head;   /* [inputs.n], n_heads: files that are not over */
	uint32_t n_heads, n_open;
	uint32_t failed; /* files that could not be read to their end */
	struct nsc_extract_output output;
	struct nsc_progress *progress;
	uint64_t bytes;              /* of all files */
	uint64_t wanted_bytes;       /* that must be read */
	uint64_t read, received;     /* bytes and packets of those that are over */
	struct nsc_extract_file *at; /* which is read now, for progress */
};

/* --- what is wanted --------------------------------------------------------------------------- */

static int extract_read_times(struct extract *e, struct nsc_error *error)
{
	const struct nsc_settings *settings = e->settings;
	struct nsc_error why;
	int status = 0;

	e->job.to_ns = UINT64_MAX;
	if (settings->extract.from[0])
		status = nsc_time_read(settings->extract.from, &e->job.from_ns, &why);
	if (status)
		return nsc_fail(error, status, "--from %s", why.text);
	if (settings->ship.to[0])
		status = nsc_time_read(settings->ship.to, &e->job.to_ns, &why);
	if (status)
		return nsc_fail(error, status, "--to %s", why.text);
	if (e->job.from_ns > e->job.to_ns)
		return nsc_fail(error, -EINVAL, "--from %s lies behind --to %s", settings->extract.from,
				settings->ship.to);
	return 0;
}

static int extract_read_select(struct extract *e, struct nsc_error *error)
{
	const struct nsc_settings *settings = e->settings;
	struct nsc_select *select = &e->job.select;
	struct nsc_error why;
	int status = 0;

	if (settings->extract.flow[0])
		status = nsc_select_flow(select, settings->extract.flow, &why);
	if (status)
		return nsc_fail(error, status, "--%s", why.text);
	if (settings->extract.host[0])
		status = nsc_networks_read(&select->hosts, settings->extract.host, &why);
	if (status)
		return nsc_fail(error, status, "--host %s", why.text);
	if (settings->extract.community_id[0])
		status = nsc_select_community(select, settings->extract.community_id, &why);
	if (status)
		return nsc_fail(error, status, "--community-id %s", why.text);
	select->by_host = select->hosts.n > 0;
	select->by_port = settings->extract.port > 0;
	select->port = (uint16_t)settings->extract.port;
	return 0;
}

static int extract_read_settings(struct extract *e, struct nsc_error *error)
{
	const struct nsc_settings *settings = e->settings;
	int status;

	if (!settings->read_pcap[0])
		return nsc_fail(error, -EINVAL,
				"netscope extract reads capture files: name them, or a folder that holds them");
	if (!settings->extract.output[0])
		return nsc_fail(error, -EINVAL, "netscope extract writes a capture file: name it with -o PATH");
	e->job.filter = settings->filter[0] ? settings->filter : NULL;
	e->job.snaplen = settings->snaplen;
	e->job.decode = nsc_conversation_decode(settings->decap);
	status = extract_read_times(e, error);
	return status ? status : extract_read_select(e, error);
}

/* --- files ------------------------------------------------------------------------------------ */

static int extract_look(struct extract *e, uint32_t i, struct nsc_error *error)
{
	struct nsc_extract_file *file = &e->file[i];
	struct stat found;

	file->path = e->inputs.path[i];
	if (nsc_out_same_file(file->path, e->settings->extract.output))
		return nsc_fail(error, -EINVAL, "-o and an input are the same file: %s", file->path);
	file->bytes = stat(file->path, &found) ? 0 : (uint64_t)found.st_size;
	e->bytes += file->bytes;
	if (!e->settings->extract.name[0]) /* all files are read for names */
		nsc_extract_index_ask(&e->index, file, &e->job);
	if (file->skip)
		return 0;
	if (nsc_extract_file_look(file, &file->failed)) {
		nsc_say(&file->failed);
		e->failed++;
		return 0;
	}
	if (file->first_ns == NSC_UNKNOWN)
		return 0;
	e->output.nanoseconds |= file->nanoseconds;
	e->read += file->looked;
	e->wanted_bytes += file->ranges.n ? file->ranges.bytes : file->bytes;
	nsc_order_put(e->head, &e->n_heads, i, file->first_ns);
	return 0;
}

static int extract_look_all(struct extract *e, struct nsc_error *error)
{
	int status = nsc_inputs_read(&e->inputs, e->settings->read_pcap, error);

	if (status)
		return status;
	e->file = calloc(e->inputs.n, sizeof(*e->file));
	e->head = calloc(e->inputs.n, sizeof(*e->head));
	if (!e->file || !e->head)
		return nsc_fail(error, -ENOMEM, "no memory for %u capture files", e->inputs.n);
	for (uint32_t i = 0; i < e->inputs.n && !status; i++)
		status = extract_look(e, i, error);
	nsc_extract_index_tell(&e->index);
	return status;
}

/* --- names ------------------------------------------------------------------------------------ */

/* In the order in which the files begin, so that time goes on. */
static uint32_t extract_in_order(struct extract *e, const char *paths[])
{
	struct nsc_order_head *heads = malloc(e->inputs.n * sizeof(*heads));
	uint32_t n = e->n_heads, all = n;

	if (!heads)
		return 0;
	memcpy(heads, e->head, n * sizeof(*heads));
	for (uint32_t i = 0; i < all; i++)
		paths[i] = e->inputs.path[nsc_order_take(heads, &n).file];
	free(heads);
	return all;
}

/* The files in which flows say their names are read for that alone. */
static int extract_find_named(struct extract *e, struct nsc_error *error)
{
	const char **paths = calloc(e->inputs.n, sizeof(*paths));
	uint32_t n = paths ? extract_in_order(e, paths) : 0;
	int status = 0;

	if (!paths || (!n && e->n_heads))
		status = nsc_fail(error, -ENOMEM, "no memory for the names of %u files", e->inputs.n);
	else if (n)
		status = nsc_named_flows_find(&e->named, e->settings, paths, n, e->wanted_bytes, error);
	free(paths);
	if (status)
		return status;
	nsc_tell(stderr, "%u flow%s a name that ends with %s", e->named.n, e->named.n == 1 ? " has" : "s have",
		 e->settings->extract.name);
	e->job.select.named = &e->named;
	e->n_heads = e->named.n ? e->n_heads : 0; /* nothing is wanted of any file */
	return 0;
}

/* --- one after the other ---------------------------------------------------------------------- */

static bool extract_goes_on(void *context)
{
	struct extract *e = context;
	struct nsc_counters totals = { 0 };
	struct nsc_rx_counters now;

	if (nsc_signals_received())
		return false;
	if (!e->progress || !e->at)
		return true;
	e->at->rx->ops->counters(e->at->rx, &now);
	totals.value[NSC_C_RX_FILE_BYTES] = e->read + now.file_bytes;
	totals.value[NSC_C_RX_RECEIVED] = e->received + now.received;
	nsc_progress_update(e->progress, &totals, nsc_monotonic_ns());
	return true;
}

static void extract_end_file(struct extract *e, struct nsc_extract_file *file)
{
	nsc_extract_file_close(file);
	e->n_open--;
	e->read += file->counters.file_bytes;
	e->received += file->counters.received;
	if (!file->failed.text[0])
		return;
	nsc_say(&file->failed);
	e->failed++;
}

static const struct nsc_packet *extract_next(struct extract *e, struct nsc_extract_file *file)
{
	e->at = file;
	return nsc_extract_file_next(file, &e->job);
}

/* NULL and status 0: no packet of it is wanted, or it cannot be read, which was told. */
static const struct nsc_packet *extract_begin_file(struct extract *e, struct nsc_extract_file *file, int *status,
						   struct nsc_error *error)
{
	const struct nsc_packet *pkt;

	*status = 0;
	if (file->skip)
		return NULL;
	if (e->n_open == OPEN_MOST) {
		*status = nsc_fail(error, -EMFILE,
				   "more than %d capture files have packets of one time: name fewer at a time",
				   OPEN_MOST);
		return NULL;
	}
	if (nsc_extract_file_open(file, &e->job, &file->failed)) {
		nsc_say(&file->failed);
		e->failed++;
		return NULL;
	}
	file->failed.text[0] = '\0';
	e->n_open++;
	pkt = extract_next(e, file);
	if (!pkt)
		extract_end_file(e, file);
	return pkt;
}

/* A Community ID does not say who talks, but a packet with it does: from then on an index can be asked about the files
 * that come later. Not of ICMP, of which several flows have one ID. */
static void extract_learn_flow(struct extract *e, const struct nsc_packet *pkt)
{
	struct nsc_select *select = &e->job.select;
	struct nsc_conversation c;

	if (!select->by_community || select->by_flow)
		return;
	nsc_conversation_of(pkt, &c);
	if (!nsc_conversation_has_ports(&c))
		return;
	select->flow = c;
	select->by_flow = true;
	for (uint32_t i = 0; i < e->n_heads; i++)
		if (!e->file[e->head[i].file].rx)
			nsc_extract_index_ask(&e->index, &e->file[e->head[i].file], &e->job);
	if (!e->job.from_ns && e->job.to_ns == UINT64_MAX) /* else it was told before */
		nsc_extract_index_tell(&e->index);
}

static int extract_put(struct extract *e, const struct nsc_extract_file *file, const struct nsc_packet *pkt,
		       struct nsc_error *error)
{
	uint16_t linktype = file->rx->linktype[pkt->link];
	uint64_t number;
	int status;

	if (!e->output.sink)
		extract_learn_flow(e, pkt);
	status = nsc_extract_output_next(&e->output, pkt, linktype, &number, error);
	if (!status && number)
		nsc_extract_file_comments(file, number);
	return status ? status : nsc_extract_output_put(&e->output, pkt, linktype, error);
}

static bool extract_is_full(const struct extract *e)
{
	return e->settings->count && e->output.packets >= e->settings->count;
}

/* From this file, as long as its packets are the next ones. */
static int extract_from(struct extract *e, struct nsc_order_head head, struct nsc_error *error)
{
	struct nsc_extract_file *file = &e->file[head.file];
	bool begins = !file->rx;
	int status = 0;
	const struct nsc_packet *pkt =
		begins ? extract_begin_file(e, file, &status, error) : &file->burst->pkt[__builtin_ctzll(file->wanted)];

	if (!pkt)
		return status;
	head.ts_ns = NSC_MAX(head.ts_ns, pkt->ts_ns);
	while (nsc_order_is_next(e->head, e->n_heads, head.file, head.ts_ns)) {
		status = extract_put(e, file, pkt, error);
		if (status || extract_is_full(e))
			return status;
		pkt = extract_next(e, file);
		if (!pkt) {
			extract_end_file(e, file);
			return 0;
		}
		head.ts_ns = NSC_MAX(head.ts_ns, pkt->ts_ns);
	}
	nsc_order_put(e->head, &e->n_heads, head.file, head.ts_ns);
	return 0;
}

static int extract_all(struct extract *e, struct nsc_error *error)
{
	int status = 0;

	if (e->settings->progress)
		e->progress = nsc_progress_open(STDERR_FILENO, e->wanted_bytes);
	while (!status && e->n_heads && !extract_is_full(e) && !nsc_signals_received())
		status = extract_from(e, nsc_order_take(e->head, &e->n_heads), error);
	nsc_progress_close(e->progress);
	return status;
}

/* --- the command ------------------------------------------------------------------------------ */

static void extract_tell(const struct extract *e)
{
	char missing[160];

	nsc_tell(stderr,
		 "%s: %" PRIu64 " packet%s of %" PRIu64 " bytes out of %u file%s; read %" PRIu64 " of %" PRIu64
		 " bytes",
		 e->output.path, e->output.packets, e->output.packets == 1 ? "" : "s", e->output.bytes, e->inputs.n,
		 e->inputs.n == 1 ? "" : "s", e->read + e->index.read, e->bytes);
	if (e->output.packets && nsc_kept_missing(e->output.sink->frame.tail > 0, missing, sizeof(missing)))
		nsc_tell_at(NSC_LEVEL_WARNING, stderr, "%s", missing);
}

/* What became of it, the worst first. */
static int extract_status(const struct extract *e, struct nsc_error *error)
{
	if (nsc_signals_received())
		return nsc_fail(error, -EINTR,
				"interrupted by %s: the files were not read to their end; what was found until then is "
				"written",
				nsc_signals_received());
	if (e->failed)
		return nsc_fail(error, -EIO, "%u of %u files could not be read to the end", e->failed, e->inputs.n);
	if (!e->output.packets)
		return nsc_fail(error, -ENODATA, "no packet matches: nothing was written");
	return 0;
}

/* Files are opened while it works: so it stays who it is, unless a user is named who may read them. */
static int extract_confine(const struct nsc_settings *settings, struct nsc_error *error)
{
	int status = 0;

	if (!nsc_privileges_wanted(settings, false))
		return 0;
	if (settings->user[0])
		status = nsc_privileges_drop(settings, error);
	return status ? status : nsc_privileges_confine(settings, error);
}

static int extract_do(struct extract *e, struct nsc_error *error)
{
	int status = extract_read_settings(e, error), finished;
	struct nsc_error why;

	if (!status)
		status = extract_confine(e->settings, error);
	if (!status)
		status = nsc_extract_output_open(&e->output, e->settings->extract.output, error);
	if (!status)
		status = extract_look_all(e, error);
	if (!status && e->settings->extract.name[0])
		status = extract_find_named(e, error);
	if (status)
		return status;
	status = extract_all(e, error);
	for (uint32_t i = 0; i < e->inputs.n; i++)
		if (e->file[i].rx)
			extract_end_file(e, &e->file[i]);
	finished = nsc_extract_output_finish(&e->output, &why);
	if (!status && finished)
		status = nsc_fail(error, finished, "%s", why.text);
	if (status == -EPIPE) /* its reader has what it wanted */
		return 0;
	if (status)
		return status == -EINVAL ? -EIO : status; /* of the output: the command line was right */
	extract_tell(e);
	if (nsc_privileges_refused(&why))
		nsc_say(&why);
	return extract_status(e, error);
}

int nsc_extract(const struct nsc_settings *settings, struct nsc_error *error)
{
	struct extract *e = calloc(1, sizeof(*e));
	int status;

	if (!e)
		return nsc_fail(error, -ENOMEM, "no memory for netscope extract");
	e->settings = settings;
	e->index = (struct nsc_extract_index){ .decap = settings->decap, .tunnels = settings->decap_ports };
	e->job.goes_on = extract_goes_on;
	e->job.context = e;
	status = extract_do(e, error);
	nsc_extract_output_close(&e->output);
	for (uint32_t i = 0; e->file && i < e->inputs.n; i++)
		nsc_extract_file_close(&e->file[i]);
	free(e->file);
	free(e->head);
	nsc_named_flows_free(&e->named);
	nsc_inputs_close(&e->inputs);
	free(e);
	return status;
}
