/* SPDX-License-Identifier: MIT
 *
 * The last screen of a run: where every packet and every cycle went.
 */
#include "engine/text/summary.h"

#include "engine/text/address.h"
#include "engine/text/escape.h"
#include "engine/text/number.h"
#include "engine/text/time.h"
#include "engine/text/trace.h"
#include "netscope/out.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>

enum { FILES_SHOWN = 64 };

#define DNS_SHOWN 5u /* servers, and names */

struct paint { /* "" without colour */
	const char *bold, *good, *bad, *off;
};

struct grouped {
	char text[32];
};

static struct grouped grouped(uint64_t value)
{
	struct grouped g;

	*nsc_format_grouped(g.text, value) = '\0';
	return g;
}

static void print_label(FILE *out, const struct paint *paint, const char *label)
{
	fprintf(out, "%s%-16s%s", paint->bold, label, paint->off);
}

/* What may come from outside, such as a path; nothing for NULL. */
static void print_quoted(FILE *out, const char *before, const char *text)
{
	char shown[NSC_ESCAPE_GROWTH * PATH_MAX];

	if (text)
		fprintf(out, "%s%s", before, nsc_escape_terminal(text, shown, sizeof(shown)));
}

static void print_input(FILE *out, const struct nsc_summary *s, const struct paint *paint)
{
	const uint64_t *value = s->view->totals.value;

	print_label(out, paint, "received");
	fprintf(out, "%13s  packets, %s bytes", grouped(value[NSC_C_RX_RECEIVED]).text,
		grouped(value[NSC_C_RX_BYTES]).text);
	print_quoted(out, " from ", s->input);
	print_quoted(out, ", clock: ", s->clock);
	putc('\n', out);
}

/* "  2023-11-14 22:13:20.000000 to 2023-11-14 22:13:59.000000" */
static void print_span(FILE *out, const struct nsc_rx_file_part *part)
{
	char first[NSC_FORMAT_DATE_MAX + 1], last[NSC_FORMAT_DATE_MAX + 1];

	if (part->first_ns == NSC_UNKNOWN)
		return;
	*nsc_format_date(first, part->first_ns) = '\0';
	*nsc_format_date(last, part->last_ns) = '\0';
	fprintf(out, ", %s to %s", first, last);
}

/* A line for each of several files; a single one has the line above. */
static void print_files(FILE *out, const struct nsc_summary *s)
{
	uint32_t n = s->files ? s->files->n : 0;

	for (uint32_t i = 0; i < n && i < FILES_SHOWN; i++) {
		const struct nsc_rx_file_part *part = &s->files->part[i];

		if (n > 1) {
			fprintf(out, "  %-14s%13s  packets, %s bytes", "", grouped(part->packets).text,
				grouped(part->bytes).text);
			print_quoted(out, " from ", part->path);
			print_span(out, part);
			putc('\n', out);
		}
		if (part->joined)
			fprintf(out,
				"%31s%" PRIu32
				" further capture file%s stood behind the first one's end, from byte %s on, "
				"and %s read too\n",
				"", part->joined, part->joined == 1 ? "" : "s", grouped(part->joined_at).text,
				part->joined == 1 ? "was" : "were");
	}
	if (n > FILES_SHOWN)
		fprintf(out, "%31sand %" PRIu32 " files more: --summary-json has all\n", "", n - FILES_SHOWN);
}

static void print_interface_loss(FILE *out, const char *place, uint64_t lost)
{
	if (lost && lost != NSC_UNKNOWN)
		fprintf(out, ", %s lost in the %s", grouped(lost).text, place);
}

