/* SPDX-License-Identifier: MIT
 *
 * The registry of counters: every number that NetScope counts, once, with its unit, its place on the packet's way, its
 * class and its meaning. The terminal, --summary-json, /metrics and the dashboard all walk this table.
 *
 * A thread that counts owns one struct nsc_counters and is its only writer; the publisher adds them up.
 */
#ifndef NETSCOPE_COUNTERS_H
#define NETSCOPE_COUNTERS_H

#include "netscope/alert.h"
#include "netscope/packet.h"
#include "netscope/timeline.h"
#include "netscope/usdt.h"

/* X(CLASS, name, what it says). While every counter of the classes LOSS and LIMIT is 0, the answer of a capture file
 * does not depend on the number of workers. A counter of these two classes has a name for people and a sentence of
 * advice in engine/base/loss.c. A bound that depends on one packet or one connection alone is traffic, not a limit: it
 * is the same for any number of workers. FATE is made from NSC_FATES in packet.h. */
#define NSC_COUNTER_CLASSES(X)                                                                                         \
	X(TRAFFIC, "traffic", "what came, and what was done with it")                                                  \
	X(FATE, "fate", "what became of a delivered packet: each has exactly one")                                     \
	X(LOSS, "loss", "a thread, disk or interface was too slow: something was not counted, shown or written")       \
	X(LIMIT, "limit", "a table or a pool was full: something in it was forgotten early")                           \
	X(WAIT, "wait", "a thread waited for another one, or went on without it: nothing is missing")                  \
	X(CYCLES, "cycles", "time at work or without packets, in cycles of the time stamp counter")                    \
	X(WAITED, "waited", "time in which a thread waited for room in front of another one, in the same cycles")      \
	X(GAUGE, "gauge", "how much there is now")

enum nsc_counter_class {
#define NSC_X(id, name, help) NSC_CLASS_##id,
	NSC_COUNTER_CLASSES(NSC_X)
#undef NSC_X
		NSC_CLASS_COUNT
};

