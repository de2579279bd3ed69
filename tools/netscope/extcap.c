/* SPDX-License-Identifier: MIT
 *
 * Questions of Wireshark and their answers; a capture is a run of this program with its packets on standard output, so
 * that a run which has become another user needs no right to open the pipe.
 */
#include "tools/netscope/extcap.h"

#include "backends/sources/interface.h"
#include "tools/netscope/version.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PREFIX "netscope-" /* Wireshark's list has the interfaces themselves, too */

enum { SNAPLEN_MOST = 262144 };

struct extcap_words {
	bool interfaces, dlts, config, capture, promiscuous;
	const char *interface, *fifo, *filter, *snaplen;
};

/* --- what is asked ---------------------------------------------------------------------------- */

bool nsc_extcap_is(int argc, char *const *argv)
{
	static const char word[] = "--extcap-";

	for (int i = 1; i < argc; i++)
		if (!strncmp(argv[i], word, sizeof(word) - 1))
			return true;
	return argc > 1 && !strcmp(argv[1], "extcap");
}

static void extcap_take(struct extcap_words *words, int found)
{
	switch (found) {
	case 'i':
		words->interfaces = true;
		break;
	case 'd':
		words->dlts = true;
		break;
	case 'c':
		words->config = true;
		break;
	case 'C':
		words->capture = true;
		break;
	case 'p':
		words->promiscuous = false;
		break;
	case 'I':
		words->interface = optarg;
		break;
	case 'F':
		words->fifo = optarg;
		break;
	case 'f':
		words->filter = optarg;
		break;
	case 's':
		words->snaplen = optarg;
		break;
	default: /* versions: nothing depends on them */
		break;
	}
}

static int extcap_read(struct extcap_words *words, int argc, char *const *argv, struct nsc_error *error)
{
	static const struct option names[] = {
		{ "extcap-interfaces", no_argument, NULL, 'i' },
		{ "extcap-version", optional_argument, NULL, 'v' },
		{ "extcap-dlts", no_argument, NULL, 'd' },
		{ "extcap-interface", required_argument, NULL, 'I' },
		{ "extcap-config", no_argument, NULL, 'c' },
		{ "extcap-capture-filter", required_argument, NULL, 'f' },
		{ "capture", no_argument, NULL, 'C' },
		{ "fifo", required_argument, NULL, 'F' },
		{ "snaplen", required_argument, NULL, 's' },
		{ "no-promiscuous", no_argument, NULL, 'p' },
		{ NULL, 0, NULL, 0 },
	};
	int found;

	*words = (struct extcap_words){ .promiscuous = true };
	opterr = 0;
	optind = 0;
	while ((found = getopt_long(argc, argv, "", names, NULL)) != -1) {
		if (found == '?')
			return nsc_fail(error, -EINVAL, "netscope extcap does not know \"%.100s\", or wants more of it",
					argv[optind - 1]);
		extcap_take(words, found);
	}
	return 0;
}

/* --- answers ---------------------------------------------------------------------------------- */

/* Names that the answer could not carry are left out: it has braces around its values. */
static bool extcap_can_name(const char *name)
{
	return !strpbrk(name, "{}") && strlen(name) == strcspn(name, "\1\2\3\4\5\6\7\10\11\12\13\14\15\16\17\33\177");
}

static int extcap_by_name(const void *a, const void *b)
{
	return strverscmp(((const struct if_nameindex *)a)->if_name, ((const struct if_nameindex *)b)->if_name);
}

static int extcap_list(FILE *out, struct nsc_error *error)
{
	struct if_nameindex *all = if_nameindex();
	size_t n = 0;

	if (!all)
		return nsc_fail(error, -errno, "the interfaces cannot be listed: %s", strerror(errno));
	while (all[n].if_index)
		n++;
	qsort(all, n, sizeof(*all), extcap_by_name);
	fprintf(out, "extcap {version=%s}{display=NetScope}\n", NSC_VERSION);
	for (size_t i = 0; i < n; i++)
		if (extcap_can_name(all[i].if_name))
			fprintf(out, "interface {value=" PREFIX "%s}{display=NetScope: %s}\n", all[i].if_name,
				all[i].if_name);
	if_freenameindex(all);
	return 0;
}

/* libpcap's number for the link type of an interface, by which Wireshark reads filters. */
static int extcap_dlt(const char *name, int *dlt, struct nsc_error *error)
{
	struct nsc_interface interface;
	int status = nsc_interface_open(&interface, name, error);
	uint32_t hardware;

	if (status)
		return status;
	*dlt = nsc_interface_linktype(&interface, &hardware) == 101 ? DLT_RAW : DLT_EN10MB;
	nsc_interface_close(&interface);
	return 0;
}

static int extcap_say_dlt(FILE *out, const char *name, struct nsc_error *error)
{
	int dlt, status = extcap_dlt(name, &dlt, error);

	if (!status)
		fprintf(out, "dlt {number=%d}{name=%s}{display=%s}\n", dlt, pcap_datalink_val_to_name(dlt),
			pcap_datalink_val_to_description(dlt));
	return status;
}