/* A line for each of several interfaces. */
static void print_interfaces(FILE *out, const struct nsc_summary *s)
{
	for (uint32_t i = 0; i < s->interfaces && s->interfaces > 1; i++) {
		const struct nsc_summary_interface *interface = &s->interface[i];

		fprintf(out, "  %-14s%13s  packets, %s bytes", "", grouped(interface->rx.received).text,
			grouped(interface->rx.received_bytes).text);
		print_quoted(out, " from ", interface->name);
		print_interface_loss(out, "kernel's ring", interface->rx.kernel_drops);
		print_interface_loss(out, "driver or backlog", interface->rx.stack_drops);
		print_interface_loss(out, "interface", interface->rx.nic_drops);
		if (interface->state && strcmp(interface->state, "up"))
			fprintf(out, "; %s at the end", interface->state);
		else if (interface->outages)
			fprintf(out, "; down %" PRIu32 " time%s meanwhile", interface->outages,
				interface->outages == 1 ? "" : "s");
		putc('\n', out);
	}
}

static void print_hint(FILE *out, const struct nsc_summary *s, const struct paint *paint)
{
	char text[NSC_SUMMARY_HINT];

	if (!nsc_summary_hint(s, text))
		return;
	print_label(out, paint, "filter");
	print_quoted(out, "", text);
	putc('\n', out);
}

/* What the wire had, when that is known and something was put together on the way. */
static void print_wire(FILE *out, const uint64_t *value, const struct paint *paint)
{
	if (value[NSC_C_RX_WIRE_PACKETS] == NSC_UNKNOWN || value[NSC_C_RX_WIRE_PACKETS] == value[NSC_C_RX_RECEIVED])
		return;
	print_label(out, paint, "on the wire");
	fprintf(out, "%13s  packets, %s bytes: offloads (GRO, TSO) made the frames above of them\n",
		grouped(value[NSC_C_RX_WIRE_PACKETS]).text, grouped(value[NSC_C_RX_WIRE_BYTES]).text);
}

/* "  filtered            10,000    0.5 %  packets that the filter refused" */
static void print_share(FILE *out, const char *name, uint64_t count, uint64_t of, const char *help)
{
	uint64_t thousandths = nsc_summary_ratio(count, 1000, of);

	if (count)
		fprintf(out, "  %-14s%13s  %3" PRIu64 ".%" PRIu64 " %%  %s\n", name, grouped(count).text,
			thousandths / 10, thousandths % 10, help);
}

static void print_fates(FILE *out, const uint64_t *value)
{
	uint64_t received = value[NSC_C_RX_RECEIVED];

	print_share(out, "filtered", value[NSC_C_RX_FILTERED], received, nsc_counter_table[NSC_C_RX_FILTERED].help);
	for (unsigned fate = 0; fate < NSC_FATE_COUNT; fate++)
		print_share(out, nsc_fate_name(fate), value[NSC_C_FATE + fate], received, nsc_fate_help(fate));
}

/* Whether anything is known to be lost. */
static bool is_lossy(const uint64_t *value)
{
	for (unsigned i = 0; i < NSC_C_COUNT; i++)
		if (nsc_counter_table[i].class == NSC_CLASS_LOSS && value[i] && value[i] != NSC_UNKNOWN)
			return true;
	return false;
}

/* "  kernel ring                12  advice": a loss that is apart is no share of ours. */
static void print_loss(FILE *out, unsigned counter, uint64_t lost)
{
	const struct nsc_loss_info *info = &nsc_loss_table[counter];

	if (lost == NSC_UNKNOWN)
		fprintf(out, "  %-20s %6s  not known\n", info->name, "?");
	else if (lost)
		fprintf(out, "  %-20s %6s  %s%s\n", info->name, grouped(lost).text, info->apart ? "(apart) " : "",
			info->advice);
}

static void print_port_drops(FILE *out, const uint64_t *value)
{
	uint64_t lost = value[NSC_C_RX_NIC_DROPS] == NSC_UNKNOWN ? 0 : value[NSC_C_RX_NIC_DROPS];

	lost += value[NSC_C_RX_STACK_DROPS] == NSC_UNKNOWN ? 0 : value[NSC_C_RX_STACK_DROPS];
	fprintf(out, "%13s  of %s packets that came to the port\n", grouped(lost + value[NSC_C_LANE_FULL]).text,
		grouped(lost + value[NSC_C_RX_RECEIVED] + value[NSC_C_RX_LEFT]).text);
}