/* X(ID, name, unit, place, class, help) */
#define NSC_COUNTERS(X)                                                                                                \
	X(RX_RECEIVED, "rx_received", "packets", "source", TRAFFIC, "packets that the source saw")                     \
	X(RX_BYTES, "rx_bytes", "bytes", "source", TRAFFIC, "their bytes on the wire")                                 \
	X(RX_FILTERED, "rx_filtered", "packets", "source", TRAFFIC, "packets that the filter refused")                 \
	X(RX_DELIVERED, "rx_delivered", "packets", "source", TRAFFIC, "packets given to the engine")                   \
	X(RX_BACKWARDS, "rx_ts_backwards", "packets", "source", TRAFFIC, "packets older than the one before them")     \
	X(CLOCK_OUTLIERS, "clock_outliers", "packets", "source", TRAFFIC,                                              \
	  "packets whose time is far from their neighbours'")                                                          \
	X(CLOCK_STEPS, "clock_steps", "steps", "source", TRAFFIC, "times that packet time stepped, ahead or back")     \
	X(RX_SNAPPED, "rx_snapped", "packets", "source", TRAFFIC, "packets captured shorter than they were")           \
	X(RX_FILE_BYTES, "rx_file_bytes", "bytes", "source", TRAFFIC, "bytes of the input taken")                      \
	X(RX_SKIPPED_BLOCKS, "rx_non_packet_blocks", "blocks", "source", TRAFFIC, "pcapng blocks without a packet")    \
	X(RX_NAMES_FULL, "rx_names_full", "interfaces", "source", LIMIT,                                               \
	  "interfaces of pcapng whose names are not shown: more than 255 came")                                        \
	X(RX_FEED_BREAKS, "rx_feed_breaks", "connections", "source", LOSS,                                             \
	  "connections of a feed (-r tcp://) that ended: what came until the next one is missing")                     \
	X(RX_FEED_DROPPED, "rx_feed_dropped", "bytes", "source", LOSS,                                                 \
	  "bytes of such a connection that were dropped: a record that was cut, or no record")                         \
	X(RX_WIRE_PACKETS, "rx_wire_packets", "packets", "wire", TRAFFIC, "on the wire: what offloads merged, apart")  \
	X(RX_WIRE_BYTES, "rx_wire_bytes", "bytes", "wire", TRAFFIC,                                                    \
	  "their bytes on the wire, headers of each included")                                                         \
	X(RX_LEFT, "rx_left", "packets", "source", TRAFFIC, "packets that came after the last one that was wanted")    \
	X(RX_NIC_DROPS, "rx_nic_drops", "packets", "nic", LOSS, "lost in the interface")                               \
	X(RX_STACK_DROPS, "rx_stack_drops", "packets", "stack", LOSS, "lost in the driver or the kernel's backlog")    \
	X(RX_KERNEL_SEEN, "rx_kernel_seen", "packets", "kernel", TRAFFIC, "packets that the kernel had for us")        \
	X(RX_KERNEL_DROPS, "rx_kernel_drops", "packets", "kernel", LOSS, "lost in the kernel's ring")                  \
	X(LANE_PACKETS, "lane_packets", "packets", "lane", TRAFFIC, "packets handed to workers through lanes")         \
	X(LANE_BURSTS, "lane_bursts", "bursts", "lane", TRAFFIC, "bursts handed over")                                 \
	X(LANE_WAITS, "lane_waits", "waits", "lane", WAIT, "times the reader waited for a full lane (offline)")        \
	X(LANE_FULL, "lane_full", "packets", "lane", LOSS, "packets dropped at a full lane (live)")                    \
	X(LANE_WAITING, "lane_waiting", "bursts", "lane", GAUGE, "bursts waiting in lanes, at the last tick")          \
	X(BLOCKS, "blocks", "blocks", "reader", TRAFFIC, "pieces of files that several threads read")                  \
	X(BLOCKS_AGAIN, "blocks_again", "blocks", "reader", TRAFFIC,                                                   \
	  "of these, read again in order: not all in them could be told ahead")                                        \
	X(BLOCK_WAITS, "block_waits", "waits", "reader", WAIT,                                                         \
	  "times a reader had nothing to read and nothing to take")                                                    \
	X(WORKER_PACKETS, "worker_packets", "packets", "worker", TRAFFIC, "packets that workers took")                 \
	X(WORKER_BYTES, "worker_bytes", "bytes", "worker", TRAFFIC, "their bytes on the wire")                         \
	X(WORKER_TCP, "worker_tcp_packets", "packets", "worker", TRAFFIC, "packets of TCP flows")                      \
	X(WORKER_TCP_BYTES, "worker_tcp_bytes", "bytes", "worker", TRAFFIC, "their bytes on the wire")                 \
	X(WORKER_UDP, "worker_udp_packets", "packets", "worker", TRAFFIC, "packets of UDP flows")                      \
	X(WORKER_UDP_BYTES, "worker_udp_bytes", "bytes", "worker", TRAFFIC, "their bytes on the wire")                 \
	X(WORKER_BURSTS, "worker_bursts", "bursts", "worker", TRAFFIC, "bursts with at least one packet")              \
	X(WORKER_EMPTY_POLLS, "worker_empty_polls", "polls", "worker", TRAFFIC, "polls that found nothing")            \
	X(ROUND_SOURCE, "round_source", "rounds", "worker", WAIT,                                                      \
	  "rounds of a worker over 50 us that were not without polling the source")                                    \
	X(ROUND_OFF_CORE, "round_off_core", "rounds", "worker", WAIT,                                                  \
	  "other rounds over 50 us in which the scheduler took the core away, or the worker waited")                   \
	X(ROUND_FAULTED, "round_faulted", "rounds", "worker", WAIT, "other rounds over 50 us with page faults")        \
	X(ROUND_OWN, "round_own", "rounds", "worker", WAIT, "rounds over 50 us for none of these causes")              \
	X(TAPS, "taps", "taps", "tap", GAUGE, "places where packets are copied for packet lines and pcap output")      \
	X(TAP_PACKETS, "tap_packets", "packets", "tap", TRAFFIC, "packets copied for them")                            \
	X(TAP_CUT, "tap_cut", "packets", "tap", TRAFFIC,                                                               \
	  "packets not copied: they came behind --write-pcap-cutoff-kb of their flow")                                 \
	X(TAP_CUT_BYTES, "tap_cut_bytes", "bytes", "tap", TRAFFIC, "their bytes on the wire")                          \
	X(TAP_CUT_FORGOTTEN, "tap_cut_forgotten", "flows", "tap", LIMIT,                                               \
	  "flows whose cut-off begins anew, because there were too many")                                              \
	X(TAP_WAITS, "tap_waits", "waits", "tap", WAIT, "times the reader waited for the writer (offline)")            \
	X(TAP_FULL, "tap_full", "packets", "tap", LOSS, "packets not copied, writer busy (live)")                      \
	X(TAP_EARLY, "tap_early", "packets", "tap", WAIT, "put in order by a guess, other queues too slow (live)")     \
	X(SAMPLE_PACKETS, "sample_packets", "packets", "dashboard", TRAFFIC, "packets copied for the dashboard")       \
	X(SAMPLE_MATCHED, "sample_matched", "packets", "dashboard", TRAFFIC,                                           \
	  "packets that a sample filter let through")                                                                  \
	X(SAMPLE_MISSED, "sample_missed", "packets", "dashboard", WAIT, "samples not copied, dashboard busy")          \
	X(RECORDERS, "recorders", "rings", "recorder", GAUGE, "rings of memory for the latest packets")                \
	X(RECORDER_PACKETS, "recorder_packets", "packets", "recorder", TRAFFIC, "packets recorded in memory")          \
	X(RECORDER_BYTES, "recorder_bytes", "bytes", "recorder", TRAFFIC, "their bytes that were kept")                \
	X(RECORDER_FILTERED, "recorder_filtered", "packets", "recorder", TRAFFIC,                                      \
	  "packets not recorded: --recorder-filter refused them")                                                      \
	X(RECORDER_CUT, "recorder_cut", "packets", "recorder", TRAFFIC,                                                \
	  "packets not recorded: they came behind --recorder-cutoff-kb of their flow")                                 \
	X(RECORDER_CUT_BYTES, "recorder_cut_bytes", "bytes", "recorder", TRAFFIC, "their bytes on the wire")           \
	X(RECORDER_CUT_FORGOTTEN, "recorder_cut_forgotten", "flows", "recorder", LIMIT,                                \
	  "flows whose cut-off begins anew, because there were too many")                                              \
	X(RECORDER_OVERWRITTEN, "recorder_overwritten", "packets", "recorder", TRAFFIC,                                \
	  "recorded packets that later ones replaced")                                                                 \
	X(RECORDER_WAITS, "recorder_waits", "waits", "recorder", WAIT,                                                 \
	  "times a worker waited for a recording that is being written (offline)")                                     \
	X(QUERY_ANSWERED, "query_answered", "queries", "dashboard", TRAFFIC, "flow queries answered by workers")       \
	X(QUERY_VISITED, "query_visited", "records", "dashboard", TRAFFIC, "flow records looked at for them")          \
	X(FRAGMENTS_JOINED, "fragments_joined", "packets", "decode", TRAFFIC, "later fragments counted in their flow") \
	X(FRAGMENT_EVICTED, "fragment_evicted", "datagrams", "decode", LIMIT,                                          \
	  "fragmented datagrams forgotten because there were too many")                                                \
	X(DUPLICATE_EVICTED, "duplicate_evicted", "packets", "decode", LIMIT,                                          \
	  "packets forgotten before their copy could come")                                                            \
	X(FLOW_MIXED_VLANS, "flow_mixed_vlans", "packets", "decode", TRAFFIC,                                          \
	  "of a sample, with other VLAN tags than their flow had before")                                              \
	X(FLOW_MIXED_TUNNELS, "flow_mixed_tunnels", "packets", "decode", TRAFFIC,                                      \
	  "of a sample, with other tunnels than their flow had before")                                                \
	X(FLOW_CREATED, "flow_created", "flows", "flow", TRAFFIC, "flow records begun")                                \
	X(FLOW_TIMEOUT, "flow_timeout", "flows", "flow", TRAFFIC, "flow records ended by silence")                     \
	X(FLOW_REUSED, "flow_reused", "flows", "flow", TRAFFIC, "flow records ended by a new connection")              \
	X(FLOW_EVICTED, "flow_evicted", "flows", "flow", LIMIT, "flow records evicted because the table was full")     \
	X(FLOW_REMAINED, "flow_remained", "flows", "flow", TRAFFIC, "flow records alive at the end of the run")        \
	X(FLOW_PARTS, "flow_parts", "parts", "flow", TRAFFIC, "parts of flows that went on after them")                \
	X(FLOW_PACKETS, "flow_packets", "packets", "flow", TRAFFIC, "packets of all ended and remaining records")      \
	X(FLOW_ACTIVE, "flow_active", "flows", "flow", GAUGE, "flows seen within the timeout, at the last tick")       \
	X(FLOW_HELD, "flow_held", "flows", "flow", GAUGE, "flow records in the table")                                 \
	X(FLOW_SWEPT, "flow_swept", "records", "flow", TRAFFIC, "records that the sweep looked at")                    \
	X(FLOW_GROWTH_LATE, "flow_growth_late", "growths", "flow", WAIT, "growth that found no memory made ready")     \
	X(TCP_OPENED, "tcp_opened", "handshakes", "flow", TRAFFIC, "TCP handshakes whose begin was seen")              \
	X(TCP_ESTABLISHED, "tcp_established", "handshakes", "flow", TRAFFIC, "of these, completed")                    \
	X(TCP_REFUSED, "tcp_refused", "handshakes", "flow", TRAFFIC, "of these, ended by a reset")                     \
	X(TCP_UNANSWERED, "tcp_unanswered", "handshakes", "flow", TRAFFIC,                                             \
	  "of these, ended in silence, or by another attempt")                                                         \
	X(TCP_RESETS, "tcp_resets", "connections", "flow", TRAFFIC,                                                    \
	  "TCP connections ended by a reset, refused handshakes included")                                             \
	X(TCP_RETRANSMISSIONS, "tcp_retransmissions", "segments", "flow", TRAFFIC, "segments that were sent again")    \
	X(TCP_OUT_OF_ORDER, "tcp_out_of_order", "segments", "flow", TRAFFIC, "segments that later ones overtook")      \
	X(TCP_GAPS, "tcp_gaps", "gaps", "flow", TRAFFIC, "gaps in sequence numbers that appeared")                     \
	X(TCP_GAPS_FILLED, "tcp_gaps_filled", "gaps", "flow", TRAFFIC,                                                 \
	  "gaps that late or repeated segments filled: the rest is lost")                                              \
	X(TCP_ZERO_WINDOWS, "tcp_zero_windows", "segments", "flow", TRAFFIC, "segments that announced a window of 0")  \
	X(TCP_OUTSTANDING_LIMIT, "tcp_outstanding_limit", "segments", "flow", TRAFFIC,                                 \
	  "segments and holes beyond what one connection may have remembered")                                         \
	X(TCP_WALK_CUT, "tcp_walk_cut", "walks", "flow", TRAFFIC,                                                      \
	  "walks over outstanding segments that reached their bound")                                                  \
	X(TCP_STEPPED, "tcp_stepped", "connections", "flow", TRAFFIC,                                                  \
	  "waits for an answer in which packet time stepped: no round trip time from them")                            \
	X(TCP_BLOCKS_FULL, "tcp_blocks_full", "segments", "flow", LIMIT,                                               \
	  "segments and holes not remembered: the pool was empty")                                                     \
	X(NAME_LOOKS, "name_looks", "looks", "flow", TRAFFIC, "looks at what flows say first, for their names")        \
	X(NAME_FOUND, "name_found", "flows", "flow", TRAFFIC, "ends of flows that said something known")               \
	X(NAME_SKIPPED, "name_skipped", "flows", "flow", LIMIT,                                                        \
	  "ends of flows not listened to any further: no room for their first bytes, or no time")                      \
	X(NAME_FORGOTTEN, "name_forgotten", "flows", "flow", LIMIT,                                                    \
	  "flows whose name was forgotten: memory for names was full")                                                 \
	X(TOP_NAMES_FULL, "top_names_full", "flows", "flow", LIMIT,                                                    \
	  "flows and names left out of the bytes by name of a tick: too many names")                                   \
	X(DNS_QUERIES, "dns_queries", "queries", "dns", TRAFFIC, "DNS queries to servers, repeated ones included")     \
	X(DNS_REPEATED, "dns_repeated", "queries", "dns", TRAFFIC, "queries that came while the same one waited")      \
	X(DNS_ANSWERED, "dns_answered", "queries", "dns", TRAFFIC, "queries that were answered in time")               \
	X(DNS_UNANSWERED, "dns_unanswered", "queries", "dns", TRAFFIC,                                                 \
	  "queries without an answer in time, or before the end of the run")                                           \
	X(DNS_ANSWERED_AGAIN, "dns_answered_again", "answers", "dns", TRAFFIC,                                         \
	  "further answers to queries that were answered")                                                             \
	X(DNS_OTHER_QUESTION, "dns_other_question", "answers", "dns", TRAFFIC,                                         \
	  "answers whose question is not that of their query")                                                         \
	X(DNS_UNASKED, "dns_unasked", "answers", "dns", TRAFFIC, "answers without a query, or too late for it")        \
	X(DNS_UNTIMED, "dns_untimed", "queries", "dns", TRAFFIC,                                                       \
	  "answered queries without a latency: packet time stepped, or went back")                                     \
	X(DNS_CUT, "dns_cut", "messages", "dns", TRAFFIC, "messages that the capture cuts within their question")      \
	X(DNS_UNREAD, "dns_unread", "datagrams", "dns", TRAFFIC, "damaged or foreign datagrams of port 53")            \
	X(DNS_QUERY_FORGOTTEN, "dns_query_forgotten", "queries", "dns", LIMIT,                                         \
	  "queries forgotten before their answer could come: too many waited")                                         \
	X(DNS_ANSWER_FORGOTTEN, "dns_answer_forgotten", "queries", "dns", LIMIT,                                       \
	  "answered queries forgotten before a further answer could come: too many waited")                            \
	X(DNS_SERVER_FORGOTTEN, "dns_server_forgotten", "servers", "dns", LIMIT,                                       \
	  "DNS servers forgotten because there were too many")                                                         \
	X(DNS_NAME_FORGOTTEN, "dns_name_forgotten", "names", "dns", LIMIT,                                             \
	  "names of DNS questions forgotten because there were too many")                                              \
	X(DNS_WAITS, "dns_waits", "waits", "dns", WAIT, "times a worker waited for who adds up DNS (offline)")         \
	X(DNS_SKIPPED, "dns_skipped", "events", "dns", LOSS,                                                           \
	  "DNS queries and answers not added up, publisher busy (live)")                                               \
	X(RECORD_SENT, "record_sent", "records", "output", TRAFFIC, "ended flow records handed to the writer")         \
	X(RECORD_WAITS, "record_waits", "waits", "output", WAIT, "times a worker waited for the writer (offline)")     \
	X(RECORD_SKIPPED, "record_skipped", "records", "output", LOSS, "flow records dropped before a busy writer")    \
	X(OUTPUT_FAILING, "output_failing", "outputs", "output", GAUGE,                                                \
	  "outputs that cannot be written now, or whose reader does not keep up")                                      \
	X(OUTPUT_FAILURES, "output_failures", "failures", "output", TRAFFIC,                                           \
	  "times that an output could not be written any more, or its reader fell behind")                             \
	X(OUTPUT_LOST_PACKETS, "output_lost_packets", "packets", "output", LOSS,                                       \
	  "packets not written: their output could not be, or its reader did not keep up (live)")                      \
	X(OUTPUT_LOST_ROWS, "output_lost_rows", "rows", "output", LOSS,                                                \
	  "flows, alerts and lines not written, for the same reasons")                                                 \
	X(SPOOL_SEGMENTS, "spool_segments", "segments", "output", TRAFFIC, "segments completed in the spool")          \
	X(SPOOL_ROWS, "spool_rows", "rows", "output", TRAFFIC, "rows of flows that got a number in the spool")         \
	X(SPOOL_PACKETS, "spool_packets", "packets", "output", TRAFFIC, "packets that these rows count")               \
	X(SPOOL_BYTES, "spool_bytes", "bytes", "output", TRAFFIC, "bytes on the wire that these rows count")           \
	X(SPOOL_ALERTS, "spool_alerts", "alerts", "output", TRAFFIC, "alerts that got a number in the spool")          \
	X(SPOOL_WAITS, "spool_waits", "waits", "output", WAIT,                                                         \
	  "times the writer waited for room in the spool (offline)")                                                   \
	X(SHIP_DROPPED_SEGMENTS, "ship_dropped_segments", "segments", "output", LOSS,                                  \
	  "segments dropped from the spool before they were sent: it was full, or could not be written")               \
	X(SHIP_DROPPED_ROWS, "ship_dropped_rows", "rows", "output", LOSS, "rows of flows dropped with them")           \
	X(SHIP_DROPPED_PACKETS, "ship_dropped_packets", "packets", "output", LOSS, "packets that these rows count")    \
	X(SHIP_DROPPED_BYTES, "ship_dropped_bytes", "bytes", "output", LOSS,                                           \
	  "bytes on the wire that these rows count")                                                                   \
	X(SHIP_DROPPED_ALERTS, "ship_dropped_alerts", "alerts", "output", LOSS,                                        \
	  "alerts dropped from the spool, or before, for the same reasons")                                            \
	X(RECORDINGS_ASKED, "recordings_asked", "recordings", "recorder", TRAFFIC,                                     \
	  "recordings that alerts and SIGUSR2 have asked for")                                                         \
	X(RECORDINGS, "recordings", "recordings", "recorder", TRAFFIC, "recordings written")                           \
	X(RECORDINGS_REFUSED, "recordings_refused", "recordings", "recorder", LIMIT,                                   \
	  "recordings not made: too many in an hour, or too many waited")                                              \
	X(RECORDINGS_FAILED, "recordings_failed", "recordings", "recorder", LOSS,                                      \
	  "recordings that could not be written, or not to their end")                                                 \
	X(RECORDINGS_REMOVED, "recordings_removed", "recordings", "recorder", TRAFFIC,                                 \
	  "old recordings removed to make room for new ones")                                                          \
	X(RECORDING_PACKETS, "recording_packets", "packets", "recorder", TRAFFIC,                                      \
	  "packets written into recordings and answers")                                                               \
	X(RECORDING_BYTES, "recording_bytes", "bytes", "recorder", TRAFFIC, "their bytes")                             \
	X(RECORDING_LOST, "recording_lost", "packets", "recorder", LOSS,                                               \
	  "packets overwritten in memory before a recording or an answer came to them")                                \
	X(RECORDER_ANSWERS, "recorder_answers", "answers", "recorder", TRAFFIC,                                        \
	  "requests of the control socket and the dashboard that were answered")                                       \
	X(RECORDER_BUSY, "recorder_busy", "requests", "recorder", TRAFFIC,                                             \
	  "requests refused because others were under way")                                                            \
	X(IPFIX_ROWS, "ipfix_rows", "rows", "output", TRAFFIC, "flows in IPFIX messages that were sent")               \
	X(IPFIX_MESSAGES, "ipfix_messages", "messages", "output", TRAFFIC, "IPFIX messages that were sent")            \
	X(IPFIX_REFUSED, "ipfix_refused", "messages", "output", LOSS,                                                  \
	  "of these, that did not arrive, as the collector's machine or a router told")                                \
	X(IPFIX_FAILED, "ipfix_failed", "messages", "output", LOSS, "IPFIX messages that could not be sent")           \
	X(SNAPSHOT_SENT, "snapshot_sent", "snapshots", "publish", TRAFFIC, "snapshots handed to the publisher")        \
	X(SNAPSHOT_WAITS, "snapshot_waits", "waits", "publish", WAIT, "times a worker waited for the publisher")       \
	X(SNAPSHOT_MISSED, "snapshot_missed", "snapshots", "publish", WAIT, "snapshots not sent, publisher busy")      \
	X(PROFILE_SAMPLES, "profile_samples", "samples", "profile", TRAFFIC,                                           \
	  "samples of the stacks of the program's own threads")                                                        \
	X(PROFILE_LOST, "profile_lost", "samples", "profile", WAIT,                                                    \
	  "samples that found no room, because they were not taken from their ring in time")                           \
	X(PROFILE_OVERWRITTEN, "profile_overwritten", "samples", "profile", TRAFFIC,                                   \
	  "samples that later ones replaced")                                                                          \
	X(RELOADS, "reloads", "reloads", "control", TRAFFIC,                                                           \
	  "times that the configuration file was read again and taken over")                                           \
	X(RELOADS_REFUSED, "reloads_refused", "reloads", "control", TRAFFIC,                                           \
	  "times that it was not, because something in it was wrong: nothing has changed")                             \
	X(DETECT_CONTACTS, "detect_contacts", "packets", "detect", TRAFFIC, "packets that detectors count")            \
	X(DETECT_RECORDS, "detect_records", "records", "detect", TRAFFIC, "different contacts of an epoch, handed on") \
	X(DETECT_WAITS, "detect_waits", "waits", "detect", WAIT, "times a worker waited for the detectors (offline)")  \
	X(DETECT_SKIPPED, "detect_skipped", "contacts", "detect", LOSS, "contacts not counted, detectors busy (live)") \
	X(DETECT_EPOCHS, "detect_epochs", "epochs", "detect", TRAFFIC, "epochs with contacts that were decided")       \
	X(DETECT_KEYS, "detect_keys", "keys", "detect", GAUGE, "targets and sources held in windows")                  \
	X(DETECT_KEY_EVICTED, "detect_key_evicted", "keys", "detect", LIMIT,                                           \
	  "targets and sources forgotten because windows were full")                                                   \
	X(DETECT_SKETCH_FULL, "detect_sketch_full", "contacts", "detect", LIMIT,                                       \
	  "contacts for which a window had no room")                                                                   \
	X(DETECT_HANDSHAKE_EVICTED, "detect_handshake_evicted", "handshakes", "detect", LIMIT,                         \
	  "half-open handshakes forgotten because there were too many")                                                \
	X(DETECT_PROBE_EARLY, "detect_probe_early", "probes", "detect", LIMIT,                                         \
	  "probes that were not given the time to be answered: there were too many")                                   \
	X(MICROBURST_PACKETS, "microburst_packets", "packets", "detect", GAUGE,                                        \
	  "most packets in a millisecond so far")                                                                      \
	X(MICROBURST_BYTES, "microburst_bytes", "bytes", "detect", GAUGE, "most bytes in a millisecond so far")        \
	X(ALERTS, "alerts", "alerts", "detect", TRAFFIC, "alerts raised")                                              \
	X(ALERT_UPDATES, "alert_updates", "alerts", "detect", TRAFFIC,                                                 \
	  "updates and ends of attacks, written to files only")                                                        \
	X(ATTACKS_FULL, "attacks_full", "attacks", "detect", LIMIT,                                                    \
	  "attacks without updates and end: too many went on at once")                                                 \
	X(ALERT_WAITS, "alert_waits", "waits", "detect", WAIT, "times the detectors waited for the writer (offline)")  \
	X(ALERTS_DROPPED, "alerts_dropped", "alerts", "detect", LOSS,                                                  \
	  "alerts raised but not written, writer busy (live)")                                                         \
	X(CYCLES_RX, "cycles_rx", "cycles", "worker", CYCLES, "polling that brought packets, and release")             \
	X(CYCLES_DECODE, "cycles_decode", "cycles", "worker", CYCLES, "decode")                                        \
	X(CYCLES_TAP, "cycles_tap", "cycles", "tap", CYCLES, "copying packets for outputs")                            \
	X(CYCLES_SAMPLE, "cycles_sample", "cycles", "worker", CYCLES, "copying samples for the dashboard")             \
	X(CYCLES_RECORDER, "cycles_recorder", "cycles", "recorder", CYCLES, "recording packets in memory")             \
	X(CYCLES_STEER, "cycles_steer", "cycles", "lane", CYCLES, "steering into lanes")                               \
	X(CYCLES_FLOW, "cycles_flow", "cycles", "worker", CYCLES, "flow table")                                        \
	X(CYCLES_DETECT, "cycles_detect", "cycles", "worker", CYCLES, "counting for the detectors")                    \
	X(CYCLES_DNS, "cycles_dns", "cycles", "worker", CYCLES, "DNS queries and answers")                             \
	X(CYCLES_MERGE, "cycles_merge", "cycles", "publisher", CYCLES, "merging what workers counted, and deciding")   \
	X(CYCLES_SWEEP, "cycles_sweep", "cycles", "worker", CYCLES, "sweep")                                           \
	X(CYCLES_QUERY, "cycles_query", "cycles", "worker", CYCLES, "answering the dashboard's flow queries")          \
	X(CYCLES_TICK, "cycles_tick", "cycles", "worker", CYCLES, "ticks: snapshots, top flows")                       \
	X(CYCLES_EMPTY, "cycles_empty", "cycles", "worker", CYCLES, "polls that found nothing")                        \
	X(CYCLES_IDLE, "cycles_idle", "cycles", "worker", CYCLES, "pausing, yielding, sleeping until packets come")    \
	X(WAITED_LANE, "waited_lane", "cycles", "lane", WAITED, "the reader, for a full lane, or for its bursts")      \
	X(WAITED_BLOCK, "waited_block", "cycles", "reader", WAITED,                                                    \
	  "a reader, for others to read, join or leave blocks")                                                        \
	X(WAITED_TAP, "waited_tap", "cycles", "tap", WAITED, "the reader, for the writer to take packets")             \
	X(WAITED_RECORDER, "waited_recorder", "cycles", "recorder", WAITED,                                            \
	  "a worker, for a recording that is being written")                                                           \
	X(WAITED_RECORDS, "waited_records", "cycles", "output", WAITED, "a worker, for the writer to take records")    \
	X(WAITED_DETECT, "waited_detect", "cycles", "detect", WAITED, "a worker, for the detectors")                   \
	X(WAITED_DNS, "waited_dns", "cycles", "dns", WAITED, "a worker, for who adds up DNS")                          \
	X(WAITED_SNAPSHOTS, "waited_snapshots", "cycles", "publisher", WAITED, "a worker, for the publisher")          \
	X(WAITED_ALERTS, "waited_alerts", "cycles", "detect", WAITED, "the publisher, for the writer to take alerts")

