/* SPDX-License-Identifier: MIT
 *
 * pktgen's command line: see options.h. Parser and help walk the same table.
 */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "tools/pktgen/options.h"

enum kind {
	U64,
	U32,
	NUMBER,
	ATTACK,
	PROFILE,
	TEXT,
	INTERFACE,
	SET,
	CLEAR,
	NONE,
	SECTION
}; /* from SET on without a value */

struct row {
	const char *name; /* SECTION: of the options that follow */
	enum kind kind;
	size_t offset;    /* in struct pktgen_options */
	const char *help; /* NULL: told elsewhere */
};

#define ROW(name, kind, member, help)                                                                                  \
	{                                                                                                              \
		name, kind, offsetof(struct pktgen_options, member), help                                              \
	}
#define TRAFFIC(name, kind, member, help) ROW(name, kind, gen.traffic.member, help)

static const struct row rows[] = {
	ROW("profile", PROFILE, gen.traffic, NULL),
	{ "traffic", SECTION, 0, NULL },
	TRAFFIC("seed", U64, seed, "the same seed and options make the same file (default 1)"),
	TRAFFIC("packets", U64, packets, "packets to write (default 10000)"),
	TRAFFIC("flows", U64, flows, "concurrent flows (default 1000)"),
	TRAFFIC("rate-pps", NUMBER, rate_pps, "packets per second of packet time (default 1000000)"),
	TRAFFIC("start-ns", U64, start_ns, "time of the first packet, ns since 1970 UTC (default 1.7e18)"),
	TRAFFIC("payload-min", U32, payload_min, "least payload of a data packet, bytes (default 0)"),
	TRAFFIC("payload-max", U32, payload_max,
		"greatest payload of a data packet, bytes, at most 9000 (default 1400)"),
	TRAFFIC("tcp-share", NUMBER, tcp_share, "share of flows that are TCP, the rest UDP (default 0.8)"),
	TRAFFIC("ipv6-share", NUMBER, ipv6_share, "share of flows over IPv6 (default 0.1)"),
	TRAFFIC("vlan-share", NUMBER, vlan_share, "share of flows with a VLAN tag (default 0.05)"),
	TRAFFIC("fragment-share", NUMBER, fragment_share,
		"share of UDP datagrams, DNS apart, in two fragments (default 0)"),
	TRAFFIC("dns-share", NUMBER, dns_share, "share of UDP flows that are DNS (default 0.3)"),
	TRAFFIC("tls-share", NUMBER, tls_share, "share of TCP flows that begin with TLS hellos (default 0)"),
	TRAFFIC("http-share", NUMBER, http_share, "share of TCP flows that begin with HTTP/1 (default 0)"),
	TRAFFIC("quic-share", NUMBER, quic_share, "share of UDP flows that begin with QUIC Initials (default 0)"),
	TRAFFIC("server-names", U32, server_names, "different names that these and DNS ask for (default 10000)"),
	TRAFFIC("loss", NUMBER, loss, "share of TCP data segments lost and sent again (default 0)"),
	TRAFFIC("reorder", NUMBER, reorder, "share of TCP data segments swapped with the next one (default 0)"),
	TRAFFIC("flow-packets", U64, flow_packets,
		"mean packets of a flow before it ends; 0: it never ends (default 0)"),
	TRAFFIC("handshake", SET, handshake, "TCP flows begin with a handshake and end with FINs (default)"),
	TRAFFIC("rtt-us", U32, rtt_us, "round trip time at the capture point, microseconds (default 1000)"),
	TRAFFIC("elephant-share", NUMBER, elephant_share, "share of draws among the first 1 % of flows (default 0)"),
	TRAFFIC("attack", ATTACK, attack,
		"SYNs of an attack: off, flood, spread or scan (default off; needs --no-truth)"),
	TRAFFIC("attack-share", NUMBER, attack_share,
		"share of packets that are the attack's while it lasts (default 0.5)"),
	TRAFFIC("attack-sources", U64, attack_sources, "spoofed sources of flood and spread (default 1000000)"),
	TRAFFIC("attack-targets", U32, attack_targets, "targets of spread (default 65536)"),
	TRAFFIC("attack-every-s", NUMBER, attack_every_s,
		"from the begin of one attack to the next; 0: no pause (default 0)"),
	TRAFFIC("attack-for-s", NUMBER, attack_for_s, "how long each lasts, at the end of its period (default 1)"),
	TRAFFIC("snaplen", U32, snaplen, "bytes kept of each packet; 0: all (default 0)"),
	TRAFFIC("no-handshake", CLEAR, handshake, "TCP flows are seen from the middle and just stop"),
	ROW("reuse", SET, gen.reuse, "a flow that ends comes back with the same addresses and ports"),
	{ "output", SECTION, 0, NULL },
	ROW("nanoseconds", SET, output.nanoseconds, "times in nanoseconds instead of microseconds"),
	ROW("big-endian", SET, output.big_endian, "the other byte order"),
	ROW("truth", TEXT, truth, "where the truth goes"),
	ROW("no-truth", NONE, truth, "write none"),
	{ "sending, in place of a file", SECTION, 0, NULL },
	ROW("send", INTERFACE, send.interface, "interface through which the frames go; needs CAP_NET_RAW"),
	ROW("from", TEXT, send.from, "capture file whose frames are sent, instead of generated ones"),
	ROW("send-rate", NUMBER, send.rate, "frames per second (default: as fast as it goes)"),
	ROW("send-count", U64, send.count, "frames; a file begins anew (default: --packets, or all of the file once)"),
	ROW("send-seconds", NUMBER, send.seconds, "seconds after which it ends (default: no end)"),
	ROW("send-anyway", SET, send.anyway,
	    "also where an address, a default route, a bridge or a bond is, or no link"),
	{ "help", SECTION, 0, NULL },
	ROW("help", SET, help, "this text"),
};