static void print_drops(FILE *out, const struct nsc_summary *s, const struct paint *paint)
{
	const uint64_t *value = s->view->totals.value;
	uint64_t kernel = value[NSC_C_RX_KERNEL_DROPS], seen = value[NSC_C_RX_KERNEL_SEEN];

	print_label(out, paint, "drops");
	if (!s->live && !is_lossy(value)) {
		fprintf(out, "%13s  offline: nothing can be lost\n", "0");
		return;
	}
	if (kernel != NSC_UNKNOWN && seen == NSC_UNKNOWN) /* there is no kernel between us and the interface */
		print_port_drops(out, value);
	else
		fprintf(out, "%13s  of %s packets that the kernel had for us\n",
			kernel == NSC_UNKNOWN ? "?" : grouped(kernel + value[NSC_C_LANE_FULL]).text,
			seen == NSC_UNKNOWN ? "?" : grouped(seen).text);
	for (unsigned i = 0; i < NSC_C_COUNT; i++)
		if (nsc_counter_table[i].class == NSC_CLASS_LOSS)
			print_loss(out, i, value[i]);
	if (value[NSC_C_RX_LEFT])
		fprintf(out, "left  %23s  after the last packet that was wanted\n", grouped(value[NSC_C_RX_LEFT]).text);
}

/* How evenly the work was spread; one worker has all of it. */
static void print_balance(FILE *out, const struct nsc_view *view, const struct paint *paint)
{
	uint64_t most = 0, all = view->totals.value[NSC_C_WORKER_PACKETS], thousandths, even;

	for (uint32_t i = 0; i < view->n_workers; i++)
		most = NSC_MAX(most, view->worker[i].counters.value[NSC_C_WORKER_PACKETS]);
	if (view->n_workers < 2 || !all)
		return;
	thousandths = nsc_summary_ratio(most, 1000, all);
	even = nsc_summary_ratio(1, 1000, view->n_workers);
	print_label(out, paint, "balance");
	fprintf(out,
		"%11" PRIu64 ".%" PRIu64 "  %% of all packets at the busiest of %" PRIu32 " workers; %" PRIu64
		".%" PRIu64 " %% would be even\n",
		thousandths / 10, thousandths % 10, view->n_workers, even / 10, even % 10);
}

static void print_flows(FILE *out, const uint64_t *value, const struct paint *paint)
{
	print_label(out, paint, "flows");
	fprintf(out, "%13s  =  %s at the end", grouped(value[NSC_C_FLOW_CREATED]).text,
		grouped(value[NSC_C_FLOW_REMAINED]).text);
	if (value[NSC_C_FLOW_TIMEOUT])
		fprintf(out, " + %s timed out", grouped(value[NSC_C_FLOW_TIMEOUT]).text);
	if (value[NSC_C_FLOW_REUSED])
		fprintf(out, " + %s reused", grouped(value[NSC_C_FLOW_REUSED]).text);
	if (value[NSC_C_FLOW_EVICTED])
		fprintf(out, " + %s evicted", grouped(value[NSC_C_FLOW_EVICTED]).text);
	putc('\n', out);
}

/* "alerts  3  =  1 syn_flood + 2 port_scan": only when somebody looked. */
static void print_alerts(FILE *out, const uint64_t *value, const struct paint *paint)
{
	const char *before = "  =  ";

	if (!value[NSC_C_ALERTS] && !value[NSC_C_DETECT_CONTACTS])
		return;
	print_label(out, paint, "alerts");
	fprintf(out, "%13s", grouped(value[NSC_C_ALERTS]).text);
	for (unsigned kind = 0; kind < NSC_ALERT_KIND_COUNT; kind++) {
		if (!value[NSC_C_ALERT + kind])
			continue;
		fprintf(out, "%s%s %s", before, grouped(value[NSC_C_ALERT + kind]).text, nsc_alert_kind_name(kind));
		before = " + ";
	}
	if (value[NSC_C_ALERTS_DROPPED])
		fprintf(out, ", %s not written", grouped(value[NSC_C_ALERTS_DROPPED]).text);
	putc('\n', out);
}