enum nsc_counter {
#define NSC_X(id, name, unit, place, class, help) NSC_C_##id,
	NSC_COUNTERS(NSC_X)
#undef NSC_X
		NSC_C_FATE, /* the fates follow, in the order of enum nsc_fate: NSC_C_FATE + NSC_FATE_ARP, ... */
	NSC_C_ALERT = NSC_C_FATE + NSC_FATE_COUNT, /* and alerts by kind, in the order of enum nsc_alert_kind */
	NSC_C_COUNT = NSC_C_ALERT + NSC_ALERT_KIND_COUNT
};

enum nsc_timeline_what { /* of an event: a counter, or one of these */
			 NSC_TIMELINE_NONE = NSC_C_COUNT - 1,
#define NSC_X(id, name, help) NSC_TIMELINE_##id,
			 NSC_TIMELINE_SPANS(NSC_X) NSC_TIMELINE_MARKS(NSC_X)
#undef NSC_X
				 NSC_TIMELINE_WHAT_COUNT
};

struct nsc_counter_info {
	const char *name;  /* "flow_created"; a fate is "fate_arp", alerts of a kind are "alert_syn_flood" */
	const char *unit;  /* "packets" */
	const char *place; /* "flow"; a fate's place is "decode" */
	const char *help;
	enum nsc_counter_class class;
};

