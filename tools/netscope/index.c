/* SPDX-License-Identifier: MIT */
#include "tools/netscope/index.h"

#include "backends/index/nsx_rebuild.h"
#include "engine/text/escape.h"
#include "netscope/clock.h"
#include "tools/netscope/say.h"

#include <errno.h>
#include <string.h>

static void index_tell(FILE *out, const char *path, const struct nsc_nsx_rebuilt *rebuilt, uint64_t ns)
{
	char shown[600];

	fprintf(out, "%s%s: %llu packet%s of %llu bytes; %llu bytes in %.1f s\n",
		nsc_escape_terminal(path, shown, sizeof(shown)), ".nsx", (unsigned long long)rebuilt->made.packets,
		rebuilt->made.packets == 1 ? "" : "s", (unsigned long long)rebuilt->covered,
		(unsigned long long)rebuilt->made.bytes, (double)ns / NSC_NS_PER_SEC);
}

static int index_one(FILE *out, struct nsc_nsx_writer *writer, const char *path)
{
	uint64_t begun_ns = nsc_monotonic_ns();
	struct nsc_nsx_rebuilt rebuilt;
	struct nsc_error error;
	int status = strcmp(path, "-")
			     ? nsc_nsx_rebuild(writer, path, NULL, &rebuilt, &error)
			     : nsc_fail(&error, -EINVAL, "standard input is no file that could have an index");

	if (status) {
		nsc_say_failure(&error);
		return status;
	}
	index_tell(out, path, &rebuilt, nsc_monotonic_ns() - begun_ns);
	if (!rebuilt.damage.text[0])
		return 0;
	nsc_fail(&error, 0, "%.1900s: the index has what is before", rebuilt.damage.text);
	nsc_say_failure(&error);
	return -EBADMSG;
}

int nsc_index_files(FILE *out, const struct nsc_settings *settings, struct nsc_error *error)
{
	const struct nsc_nsx_writer_options options = { .decap = settings->decap, .tunnels = settings->decap_ports };
	struct nsc_nsx_writer *writer;
	int status, first = 0;

	if (!settings->read_pcap[0])
		return nsc_fail(error, -EINVAL, "netscope index wants the capture files: netscope index FILE...");
	status = nsc_nsx_writer_open(&writer, &options, error);
	if (status)
		return status;
	for (const char *path = settings->read_pcap; *path; path = nsc_path_next(path)) {
		status = index_one(out, writer, path);
		first = first ? first : status;
	}
	nsc_nsx_writer_close(writer);
	error->text[0] = '\0';
	return first;
}