/* Only when somebody asked for one. */
static void print_reloads(FILE *out, const uint64_t *value, const struct paint *paint)
{
	if (!value[NSC_C_RELOADS] && !value[NSC_C_RELOADS_REFUSED])
		return;
	print_label(out, paint, "reloads");
	fprintf(out, "%13s  of the configuration file", grouped(value[NSC_C_RELOADS]).text);
	if (value[NSC_C_RELOADS_REFUSED])
		fprintf(out, ", %s refused", grouped(value[NSC_C_RELOADS_REFUSED]).text);
	putc('\n', out);
}

/* What the rings hold: of those that were filled, the one that goes back least. */
static void print_recorder(FILE *out, const struct nsc_view *view, const struct paint *paint)
{
	const uint64_t *value = view->totals.value;
	const struct nsc_recorder_span *least = NULL;
	char oldest[NSC_FORMAT_DATE_MAX + 1];
	uint64_t packets = 0;

	for (uint32_t i = 0; i < view->n_workers && view->recorder; i++) {
		const struct nsc_recorder_span *span = &view->worker[i].recorder;

		packets += span->packets;
		if (span->oldest_ns != NSC_UNKNOWN && (!least || span->held_ns < least->held_ns))
			least = span;
	}
	if (!view->recorder)
		return;
	print_label(out, paint, "recorder");
	fprintf(out, "%13s  packets of %s recorded", grouped(packets).text,
		grouped(value[NSC_C_RECORDER_PACKETS]).text);
	if (value[NSC_C_RECORDER_CUT])
		fprintf(out, ", %s cut off", grouped(value[NSC_C_RECORDER_CUT]).text);
	if (value[NSC_C_RECORDER_FILTERED])
		fprintf(out, ", %s filtered", grouped(value[NSC_C_RECORDER_FILTERED]).text);
	if (least) {
		*nsc_format_date(oldest, least->oldest_ns) = '\0';
		fprintf(out, ": all of the last %" PRIu64 ".%03" PRIu64 " s, since %s",
			(uint64_t)(least->held_ns / NSC_NS_PER_SEC),
			(uint64_t)(least->held_ns % NSC_NS_PER_SEC / 1000000), oldest);
	}
	putc('\n', out);
}

/* "2 of 4 written: 612 packets, 263,448 bytes; 1 refused, 1 failed", and what was asked for by people. */
static void print_recordings(FILE *out, const uint64_t *value, const struct paint *paint)
{
	static const struct {
		unsigned counter;
		const char *what;
	} rest[] = {
		{ NSC_C_RECORDINGS_REFUSED, "refused" },     { NSC_C_RECORDINGS_FAILED, "failed" },
		{ NSC_C_RECORDINGS_REMOVED, "old removed" }, { NSC_C_RECORDER_ANSWERS, "answers to requests" },
		{ NSC_C_RECORDER_BUSY, "requests refused" },
	};

	if (!value[NSC_C_RECORDINGS_ASKED] && !value[NSC_C_RECORDER_ANSWERS] && !value[NSC_C_RECORDER_BUSY])
		return;
	print_label(out, paint, "recordings");
	fprintf(out, "%13s  of %s written: %s packets, %s bytes", grouped(value[NSC_C_RECORDINGS]).text,
		grouped(value[NSC_C_RECORDINGS_ASKED]).text, grouped(value[NSC_C_RECORDING_PACKETS]).text,
		grouped(value[NSC_C_RECORDING_BYTES]).text);
	for (size_t i = 0; i < NSC_ARRAY_LEN(rest); i++)
		if (value[rest[i].counter])
			fprintf(out, ", %s %s", grouped(value[rest[i].counter]).text, rest[i].what);
	putc('\n', out);
}

/* "1.2 ms": three digits. */
struct duration {
	char text[16];
};

static struct duration duration(uint64_t ns)
{
	static const char *const units[] = { "ns", "us", "ms", "s" };
	double value = (double)ns;
	struct duration d;
	size_t unit = 0;

	for (; value >= 999.5 && unit < NSC_ARRAY_LEN(units) - 1; unit++)
		value /= 1000;
	snprintf(d.text, sizeof(d.text), "%.*f %s", unit && value < 9.95 ? 1 : 0, value, units[unit]);
	return d;
}