extern const struct nsc_counter_info nsc_counter_table[NSC_C_COUNT];

const char *nsc_counter_class_name(enum nsc_counter_class class); /* "traffic" */
const char *nsc_counter_class_help(enum nsc_counter_class class); /* "what came, ..." */

/* "flow" for NSC_C_CYCLES_FLOW: the stage whose cycles a counter has; NULL for every other counter, and for the cycles
 * of empty polls and of idling, which belong to no stage. `counter` < NSC_C_COUNT. Thread: any. Allocates: never. */
const char *nsc_counter_stage(unsigned counter);

/* "lane" for NSC_C_WAITED_LANE: what a thread waited for; NULL for every counter of another class. The same ranges. */
const char *nsc_counter_waited(unsigned counter);

struct nsc_counters { /* one writer; others read single values relaxed, or get a copy in a snapshot */
	alignas(NSC_CACHE_LINE) uint64_t value[NSC_C_COUNT];
	uint64_t stamp;                /* the owner's: cycles at the last border of a stage (engine/base/account.h) */
	struct nsc_timeline *timeline; /* the owner's, where borders are written down too; NULL = nowhere */
};

/* The only way to count where another thread may look on: a plain add by the owner, stored whole. id < NSC_C_COUNT. */
nsc_always_inline void nsc_count(struct nsc_counters *counters, unsigned id, uint64_t n)
{
	__atomic_store_n(&counters->value[id], counters->value[id] + n, __ATOMIC_RELAXED);
}

