/* SPDX-License-Identifier: MIT
 *
 * netscope: the command line, then the run.
 */
#include "tools/netscope/options.h"
#include "tools/netscope/run.h"
#include "tools/netscope/version.h"

#include <errno.h>
#include <signal.h>

static int say(void (*print)(FILE *))
{
	print(stdout);
	/* `netscope --help | head` is no failure; a full disk is. */
	return fflush(stdout) && errno != EPIPE ? NSC_EXIT_FAILED : NSC_EXIT_OK;
}

static void print_version(FILE *out)
{
	fputs("netscope " NSC_VERSION "\n", out);
}

int main(int argc, char **argv)
{
	static struct nsc_settings settings;
	struct nsc_error error;

	signal(SIGPIPE, SIG_IGN); /* a closed pipe is the failed write of whoever wrote */
	nsc_settings_init(&settings);
	if (nsc_settings_parse(&settings, argc, argv, &error)) {
		fprintf(stderr, "netscope: %s\n", error.text);
		return NSC_EXIT_USAGE;
	}
	if (settings.help)
		return say(nsc_options_help);
	if (settings.version)
		return say(print_version);
	return nsc_run(&settings);
}