/* "1,100 noerror + 20 nxdomain" */
static void print_dns_codes(FILE *out, const struct nsc_dns_counts *counts)
{
	const char *before = "";

	for (unsigned code = 0; code < NSC_DNS_CODE_COUNT; code++) {
		if (!counts->answers[code])
			continue;
		fprintf(out, "%s%s %s", before, grouped(counts->answers[code]).text, nsc_dns_code_name(code));
		before = " + ";
	}
}

static void print_dns_latency(FILE *out, const struct nsc_dns_latency *latency)
{
	if (latency->samples)
		fprintf(out, "; median %s, 99 %% within %s", duration(latency->p50_ns).text,
			duration(latency->p99_ns).text);
	putc('\n', out);
}

/* "  10.0.0.53          1,120  1,100 noerror + 20 unanswered; median 21 ms, 99 % within 1.0 s": what is too long for
 * the left stands on the right. */
static void print_dns_row(FILE *out, const char *what, int length, const struct nsc_dns_row *row, bool heard)
{
	uint64_t answered = nsc_dns_answered(&row->counts);

	fprintf(out, "  %-14.*s%13s  ", length <= 14 ? length : 0, what, grouped(row->counts.queries).text);
	if (length > 14)
		fprintf(out, "%.*s: ", length, what);
	print_dns_codes(out, &row->counts);
	if (heard && row->counts.unanswered)
		fprintf(out, "%s%s unanswered", answered ? " + " : "", grouped(row->counts.unanswered).text);
	else if (!answered)
		fputs("no answer", out);
	print_dns_latency(out, &row->latency);
}

static void print_dns_total(FILE *out, const struct nsc_dns_view *dns)
{
	struct nsc_dns_row total;

	nsc_summary_dns_total(dns, &total);
	fprintf(out, "%13s  queries  =  %s answered", grouped(total.counts.queries).text,
		grouped(nsc_dns_answered(&total.counts)).text);
	if (total.counts.repeated)
		fprintf(out, " + %s repeated", grouped(total.counts.repeated).text);
	if (!dns->heard)
		fputs("; the capture has no answers: what was not answered is not known", out);
	else if (total.counts.unanswered)
		fprintf(out, " + %s unanswered", grouped(total.counts.unanswered).text);
	print_dns_latency(out, &total.latency);
}

/* Answers that belong to no query: only those that there are. */
static void print_dns_strays(FILE *out, const uint64_t *value)
{
	static const unsigned counters[] = { NSC_C_DNS_ANSWERED_AGAIN, NSC_C_DNS_OTHER_QUESTION, NSC_C_DNS_UNASKED,
					     NSC_C_DNS_CUT, NSC_C_DNS_UNREAD };

	for (size_t i = 0; i < NSC_ARRAY_LEN(counters); i++)
		if (value[counters[i]])
			fprintf(out, "  %-14s%13s  %s\n", "", grouped(value[counters[i]]).text,
				nsc_counter_table[counters[i]].help);
}

static void print_dns(FILE *out, const struct nsc_view *view, const struct paint *paint)
{
	const struct nsc_dns_view *dns = &view->dns;
	const uint64_t *value = view->totals.value;
	char text[NSC_FORMAT_IP_MAX];

	if (!value[NSC_C_DNS_QUERIES] && !dns->heard && !value[NSC_C_DNS_CUT] && !value[NSC_C_DNS_UNREAD])
		return;
	print_label(out, paint, "dns");
	print_dns_total(out, dns);
	print_dns_strays(out, value);
	for (uint32_t i = 0; i < NSC_MIN(dns->n_servers, DNS_SHOWN); i++) {
		char *end = nsc_format_ip(text, dns->server[i].addr, dns->server[i].ip_version);

		print_dns_row(out, text, (int)(end - text), &dns->server[i].row, dns->heard);
	}
	for (uint32_t i = 0; i < NSC_MIN(dns->n_names, DNS_SHOWN); i++)
		print_dns_row(out, dns->name[i].name, dns->name[i].length, &dns->name[i].row, dns->heard);
}