static void extcap_say_config(FILE *out)
{
	fprintf(out,
		"arg {number=0}{call=--snaplen}{display=Bytes of each packet}{tooltip=0: all}{type=unsigned}"
		"{range=0,%d}{default=0}\n"
		"arg {number=1}{call=--no-promiscuous}{display=Packets for this machine only}{type=boolflag}"
		"{default=false}\n",
		SNAPLEN_MOST);
}

/* What is wrong with a filter is the answer; nothing is a filter that will do. */
static int extcap_judge(FILE *out, const struct extcap_words *words, struct nsc_error *error)
{
	int dlt, status = extcap_dlt(words->interface, &dlt, error);
	pcap_t *pcap = status ? NULL : pcap_open_dead(dlt, SNAPLEN_MOST);
	struct bpf_program program;

	if (!pcap)
		return status ? status : nsc_fail(error, -ENOMEM, "no memory for a filter");
	if (pcap_compile(pcap, &program, words->filter, 1, PCAP_NETMASK_UNKNOWN))
		fprintf(out, "%s\n", pcap_geterr(pcap));
	else
		pcap_freecode(&program);
	pcap_close(pcap);
	return 0;
}

/* --- a capture -------------------------------------------------------------------------------- */

static int extcap_word(struct nsc_extcap_run *run, const char *name, const char *value, struct nsc_error *error)
{
	char *word = NULL;

	if (asprintf(&word, "%s%s", name, value) < 0)
		return nsc_fail(error, -ENOMEM, "no memory for a command line");
	run->argv[run->argc++] = word;
	run->argv[run->argc] = NULL;
	return 0;
}

static int extcap_open_pipe(const char *path, struct nsc_error *error)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), status = fd < 0 ? -errno : 0;

	if (!status && dup2(fd, STDOUT_FILENO) < 0)
		status = -errno;
	if (fd > STDOUT_FILENO)
		close(fd);
	return status ? nsc_fail(error, status, "--fifo %s: cannot be opened: %s", path, strerror(-status)) : 0;
}

static int extcap_capture(struct nsc_extcap_run *run, const struct extcap_words *words, struct nsc_error *error)
{
	const struct {
		const char *name, *value;
	} wanted[] = {
		{ "netscope", "" },
		{ "--interface=", words->interface },
		{ "--write-pcap=-", "" },
		{ "--quiet", "" },
		{ "--no-stats", "" },
		{ "--snaplen=", words->snaplen ? words->snaplen : "0" },
		{ words->promiscuous ? "--promiscuous" : "--no-promiscuous", "" },
		{ words->filter && *words->filter ? "--filter=" : NULL, words->filter },
	};
	int status = 0;

	static_assert(NSC_ARRAY_LEN(wanted) <= NSC_EXTCAP_WORDS, "there is a place for each word");
	if (!words->fifo)
		return nsc_fail(error, -EINVAL, "netscope extcap --capture wants a pipe: --fifo PATH");
	for (size_t i = 0; i < NSC_ARRAY_LEN(wanted) && !status; i++)
		if (wanted[i].name)
			status = extcap_word(run, wanted[i].name, wanted[i].value, error);
	return status ? status : extcap_open_pipe(words->fifo, error);
}

/* --- all of them ------------------------------------------------------------------------------ */

static int extcap_interface(struct extcap_words *words, struct nsc_error *error)
{
	if (!words->interface)
		return nsc_fail(error, -EINVAL,
				"netscope extcap wants an interface: --extcap-interface " PREFIX "NAME");
	if (strncmp(words->interface, PREFIX, strlen(PREFIX)) != 0)
		return nsc_fail(error, -ENODEV, "--extcap-interface %.100s: the names begin with " PREFIX,
				words->interface);
	words->interface += strlen(PREFIX);
	return 0;
}

int nsc_extcap(struct nsc_extcap_run *run, int argc, char *const *argv, FILE *out, struct nsc_error *error)
{
	struct extcap_words words;
	int status = extcap_read(&words, argc, argv, error);

	*run = (struct nsc_extcap_run){ .argc = 0 };
	if (status)
		return status;
	if (words.interfaces)
		return extcap_list(out, error);
	if (!words.dlts && !words.config && !words.capture && !words.filter)
		return nsc_fail(error, -EINVAL,
				"netscope extcap is for Wireshark: a link to netscope in its extcap folder, which "
				"tshark -G folders names");
	status = extcap_interface(&words, error);
	if (status)
		return status;
	if (words.dlts)
		return extcap_say_dlt(out, words.interface, error);
	if (words.config)
		extcap_say_config(out);
	else if (words.capture)
		return extcap_capture(run, &words, error);
	else
		return extcap_judge(out, &words, error);
	return 0;
}

void nsc_extcap_close(struct nsc_extcap_run *run)
{
	for (int i = 0; i < run->argc; i++)
		free(run->argv[i]);
	run->argc = 0;
}
