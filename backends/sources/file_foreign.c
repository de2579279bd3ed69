/* SPDX-License-Identifier: MIT
 *
 * Files that are no captures that NetScope reads, by their first bytes: what they are, and the way round.
 */
#include "file_foreign.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "netscope/base.h"

#define TEXT_LOOKED_AT 512u

enum way {
	TELL,    /* `tool` is the advice */
	UNPACK,  /* `tool` FILE | netscope -r - */
	CONVERT, /* editcap of Wireshark reads it */
};

struct foreign {
	const char *magic; /* of `length` bytes at `offset` */
	uint16_t offset;
	uint8_t length;
	uint8_t way;
	const char *what, *tool;
};

#define MAGIC(text) .magic = text, .length = sizeof(text) - 1

static const struct foreign binaries[] = {
	{ MAGIC("\x02\x21\x4c\x18"), .way = UNPACK, .what = "compressed with lz4 before 1.4", .tool = "lz4 -dc" },
	{ MAGIC("LZIP"), .way = UNPACK, .what = "compressed with lzip", .tool = "lzip -dc" },
	{ MAGIC("\x89LZO\0\r\n\x1a\n"), .way = UNPACK, .what = "compressed with lzop", .tool = "lzop -dc" },
	{ MAGIC("\x1f\x9d"), .way = UNPACK, .what = "compressed with compress", .tool = "gzip -dc" },
	{ MAGIC("\x5d\0\0"), .way = UNPACK, .what = "compressed with lzma", .tool = "xz --format=lzma -dc" },
	{ MAGIC("PK\3\4"), .way = UNPACK, .what = "a zip archive", .tool = "unzip -p" },
	{ MAGIC("7z\xbc\xaf\x27\x1c"), .way = UNPACK, .what = "a 7z archive", .tool = "7z x -so" },
	{ MAGIC("Rar!\x1a\x07"), .way = UNPACK, .what = "a rar archive", .tool = "unrar p -inul" },
	{ MAGIC("ustar"), .offset = 257, .way = UNPACK, .what = "a tar archive", .tool = "tar -xOf" },
	{ MAGIC("snoop\0\0\0"), .way = CONVERT, .what = "a snoop capture" },
	{ MAGIC("RTSS"), .way = CONVERT, .what = "a capture of Microsoft Network Monitor 1" },
	{ MAGIC("GMBU"), .way = CONVERT, .what = "a capture of Microsoft Network Monitor 2" },
	{ MAGIC("TRSNIFF data"), .way = CONVERT, .what = "a capture of Network General's Sniffer" },
	{ MAGIC("XCP\0"), .way = CONVERT, .what = "a capture of NetXRay or Sniffer Basic" },
	{ MAGIC("VL\0\0"), .way = CONVERT, .what = "a capture of Network Instruments' Observer or NetXRay" },
	{ MAGIC("ObserverPktBuffe"), .way = CONVERT, .what = "a capture of Network Instruments' Observer" },
	{ MAGIC("iptrace "), .way = CONVERT, .what = "a capture of AIX's iptrace" },
	{ MAGIC("btsnoop\0"), .way = TELL, .what = "a btsnoop capture",
	  .tool = "Bluetooth has no IP that is decoded here" },
	{ MAGIC("\x54\x52\0\x64\0"), .way = CONVERT, .what = "a capture of HP-UX' nettl" },
	{ MAGIC("\x05VNF"), .way = CONVERT, .what = "a capture of Visual Networks" },
	{ MAGIC("EyeSDN"), .way = CONVERT, .what = "a capture of EyeSDN" },
	{ MAGIC("\xaa\xaa\xaa\xaa"), .way = CONVERT, .what = "a capture of 5Views" },
	{ MAGIC("\x7fver"), .way = CONVERT, .what = "a capture of OmniPeek (tagged)" },
	{ MAGIC("\0\0\x02\0\x12\x05\0\x10"), .way = CONVERT, .what = "a capture of a Tektronix K12" },
	{ MAGIC("\x1c\0\x01\xab"), .way = CONVERT, .what = "a capture of IXIA's lcap (software)" },
	{ MAGIC("\x1c\0\x01\xac"), .way = CONVERT, .what = "a capture of IXIA's lcap (hardware)" },
	{ MAGIC("\xab\x01\0\x1c"), .way = CONVERT, .what = "a capture of IXIA's lcap (software)" },
	{ MAGIC("\xac\x01\0\x1c"), .way = CONVERT, .what = "a capture of IXIA's lcap (hardware)" },
	{ MAGIC("\x0c\xa5"), .way = TELL, .what = "a file of nfdump",
	  .tool = "it has flows and no packets: nfdump -r reads it" },
	{ MAGIC("\xa5\x0c"), .way = TELL, .what = "a file of nfdump",
	  .tool = "it has flows and no packets: nfdump -r reads it" },
	{ MAGIC("\x7f"
		"ELF"),
	  .way = TELL, .what = "a program (ELF)", .tool = "a capture file is wanted" },
	{ MAGIC("%PDF"), .way = TELL, .what = "a PDF document", .tool = "a capture file is wanted" },
	{ MAGIC("SQLite format 3"), .way = TELL, .what = "an SQLite database", .tool = "a capture file is wanted" },
	{ MAGIC("\xff\xfe"), .way = TELL, .what = "text in UTF-16", .tool = "a capture file is wanted" },
};