/* Only when packet times jumped. */
static void print_clock(FILE *out, const struct nsc_summary *s, const struct paint *paint)
{
	uint64_t steps = s->view->totals.value[NSC_C_CLOCK_STEPS],
		 outliers = s->view->totals.value[NSC_C_CLOCK_OUTLIERS];
	struct nsc_steady_step step[NSC_STEADY_STEPS_KEPT];
	uint32_t n = s->clock_log ? nsc_steady_log_read(s->clock_log, step) : 0;
	char text[NSC_STEADY_TEXT];

	if (steps) {
		print_label(out, paint, "clock");
		fprintf(out, "%13s  jump%s of packet times: ticks, timeouts and windows went on\n", grouped(steps).text,
			steps == 1 ? "" : "s");
	}
	for (uint32_t i = 0; i < n; i++) {
		nsc_steady_step_text(text, &step[i]);
		fprintf(out, "%31s%s\n", "", text);
	}
	if (!outliers || !s->clock_log)
		return;
	nsc_steady_outlier_text(text, &s->clock_log->outlier);
	print_label(out, paint, "outliers");
	fprintf(out, "%13s  packet%s with %s\n", grouped(outliers).text, outliers == 1 ? "" : "s", text);
}

/* Flows of several networks with the same addresses were counted as one. */
static void print_mixed(FILE *out, const uint64_t *value, const struct paint *paint)
{
	static const struct {
		unsigned counter;
		const char *what, *advice;
	} mixed[] = { { NSC_C_FLOW_MIXED_VLANS, "VLAN tags", "vlan" },
		      { NSC_C_FLOW_MIXED_TUNNELS, "tunnel ids", "tunnel" } };

	for (size_t i = 0; i < NSC_ARRAY_LEN(mixed); i++) {
		if (!value[mixed[i].counter])
			continue;
		print_label(out, paint, "mixed flows");
		fprintf(out,
			"%13s  packets of a sample have other %s than their flow before: --flow-key %s keeps them "
			"apart\n",
			grouped(value[mixed[i].counter]).text, mixed[i].what, mixed[i].advice);
	}
}

static void print_elapsed(FILE *out, const struct nsc_summary *s, const struct paint *paint)
{
	uint64_t us = s->elapsed_ns / 1000;
	uint64_t rate = nsc_summary_ratio(s->view->totals.value[NSC_C_RX_RECEIVED], NSC_NS_PER_SEC, s->elapsed_ns);

	print_label(out, paint, "elapsed");
	fprintf(out, "%6" PRIu64 ".%06" PRIu64 "  s, %s packets per second, %" PRIu32 " worker%s\n", us / 1000000,
		us % 1000000, grouped(rate).text, s->view->n_workers, s->view->n_workers == 1 ? "" : "s");
}

static void print_placing(FILE *out, const struct nsc_summary *s, const struct paint *paint)
{
	if (!s->cores)
		return;
	print_label(out, paint, "cores");
	fprintf(out, " %s\n", s->cores);
}

/* Per packet: the sum of all counters that `name` has a name for, and each that is not 0. */
static void print_per_packet(FILE *out, const struct nsc_counters *totals, uint64_t sum, const char *(*name)(unsigned))
{
	uint64_t packets = totals->value[NSC_C_WORKER_PACKETS], tenths = nsc_summary_ratio(sum, 10, packets);
	const char *before = "  =  ";

	fprintf(out, "%11" PRIu64 ".%" PRIu64, tenths / 10, tenths % 10);
	for (unsigned i = 0; i < NSC_C_COUNT; i++) {
		if (!name(i) || !totals->value[i])
			continue;
		tenths = nsc_summary_ratio(totals->value[i], 10, packets);
		fprintf(out, "%s%s %" PRIu64 ".%" PRIu64, before, name(i), tenths / 10, tenths % 10);
		before = " + ";
	}
	putc('\n', out);
}

