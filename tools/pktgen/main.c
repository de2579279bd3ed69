/* SPDX-License-Identifier: MIT
 *
 * pktgen: seeded traffic to a capture file, and the truth about it beside it. For tests and benchmarks.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/streams.h"
#include "tools/pktgen/options.h"
#include "tools/pktgen/send.h"
#include "tools/pktgen/truth.h"

enum { EXIT_RUN = 1, EXIT_USAGE = 2 };

struct run {
	struct nsc_gen *gen;
	struct writer *writer;
	struct truth *truth;
	uint8_t *slot;
};

/* OUT.truth.json; NULL without memory. */
static char *truth_path(const struct pktgen_options *options)
{
	const char *path = options->output.path, *suffix = strrchr(path, '.');
	size_t keep = strlen(path);
	char *out;

	if (options->truth)
		return strdup(options->truth);
	if (suffix && (!strcmp(suffix, ".pcap") || !strcmp(suffix, ".pcapng")))
		keep = (size_t)(suffix - path);
	if (asprintf(&out, "%.*s.truth.json", (int)keep, path) < 0)
		return NULL;
	return out;
}

static int open_truth(struct run *run, const struct pktgen_options *options, struct nsc_error *error)
{
	char *path = truth_path(options);
	int status = 0;

	if (!path)
		return nsc_fail(error, -ENOMEM, "no memory");
	if (*path)
		status = truth_open(&run->truth, path, options->gen.traffic.flows,
				    options->output.nanoseconds ? 1 : 1000, error);
	free(path);
	return status;
}

static int pktgen_open_all(struct run *run, const struct pktgen_options *options, struct nsc_error *error)
{
	int status = nsc_gen_open(&run->gen, &options->gen, error);

	if (status)
		return status;
	run->slot = aligned_alloc(NSC_CACHE_LINE, nsc_gen_slot_size(run->gen));
	if (!run->slot)
		return nsc_fail(error, -ENOMEM, "no memory");
	nsc_gen_slot_init(run->gen, run->slot);
	status = writer_open(&run->writer, &options->output, error);
	return status ? status : open_truth(run, options, error);
}

static int write_all(struct run *run, struct nsc_error *error)
{
	struct nsc_gen_frame frame;
	struct writer *writer = run->writer;
	struct truth *truth = run->truth;
	int status = 0;

	while (!status && nsc_gen_next(run->gen, run->slot, &frame)) {
		status = writer_add(writer, &frame, error);
		if (truth)
			truth_add(truth, run->gen, &frame);
	}
	if (status)
		return status;
	run->writer = NULL;
	status = writer_close(writer, error);
	if (status || !truth)
		return status;
	run->truth = NULL;
	return truth_close(truth, error);
}

static void pktgen_close_all(struct run *run)
{
	if (run->writer)
		writer_abandon(run->writer);
	truth_abandon(run->truth);
	nsc_gen_close(run->gen);
	free(run->slot);
}

static int pktgen_refuse(const struct nsc_error *error, int status)
{
	fprintf(stderr, "pktgen: %s\n", error->text);
	return status;
}

int main(int argc, char **argv)
{
	struct pktgen_options options;
	struct run run = { 0 };
	struct nsc_error error;
	int status;

	if (nsc_streams_open(&error))
		return pktgen_refuse(&error, EXIT_RUN);
	if (pktgen_options_parse(&options, argc, argv, &error))
		return pktgen_refuse(&error, EXIT_USAGE);
	if (options.help) {
		pktgen_options_help(stdout);
		return fflush(stdout) ? EXIT_RUN : EXIT_SUCCESS;
	}
	signal(SIGPIPE, SIG_IGN); /* a reader that goes away is an error like any other */
	if (options.send.interface) {
		status = pktgen_send(&options, stdout, &error);
	} else {
		status = pktgen_open_all(&run, &options, &error);
		if (!status)
			status = write_all(&run, &error);
		pktgen_close_all(&run);
	}
	return status ? pktgen_refuse(&error, EXIT_RUN) : EXIT_SUCCESS;
}