#define PAGE_TOOL "what was downloaded is a page, and not the file"

static const struct foreign texts[] = {
	/* blanks before them are passed over, upper and lower case are alike */
	{ MAGIC("<!doctype html"), .what = "an HTML page", .tool = PAGE_TOOL },
	{ MAGIC("<html"), .what = "an HTML page", .tool = PAGE_TOOL },
	{ MAGIC("HTTP/1."), .what = "an answer of a web server", .tool = PAGE_TOOL },
	{ MAGIC("version https://git-lfs"), .what = "a pointer of Git LFS", .tool = "git lfs pull fetches the file" },
	{ MAGIC("/annex/objects/"), .what = "a pointer of git-annex", .tool = "git annex get fetches the file" },
	{ MAGIC("../../.git/annex"), .what = "a pointer of git-annex", .tool = "git annex get fetches the file" },
	{ MAGIC("<?xml"), .what = "XML",
	  .tool = "packets that were printed cannot be read back; a capture file is wanted" },
	{ MAGIC("{"), .what = "JSON",
	  .tool = "packets that were printed cannot be read back; a capture file is wanted" },
	{ MAGIC("["), .what = "JSON",
	  .tool = "packets that were printed cannot be read back; a capture file is wanted" },
	{ MAGIC("+---------+"), .way = CONVERT, .what = "a text capture of a Tektronix K12" },
	{ MAGIC("0000 "), .what = "a hex dump", .tool = "text2pcap - - makes a capture file of it" },
	{ MAGIC("000000 "), .what = "a hex dump", .tool = "text2pcap - - makes a capture file of it" },
	{ MAGIC("00000000 "), .what = "a hex dump", .tool = "text2pcap - - makes a capture file of it" },
	{ MAGIC("0x0000"), .what = "a hex dump", .tool = "text2pcap - - makes a capture file of it" },
	{ MAGIC(""), .what = "text", .tool = "a capture file is wanted" },
};

static bool is_text(const uint8_t *at, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (at[i] < 0x20 && !isspace(at[i]))
			return false;
	return n > 0;
}

static const struct foreign *find_binary(const uint8_t *at, size_t n)
{
	for (size_t i = 0; i < NSC_ARRAY_LEN(binaries); i++) {
		const struct foreign *b = &binaries[i];

		if (n >= (size_t)b->offset + b->length && !memcmp(at + b->offset, b->magic, b->length))
			return b;
	}
	return NULL;
}

static const struct foreign *find_text(const uint8_t *at, size_t n)
{
	static const char mark[] = "\xef\xbb\xbf"; /* UTF-8's */

	if (n >= 3 && !memcmp(at, mark, 3)) {
		at += 3;
		n -= 3;
	}
	if (!is_text(at, n))
		return NULL;
	while (n && isspace(*at)) {
		at++;
		n--;
	}
	for (size_t i = 0; i < NSC_ARRAY_LEN(texts); i++)
		if (n >= texts[i].length && !strncasecmp((const char *)at, texts[i].magic, texts[i].length))
			return &texts[i];
	return NULL;
}

/* Endace's records have no magic: seconds of this age, a known type, and lengths that fit. */
static const struct foreign *find_erf(const uint8_t *at, size_t n)
{
	static const struct foreign erf = { .way = CONVERT,
					    .what = "a capture of Endace (ERF), by all that can be seen" };
	uint32_t seconds, length, wire;

	if (n < 16)
		return NULL;
	seconds = (uint32_t)at[4] | (uint32_t)at[5] << 8 | (uint32_t)at[6] << 16 | (uint32_t)at[7] << 24;
	length = (uint32_t)at[10] << 8 | at[11];
	wire = (uint32_t)at[14] << 8 | at[15];
	return seconds > 631152000 && (at[8] & 0x7f) >= 1 && (at[8] & 0x7f) <= 48 && length >= 16 && wire &&
			       length <= wire + 64
		       ? &erf
		       : NULL;
}

/* In quotes of the shell. Cut at size - 1. */
static void quote(const char *path, char *text, size_t size)
{
	size_t used = 0;

	text[used++] = '\'';
	for (; *path && used + 6 < size; path++)
		used += (size_t)snprintf(text + used, size - used, *path == '\'' ? "'\\''" : "%c", *path);
	text[used++] = '\'';
	text[used] = '\0';
}

bool nsc_file_foreign(const char *path, bool piped, const uint8_t *at, size_t n, struct nsc_error *error)
{
	const struct foreign *found = find_binary(at, n);
	char name[200];

	if (!found)
		found = find_text(at, NSC_MIN(n, TEXT_LOOKED_AT));
	if (!found)
		found = find_erf(at, n);
	if (!found)
		return false;
	if (piped)
		snprintf(name, sizeof(name), "FILE");
	else
		quote(path, name, sizeof(name));
	if (found->way == CONVERT)
		nsc_fail(error, 0,
			 "'%.180s' is %s, which is not read here: editcap -F pcapng %s out.pcapng makes pcapng of it",
			 path, found->what, name);
	else if (found->way == TELL)
		nsc_fail(error, 0, "'%.180s' is no capture file but %s: %s", path, found->what, found->tool);
	else
		nsc_fail(error, 0, "'%.180s' is %s, which is not read here: %s %s | netscope -r -", path, found->what,
			 found->tool, name);
	return true;
}