static_assert(NSC_ARRAY_LEN(rows) < ':', "getopt's \":\" and \"?\" are no rows");

static void long_options(struct option options[NSC_ARRAY_LEN(rows) + 1])
{
	size_t n = 0;

	for (size_t i = 0; i < NSC_ARRAY_LEN(rows); i++)
		if (rows[i].kind != SECTION)
			options[n++] = (struct option){ .name = rows[i].name,
							.has_arg = rows[i].kind < SET ? required_argument : no_argument,
							.val = (int)i };
	options[n] = (struct option){ 0 };
}

void pktgen_options_help(FILE *file)
{
	fputs("usage: pktgen [options] OUT.pcap|OUT.pcapng|-\n"
	      "       pktgen [options] --send INTERFACE\n\n"
	      "Writes seeded traffic to a capture file (pcapng when the name ends so) and beside it OUT.truth.json,\n"
	      "what an analyser must find in it. With -, the capture goes to standard output and no truth is written\n"
	      "unless --truth names a file. With --send, frames go through an interface at a steady rate, and one line "
	      "of\n"
	      "JSON says what the kernel took, and how late.\n\nprofiles (options after --profile override it):\n",
	      file);
	for (size_t i = 0; i < nsc_gen_profile_count; i++)
		fprintf(file, "  --profile %-12s %s\n", nsc_gen_profiles[i].name, nsc_gen_profiles[i].help);
	for (size_t i = 0; i < NSC_ARRAY_LEN(rows); i++) {
		int width = 20 - (int)strlen(rows[i].name);

		if (rows[i].kind == SECTION)
			fprintf(file, "\n%s:\n", rows[i].name);
		else if (rows[i].help)
			fprintf(file, "  --%s%-*s %s\n", rows[i].name, width,
				rows[i].kind == TEXT        ? " PATH"
				: rows[i].kind == INTERFACE ? " NAME"
							    : "",
				rows[i].help);
	}
}

static int set_integer(const struct row *row, void *member, const char *text, struct nsc_error *error)
{
	unsigned long long value;
	char *end;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || errno || (row->kind == U32 && value > UINT32_MAX))
		return nsc_fail(error, -EINVAL, "--%s wants a whole number%s, found '%s'", row->name,
				row->kind == U32 ? " below 4294967296" : "", text);
	if (row->kind == U32)
		*(uint32_t *)member = (uint32_t)value;
	else
		*(uint64_t *)member = value;
	return 0;
}

static int set_number(const struct row *row, double *member, const char *text, struct nsc_error *error)
{
	char *end;

	errno = 0;
	*member = strtod(text, &end);
	if (end == text || *end || errno)
		return nsc_fail(error, -EINVAL, "--%s wants a number, found '%s'", row->name, text);
	return 0;
}

