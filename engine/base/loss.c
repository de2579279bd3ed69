/* SPDX-License-Identifier: MIT
 *
 * What was lost or forgotten, and what helps: a row for each counter of the class LOSS or LIMIT.
 */
#include "netscope/view.h"

#define LOSS(id, name, apart, advice) [NSC_C_##id] = { name, apart, advice }

const struct nsc_loss_info nsc_loss_table[NSC_C_COUNT] = {
	LOSS(RX_NIC_DROPS, "interface", true,
	     "the interface had no room for what came: a longer receive ring (ethtool -G) or more queues (ethtool -L) "
	     "gives it more"),
	LOSS(RX_STACK_DROPS, "driver or backlog", true,
	     "lost before any socket saw it: see net.core.netdev_max_backlog, and where the interrupts go; a port of "
	     "DPDK had no free mbuf"),
	LOSS(RX_KERNEL_DROPS, "kernel ring", false,
	     "packets come faster than they are analysed: more --workers, a larger capture.buffer_size_mb for bursts, "
	     "or a filter (-f)"),
	LOSS(RX_FEED_BREAKS, "connections that ended", true,
	     "the other end of -r tcp:// went away, and came again: what it saw meanwhile may be missing"),
	LOSS(RX_FEED_DROPPED, "bytes of cut records", true,
	     "a connection of -r tcp:// ended within a record, or carried something else than a capture"),
	LOSS(LANE_FULL, "full lanes", false,
	     "a worker is slower than its share: more --workers, or a larger --channel-capacity for bursts"),
	LOSS(TAP_FULL, "not shown or written", true,
	     "packet lines or capture files cost more than the analysis, which saw these packets: --quiet, a faster "
	     "disk, or a filter (-f)"),
	LOSS(RECORD_SKIPPED, "flow records", true,
	     "ended flows came faster than they were written: a larger --record-memory-mb, or a faster disk"),
	LOSS(OUTPUT_LOST_PACKETS, "packets not written", true,
	     "an output could not be written: make room on its disk, see what became of its folder, or read faster at "
	     "the other end of its pipe"),
	LOSS(OUTPUT_LOST_ROWS, "rows not written", true,
	     "an output could not be written: make room on its disk, see what became of its folder, or read faster at "
	     "the other end of its pipe"),
	LOSS(SHIP_DROPPED_SEGMENTS, "spooled segments", true,
	     "nobody took segments out of the spool before it was full, or its disk was: see netscope ship, or set a "
	     "larger --spool-limit-mb"),
	LOSS(SHIP_DROPPED_ROWS, "spooled rows", true,
	     "nobody took segments out of the spool before it was full, or its disk was: see netscope ship, or set a "
	     "larger --spool-limit-mb"),
	LOSS(SHIP_DROPPED_PACKETS, "packets of spooled rows", true,
	     "nobody took segments out of the spool before it was full, or its disk was: see netscope ship, or set a "
	     "larger --spool-limit-mb"),
	LOSS(SHIP_DROPPED_BYTES, "bytes of spooled rows", true,
	     "nobody took segments out of the spool before it was full, or its disk was: see netscope ship, or set a "
	     "larger --spool-limit-mb"),
	LOSS(SHIP_DROPPED_ALERTS, "spooled alerts", true,
	     "nobody took segments out of the spool before it was full, or its disk was: see netscope ship, or set a "
	     "larger --spool-limit-mb"),
	LOSS(RECORDINGS_REFUSED, "recordings not made", true,
	     "alerts asked for more recordings than are made in an hour, or than can wait: a larger "
	     "--record-alerts-per-hour, or longer cooldowns"),
	LOSS(RECORDINGS_FAILED, "recordings not written", true,
	     "recordings could not be written: make room on the disk of --record-alerts, see what became of its "
	     "folder, or set a larger --record-alerts-limit-mb"),
	LOSS(RECORDING_LOST, "packets not recorded", true,
	     "packets came faster than recordings of them were written or read: a larger --recorder-mb, a faster disk, "
	     "or a --recorder-filter"),
	LOSS(IPFIX_REFUSED, "IPFIX messages refused", true,
	     "nobody takes IPFIX at the address of --ipfix, or something on the way refuses it: see whether the "
	     "collector runs"),
	LOSS(IPFIX_FAILED, "IPFIX messages not sent", true,
	     "the kernel did not take them: see the route to the collector, and the interface that leads there"),
	LOSS(DETECT_SKIPPED, "contacts", true,
	     "the detectors were too slow for so many contacts, and alerts may be missing: more --workers, or a filter "
	     "(-f)"),
	LOSS(ALERTS_DROPPED, "alerts", true,
	     "the writer was too slow for so many alerts: longer cooldowns, or a faster disk for --alerts-jsonl"),
	LOSS(DNS_SKIPPED, "DNS events", true,
	     "the publisher was too slow for so many DNS queries, and what is said of servers and names is incomplete: "
	     "a filter (-f), or --no-dns"),
	LOSS(RX_NAMES_FULL, "interface names", true,
	     "the files name more than 255 interfaces: flows and packets of the further ones have no interface, "
	     "everything else is there; files read one by one have a count each"),
	LOSS(FRAGMENT_EVICTED, "fragments", true,
	     "more datagrams were in pieces at once than a table of fragments holds: their later fragments have the "
	     "fate "
	     "fragment; a filter (-f) leaves fewer"),
	LOSS(DUPLICATE_EVICTED, "copies", true,
	     "more packets came within the window of --dedup than are remembered, and copies may have counted: a "
	     "shorter "
	     "window"),
	LOSS(TAP_CUT_FORGOTTEN, "cut-off of capture files", true,
	     "more flows went on at once than --write-pcap-cutoff-kb remembers, and more of some was written than "
	     "that: a "
	     "filter (-f), or a shorter --flow-timeout-s"),
	LOSS(RECORDER_CUT_FORGOTTEN, "cut-off of the recorder", true,
	     "more flows went on at once than --recorder-cutoff-kb remembers, and more of some was recorded than that: "
	     "more --workers, or a --recorder-filter"),
	LOSS(FLOW_EVICTED, "flow table", true,
	     "the flow table was full, and the longest silent flows ended early: raise --max-flows, or shorten "
	     "--flow-timeout-s"),
	LOSS(TCP_BLOCKS_FULL, "outstanding segments", true,
	     "more TCP segments and holes were outstanding than there was room for: round trip times are incomplete, "
	     "and "
	     "lost_segments may be too high"),
	LOSS(NAME_SKIPPED, "flows not listened to", true,
	     "more flows began to say who they talk to than there was room or time for, and some have no name: a "
	     "filter "
	     "(-f), or --names off"),
	LOSS(NAME_FORGOTTEN, "names", true,
	     "more different names came than fit: raise --names-memory-mb, or shorten --flow-timeout-s"),
	LOSS(TOP_NAMES_FULL, "bytes by name", true,
	     "more names than 8192 had bytes in one tick, and --top-names leaves some out: shorten "
	     "--stats-interval-ms"),
	LOSS(DNS_QUERY_FORGOTTEN, "DNS queries", true,
	     "more DNS queries waited for their answers than a worker remembers, and these count neither as answered "
	     "nor "
	     "as unanswered: more --workers"),
	LOSS(DNS_ANSWER_FORGOTTEN, "answered DNS queries", true,
	     "more DNS queries were under way than a worker remembers, and second answers may count as answers without "
	     "a "
	     "query: more --workers"),
	LOSS(DNS_SERVER_FORGOTTEN, "DNS servers", true,
	     "more DNS servers were asked than are remembered, and those that were asked least are missing: a filter "
	     "(-f)"),
	LOSS(DNS_NAME_FORGOTTEN, "DNS names", true,
	     "more names were asked for than are remembered, and those that were asked for least are missing: a filter "
	     "(-f)"),
	LOSS(DETECT_KEY_EVICTED, "detector keys", true,
	     "more keys came in one epoch than detectors remember, and small ones may be missed: raise "
	     "analysis.anomalies.memory_mb"),
	LOSS(DETECT_SKETCH_FULL, "detector sets", true,
	     "more keys came than sets fit, and counts of different ones are low: raise analysis.anomalies.memory_mb"),
	LOSS(DETECT_HANDSHAKE_EVICTED, "half-open handshakes", true,
	     "more handshakes were open than a worker remembers, and a flood from few sources may be missed: more "
	     "--workers"),
	LOSS(ATTACKS_FULL, "attacks", true,
	     "more attacks went on at once than are remembered, and some have no end in --alerts-jsonl: higher "
	     "thresholds"),
	LOSS(DETECT_PROBE_EARLY, "probes", true,
	     "more probes waited for an answer than a worker remembers, and the oldest counted as not answered: more "
	     "--workers"),
};