static void print_cycles(FILE *out, const struct nsc_summary *s, const struct paint *paint)
{
	const struct nsc_counters *totals = &s->view->totals;
	uint64_t packets = totals->value[NSC_C_WORKER_PACKETS], busy = nsc_summary_busy_cycles(totals);
	uint64_t waited = nsc_summary_waited_cycles(totals),
		 empty = totals->value[NSC_C_CYCLES_EMPTY] + totals->value[NSC_C_CYCLES_IDLE];
	uint64_t ns_tenths =
		nsc_summary_ratio(nsc_summary_ratio(busy, 10, packets), NSC_NS_PER_SEC, (uint64_t)s->view->tsc_hz);
	uint64_t idle = nsc_summary_ratio(empty, 1000, busy + empty + waited);

	if (!packets || !busy)
		return;
	print_label(out, paint, "cycles a packet");
	print_per_packet(out, totals, busy, nsc_counter_stage);
	fprintf(out, "%16s%11" PRIu64 ".%" PRIu64 "  ns a packet; %" PRIu64 ".%" PRIu64 " %% of all cycles idle\n", "",
		ns_tenths / 10, ns_tenths % 10, idle / 10, idle % 10);
	if (!waited)
		return;
	print_label(out, paint, "cycles waited");
	print_per_packet(out, totals, waited, nsc_counter_waited);
}

/* Which limits were hit: only then, and after a loss, may the answer depend on the number of workers. */
static void print_limits(FILE *out, const uint64_t *value, const struct paint *paint)
{
	for (unsigned i = 0; i < NSC_C_COUNT; i++) {
		const struct nsc_counter_info *info = &nsc_counter_table[i];

		if (info->class != NSC_CLASS_LIMIT || !value[i] || value[i] == NSC_UNKNOWN)
			continue;
		print_label(out, paint, "limit hit");
		fprintf(out, "%13s  %s\n", grouped(value[i]).text, info->help);
	}
}

static void summary_print_missing(FILE *out, const struct nsc_ledger_line *line)
{
	bool less = line->have < line->want;
	uint64_t by = less ? line->want - line->have : line->have - line->want;

	fprintf(out, "  %s: %s %s (%s against %s)\n", line->what, grouped(by).text, less ? "missing" : "too many",
		grouped(line->have).text, grouped(line->want).text);
}

static void print_ledger(FILE *out, const struct nsc_view *view, const struct paint *paint)
{
	struct nsc_ledger ledger;

	nsc_ledger_check(&ledger, &view->totals, view->final, view->lanes);
	fprintf(out, "%sledger: %s%s\n", ledger.balanced ? paint->good : paint->bad,
		ledger.balanced ? "balanced" : "does not balance", paint->off);
	for (uint32_t i = 0; i < ledger.n; i++)
		if (ledger.line[i].have != ledger.line[i].want)
			summary_print_missing(out, &ledger.line[i]);
}

int nsc_summary_print(FILE *out, const struct nsc_summary *s, bool color)
{
	static const struct paint plain = { "", "", "", "" },
				  ansi = { "\033[1m", "\033[1;32m", "\033[1;31m", "\033[0m" };
	const struct paint *paint = color ? &ansi : &plain;
	const uint64_t *value = s->view->totals.value;

	print_input(out, s, paint);
	print_files(out, s);
	print_interfaces(out, s);
	print_hint(out, s, paint);
	print_wire(out, value, paint);
	print_fates(out, value);
	print_drops(out, s, paint);
	print_flows(out, value, paint);
	print_mixed(out, value, paint);
	print_alerts(out, value, paint);
	print_reloads(out, value, paint);
	print_dns(out, s->view, paint);
	print_recorder(out, s->view, paint);
	print_recordings(out, s->view->totals.value, paint);
	print_clock(out, s, paint);
	print_elapsed(out, s, paint);
	print_placing(out, s, paint);
	print_balance(out, s->view, paint);
	print_cycles(out, s, paint);
	print_limits(out, value, paint);
	print_ledger(out, s->view, paint);
	if (s->trace)
		nsc_trace_print(out, s->trace);
	if (fflush(out) || ferror(out))
		return errno ? -errno : -EIO;
	return 0;
}