static int set_attack(unsigned *member, const char *text, struct nsc_error *error)
{
	static const char *const names[] = {
#define NSC_X(name, word) word,
		NSC_SYNTH_ATTACKS(NSC_X)
#undef NSC_X
	};

	for (unsigned i = 0; i < NSC_ARRAY_LEN(names); i++) {
		if (!strcmp(names[i], text)) {
			*member = i;
			return 0;
		}
	}
	return nsc_fail(error, -EINVAL, "--attack is off, flood, spread or scan, found '%s'", text);
}

static int set_row(const struct row *row, struct pktgen_options *options, const char *text, struct nsc_error *error)
{
	void *member = (char *)options + row->offset;

	switch (row->kind) {
	case U64:
	case U32:
		return set_integer(row, member, text, error);
	case NUMBER:
		return set_number(row, member, text, error);
	case ATTACK:
		return set_attack(member, text, error);
	case PROFILE:
		return nsc_gen_profile(member, text, error);
	case TEXT:
	case INTERFACE:
	case NONE:
		*(const char **)member = row->kind == NONE ? "" : text;
		return 0;
	case SET:
	case CLEAR:
		*(bool *)member = row->kind == SET;
		return 0;
	case SECTION:
		break;
	}
	return 0;
}

static bool ends_with(const char *text, const char *end)
{
	size_t text_len = strlen(text), end_len = strlen(end);

	return text_len >= end_len && !strcmp(text + text_len - end_len, end);
}

static int pktgen_options_check_send(struct pktgen_options *options, int left, struct nsc_error *error)
{
	struct pktgen_send_options *send = &options->send;

	if (left)
		return nsc_fail(error, -EINVAL, "--send sends frames, and writes no file: found '%s'",
				options->output.path);
	if (!(send->rate >= 0) || !(send->seconds >= 0))
		return nsc_fail(error, -EINVAL, "--send-rate and --send-seconds want numbers of 0 or more");
	if (options->gen.traffic.snaplen)
		return nsc_fail(error, -EINVAL, "--send sends whole frames, so --snaplen is not for it");
	if (options->truth && *options->truth)
		return nsc_fail(error, -EINVAL, "--truth is about a file that is written, not about --send");
	if (send->count && !send->from)
		options->gen.traffic.packets = send->count;
	return nsc_gen_check(&options->gen, error);
}

static int pktgen_options_check(struct pktgen_options *options, int left, struct nsc_error *error)
{
	const struct nsc_synth_options *traffic = &options->gen.traffic;

	if (options->send.interface)
		return pktgen_options_check_send(options, left, error);
	if (options->send.from || options->send.rate || options->send.count || options->send.seconds)
		return nsc_fail(error, -EINVAL, "--from and --send-... need --send INTERFACE");
	if (left != 1)
		return nsc_fail(error, -EINVAL, "wanted one output file, found %d", left);
	if (traffic->packets == 0)
		return nsc_fail(error, -EINVAL, "--packets must be at least 1, found 0");
	if (!strcmp(options->output.path, "-") && !options->truth)
		options->truth = "";
	if (traffic->snaplen && traffic->snaplen < 96 && !(options->truth && !*options->truth))
		return nsc_fail(
			error, -EINVAL,
			"--snaplen %u cuts headers and the truth knows only whole ones: at least 96, or --no-truth",
			traffic->snaplen);
	if (traffic->attack != NSC_SYNTH_ATTACK_NONE && !(options->truth && !*options->truth))
		return nsc_fail(error, -EINVAL, "--attack makes flows that the truth does not list: add --no-truth");
	options->output.pcapng = ends_with(options->output.path, ".pcapng");
	options->output.snaplen = traffic->snaplen;
	return nsc_gen_check(&options->gen, error);
}

int pktgen_options_parse(struct pktgen_options *options, int argc, char **argv, struct nsc_error *error)
{
	struct option table[NSC_ARRAY_LEN(rows) + 1];
	int which, status;

	*options = (struct pktgen_options){ 0 };
	nsc_synth_defaults(&options->gen.traffic);
	options->gen.traffic.packets = 10000;
	long_options(table);
	opterr = 0;
	while ((which = getopt_long(argc, argv, ":", table, NULL)) != -1) {
		if (which == '?' || which == ':')
			return nsc_fail(error, -EINVAL, "%s '%s'; --help lists the options",
					which == ':' ? "a value is missing after" : "unknown option", argv[optind - 1]);
		status = set_row(&rows[which], options, optarg, error);
		if (status || options->help)
			return status;
	}
	options->output.path = argv[optind];
	return pktgen_options_check(options, argc - optind, error);
}