/* The same for what seldom happens, and is marked in the timeline. */
nsc_always_inline void nsc_count_marked(struct nsc_counters *counters, unsigned id, uint64_t n)
{
	nsc_count(counters, id, n);
	if (n && counters->timeline)
		nsc_timeline_mark(counters->timeline, id, n);
}

/* The same for a counter of the class LOSS, which the probe `loss` tells where it happens, too. */
nsc_always_inline void nsc_count_loss(struct nsc_counters *counters, unsigned id, uint64_t n)
{
	nsc_count_marked(counters, id, n);
	if (n)
		NSC_USDT(loss, nsc_usdt_text(nsc_counter_table[id].name), n);
}

/* sum += part, value by value; NSC_UNKNOWN stays unknown only when no part knows. Thread: the owner of sum. */
void nsc_counters_add(struct nsc_counters *sum, const struct nsc_counters *part);

/* --- the ledger ------------------------------------------------------------------------------- */

/* What must be equal at every border between two places. Walked by the summary, the checks and the dashboard. */
struct nsc_ledger_line {
	const char *what; /* "source: received = filtered + delivered" */
	uint64_t have, want;
};

enum { NSC_LEDGER_LINES = 10 };

struct nsc_ledger {
	uint32_t n; /* 1..NSC_LEDGER_LINES */
	bool balanced;
	struct nsc_ledger_line line[NSC_LEDGER_LINES];
};

/* Checks the totals of a run that has ended (`final`) or is under way (borders that are only exact at the end are
 * left out). Thread: any. Allocates: never. */
void nsc_ledger_check(struct nsc_ledger *ledger, const struct nsc_counters *totals, bool final, bool lanes);

#endif
