/* SPDX-License-Identifier: MIT
 *
 * A feed in the life of a run: its sockets in the sandbox, and what becomes of its connections.
 */
#include "tools/netscope/run_parts.h"

#include "backends/sources/feed.h"
#include "tools/netscope/sandbox.h"
#include "tools/netscope/say.h"

void nsc_run_feed_open(struct nsc_run *run)
{
	int fd[NSC_FEED_SOCKETS];

	if (!run->sources.feed)
		return;
	nsc_feed_sockets(run->sources.feed, fd);
	for (unsigned i = 0; i < NSC_FEED_SOCKETS; i++)
		nsc_sandbox_listens(fd[i]);
}

void nsc_run_feed_tell(struct nsc_run *run)
{
	struct nsc_error sentence;
	bool broken;

	while (run->sources.feed && nsc_feed_news(run->sources.feed, &run->feed_told, &broken, &sentence))
		nsc_tell_at(broken ? NSC_LEVEL_WARNING : NSC_LEVEL_NOTICE, stderr, "%s", sentence.text);
}
