/* SPDX-License-Identifier: MIT
 *
 * See peers.h. All write their flows somewhere, as we do; none may expire flows for want of room.
 */
#include "perf/peers.h"
#include "netscope/base.h"

const struct peer peers[] = {
	{ "tshark -q -z conv,tcp", { "tshark", "-n", "-q", "-z", "conv,tcp", "-r", "<file>" } },
	{ "tcptrace -l -r", { "tcptrace", "-n", "-l", "-r", "<file>" } },
	{ "nfpcapd", { "nfpcapd", "-r", "<file>", "-w", "<dir>", "-B", "4194304" } },
	{ "softflowd",
	  { "softflowd", "-r", "<file>", "-d", "-6", "-m", "4000000", "-v", "9", "-n", "127.0.0.1:9995", "-p",
	    "<dir>/pid", "-c", "none" } },
	{ "argus", { "argus", "-X", "-r", "<file>", "-w", "<dir>/out.argus" } },
	{ "ndpiReader", { "ndpiReader", "-q", "-i", "<file>", "-C", "<dir>/flows.csv" } },
};

const size_t n_peers = NSC_ARRAY_LEN(peers);
static_assert(NSC_ARRAY_LEN(peers) <= PEERS_MAX, "each has a way of its own");
