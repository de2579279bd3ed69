/* SPDX-License-Identifier: MIT
 *
 * Options of other tools that people try here, and what does the same.
 */
#include "tools/netscope/options.h"

#include <string.h>

static const struct {
	char letter;
	const char *whose, *ours;
} letters[] = {
	{ 'w', "tcpdump's, tshark's", "--write-pcap PATH" },
	{ 'n', "tcpdump's, tshark's", "leave it out: addresses and ports are never turned into names" },
	{ 'e', "tcpdump's", "-vv shows the link header, as every other field" },
	{ 'A', "tcpdump's", "--hex-dump, which shows the characters too" },
	{ 'X', "tcpdump's", "--hex-dump" },
	{ 'x', "tcpdump's, tshark's", "--hex-dump" },
	{ 'C', "tcpdump's", "--write-pcap-rotate-mb N" },
	{ 'G', "tcpdump's", "--write-pcap-rotate-s SECS; SIGHUP begins a new file at any time" },
	{ 'W', "tcpdump's", "--write-pcap-max-files N" },
	{ 'D', "tcpdump's, tshark's", "--list-interfaces" },
	{ 'Y', "tshark's", "--filter FILTER, a BPF expression as in tcpdump" },
	{ 'R', "tshark's", "--filter FILTER, a BPF expression as in tcpdump" },
	{ 'z', "tshark's, tcpdump's", "--export-csv PATH for conversations, --stats for counts over time" },
	{ 'q', "tcpdump's, tshark's", "--quiet, which prints no packet lines" },
	{ 'Q', "tshark's", "--quiet; tcpdump's direction is a filter, -f inbound, live only" },
	{ 'y', "tcpdump's, tshark's", "leave it out: the link type comes from the interface or the file" },
	{ 'B', "tcpdump's, tshark's", "capture.buffer_size_mb in the configuration file" },
	{ 'F', "tcpdump's, tshark's",
	  "-f \"$(cat FILE)\" for a filter in a file; --write-pcap NAME.pcapng for a format" },
	{ 'U', "tcpdump's", "leave it out: whole packets are in the file at once" },
	{ 'Z', "tcpdump's", "--user NAME" },
	{ 'I', "tcpdump's, tshark's", "set the interface to monitor mode with iw first" },
	{ 'j', "tcpdump's", "--timestamps CLOCK" },
	{ 'J', "tcpdump's", "--timestamps CLOCK" },
	{ 'K', "tcpdump's", "leave it out: checksums are not verified" },
	{ 'S', "tcpdump's", "leave it out: sequence numbers are absolute" },
	{ 'O', "tshark's", "-vv shows every field" },
	{ 'P', "tshark's", "leave --quiet out: packet lines are printed beside other outputs" },
	{ 'E', "tshark's, tcpdump's", "there is none: columns are fixed, and nothing is decrypted" },
	{ 'a', "tshark's", "-c N ends after N packets, SIGINT at any time" },
	{ 'b', "tshark's", "--write-pcap-rotate-mb N and --write-pcap-max-files N" },
	{ 'd', "tcpdump's, tshark's", "there is none: protocols are told by their headers and ports" },
	{ 'L', "tcpdump's, tshark's", "the README lists the link types" },
	{ 'm', "softflowd's", "--max-flows N" },
	{ 'k', "tcpdump's", "there is none" },
	{ '#', "tcpdump's", "leave it out: packet lines are numbered" },
};

static const struct {
	const char *name, *whose, *ours;
} names[] = {
	{ "snapshot-length", "tcpdump's", "--snaplen BYTES" },
	{ "buffer-size", "tcpdump's", "capture.buffer_size_mb in the configuration file" },
	{ "immediate-mode", "tcpdump's", "capture.immediate_mode in the configuration file" },
	{ "no-promiscuous-mode", "tcpdump's, tshark's", "--no-promiscuous" },
	{ "relinquish-privileges", "tcpdump's", "--user NAME" },
	{ "time-stamp-type", "tcpdump's", "--timestamps CLOCK" },
	{ "time-stamp-precision", "tcpdump's", "leave it out: times have nanoseconds where the source has them" },
	{ "packet-buffered", "tcpdump's", "leave it out: whole packets are in the file at once" },
	{ "dont-verify-checksums", "tcpdump's", "leave it out: checksums are not verified" },
	{ "absolute-tcp-sequence-numbers", "tcpdump's", "leave it out: sequence numbers are absolute" },
	{ "direction", "tcpdump's", "-f inbound or -f outbound, live" },
	{ "number", "tcpdump's", "leave it out: packet lines are numbered" },
	{ "monitor-mode", "tcpdump's, tshark's", "set the interface to monitor mode with iw first" },
	{ "display-filter", "tshark's", "--filter FILTER, a BPF expression as in tcpdump" },
	{ "read-file", "tshark's", "--read-pcap PATH" },
	{ "linktype", "tcpdump's, tshark's", "leave it out: the link type comes from the interface or the file" },
};

bool nsc_option_foreign_letter(char letter, struct nsc_error *error)
{
	for (size_t i = 0; i < NSC_ARRAY_LEN(letters); i++) {
		if (letters[i].letter != letter)
			continue;
		nsc_fail(error, 0, "unknown option -%c; instead of %s: %s", letter, letters[i].whose, letters[i].ours);
		return true;
	}
	return false;
}

bool nsc_option_foreign_name(const char *name, struct nsc_error *error)
{
	for (size_t i = 0; i < NSC_ARRAY_LEN(names); i++) {
		if (strcmp(names[i].name, name))
			continue;
		nsc_fail(error, 0, "unknown option --%s; instead of %s: %s", name, names[i].whose, names[i].ours);
		return true;
	}
	return false;
}
