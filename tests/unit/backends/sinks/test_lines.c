/* SPDX-License-Identifier: MIT
 *
 * Packet lines: what each verbosity shows and in which order, decode errors, colours, more text than the buffer holds,
 * a reader that has gone.
 */
#include "netscope/dissect.h"
#include "netscope/out.h"

#include "packets.h"

#include <errno.h>
#include <signal.h>
#include <sys/mman.h>

static const uint8_t udp_frame[] = {
	2,  0, 0, 0,  0, 1, 2, 0,  0, 0, 0, 2,    8,    0,    0x45, 0, 0,  32, 0, 0,   0,   0,   64,
	17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 0x30, 0x39, 0x10, 0x92, 0, 12, 0,  0, 'd', 'a', 't', 'a',
};
static const char line[] =
	"#7 00:00:01.000000 Eth: 02:00:00:00:00:02 -> 02:00:00:00:00:01 | "
	"IPv4: 10.0.0.1 -> 10.0.0.2 proto=UDP ttl=64 len=32 | UDP :12345 -> :4242 len=12 | payload: 4 bytes\n";
static struct nsc_error error;

static struct nsc_packet_record *add_udp(struct nsc_packet_chunk *chunk, uint64_t number)
{
	struct nsc_packet_record *r = test_add_packet(chunk, number, NSC_NS_PER_SEC, sizeof(udp_frame), 1);

	memcpy(nsc_packet_framed(r), udp_frame, sizeof(udp_frame));
	r->wire_len = r->len;
	return r;
}

/* What the sink writes, with a NUL behind it; to be freed. */
static char *written(struct nsc_out out, const struct nsc_packet_chunk *chunk)
{
	struct nsc_sink *sink;
	char *text;
	off_t size;

	out.fd = memfd_create("lines", 0);
	ck_assert_int_eq(nsc_lines_open(&sink, &out, &error), 0);
	ck_assert_int_eq(sink->ops->packets(sink, chunk, &error), 0);
	nsc_lines_close(sink);
	size = lseek(out.fd, 0, SEEK_CUR);
	text = calloc(1, (size_t)size + 1);
	ck_assert_int_eq(pread(out.fd, text, (size_t)size, 0), size);
	close(out.fd);
	return text;
}

START_TEST(a_line_each)
{
	struct nsc_packet_chunk *chunk = test_chunk();
	char *text;

	add_udp(chunk, 7);
	text = written((struct nsc_out){ 0 }, chunk);
	ck_assert_str_eq(text, line);
	free(text);
	text = written((struct nsc_out){ .verbose = 1 }, chunk);
	ck_assert_str_eq(text, line);
	free(text);
	add_udp(chunk, 8);
	text = written((struct nsc_out){ 0 }, chunk);
	ck_assert_int_eq(strncmp(text, line, strlen(line)), 0);
	ck_assert_int_eq(strncmp(text + strlen(line), "#8 ", 3), 0);
	free(text);
}
END_TEST

START_TEST(verbosity_adds_below)
{
	struct nsc_packet_chunk *chunk = test_chunk();
	char *two, *three, *hex;

	add_udp(chunk, 7);
	two = written((struct nsc_out){ .verbose = 2 }, chunk);
	three = written((struct nsc_out){ .verbose = 3 }, chunk);
	hex = written((struct nsc_out){ .verbose = 3, .asked.hex_dump = true }, chunk);
	ck_assert_int_eq(strncmp(two, line, strlen(line)), 0);
	ck_assert_ptr_nonnull(strstr(two, "\n  UDP [34-41]\n"));
	ck_assert_int_eq(strncmp(three, two, strlen(two)), 0);
	ck_assert_str_eq(three + strlen(two),
			 "  NetScope: fate flow (counted in a flow), captured 46 of 46 bytes, link type 1 (eth)\n");
	ck_assert_int_eq(strncmp(hex, three, strlen(three)), 0);
	ck_assert_ptr_nonnull(strstr(hex + strlen(three), "0020  "));
	ck_assert_int_eq(hex[strlen(hex) - 1], '\n');
	free(two);
	free(three);
	free(hex);
}
END_TEST

START_TEST(decode_errors)
{
	struct nsc_packet_chunk *chunk = test_chunk();
	char *text;

	add_udp(chunk, 1)->fate = NSC_FATE_ICMP;
	text = written((struct nsc_out){ 0 }, chunk);
	ck_assert_ptr_null(strstr(text, "decode error"));
	free(text);
	add_udp(chunk, 2)->fate = NSC_FATE_TRUNCATED_L4;
	text = written((struct nsc_out){ 0 }, chunk);
	ck_assert_ptr_nonnull(
		strstr(text, "\n[decode error] #2: truncated_l4: the capture or the packet ends before the ports\n"));
	free(text);
}
END_TEST

/* A copy of the bytes that a line needs gives the line of the whole packet; one of fewer is dissected no further than
 * it goes, whatever stands behind it. */
START_TEST(only_what_was_copied)
{
	const struct nsc_packet pkt = { .data = udp_frame,
					.cap_len = sizeof(udp_frame),
					.wire_len = sizeof(udp_frame),
					.link = NSC_LINK_ETHERNET };
	struct nsc_packet_chunk *chunk = test_chunk();
	const uint32_t copied[] = { nsc_dissect_line_bytes(&pkt), 14 };
	char *text;

	ck_assert_uint_lt(copied[0], sizeof(udp_frame));
	for (unsigned i = 0; i < NSC_ARRAY_LEN(copied); i++) {
		struct nsc_packet_record *r = test_add_packet(chunk, 7, NSC_NS_PER_SEC, copied[i], 1);

		memcpy(nsc_packet_framed(r), udp_frame, copied[i]);
		r->cap_len = r->wire_len = sizeof(udp_frame);
		if (i > 0) /* there, but not part of the copy */
			memcpy(nsc_packet_framed(r) + copied[i], udp_frame + copied[i], sizeof(udp_frame) - copied[i]);
	}
	text = written((struct nsc_out){ 0 }, chunk);
	ck_assert_int_eq(strncmp(text, line, strlen(line)), 0);
	ck_assert_ptr_null(strstr(text + strlen(line), "10.0.0."));
	ck_assert_ptr_nonnull(strstr(text + strlen(line), "Eth: 02:00:00:00:00:02 -> 02:00:00:00:00:01"));
	free(text);
}
END_TEST

/* Without the escapes it is the same text. */
START_TEST(colours)
{
	struct nsc_packet_chunk *chunk = test_chunk();
	char *text, *to;
	unsigned escapes = 0;

	add_udp(chunk, 7);
	to = text = written((struct nsc_out){ .color = true }, chunk);
	for (const char *from = text; *from; from++)
		if (*from == '\033') {
			from = strchr(from, 'm');
			escapes++;
		} else {
			*to++ = *from;
		}
	*to = '\0';
	ck_assert_str_eq(text, line);
	ck_assert_uint_eq(escapes, 8);
	free(text);
}
END_TEST

START_TEST(more_than_the_buffer)
{
	struct nsc_packet_chunk *chunk = test_chunk();
	unsigned lines = 0, wrong = 0;
	char *text, *at;

	while (chunk->n < 2000)
		add_udp(chunk, chunk->n + 1);
	text = written((struct nsc_out){ .asked.hex_dump = true, .verbose = 2 }, chunk);
	for (at = text; (at = strstr(at, at == text ? "#" : "\n#")); at++) {
		lines++;
		wrong += strtoul(at + 1 + (*at == '\n'), NULL, 10) != lines;
	}
	ck_assert_uint_eq(lines, 2000);
	ck_assert_uint_eq(wrong, 0);
	free(text);
}
END_TEST

START_TEST(less_is_shown_and_as_much_again)
{
	static const struct nsc_lines_shown shown[] = { { .verbose = 0 },
							{ .quiet = true },
							{ .verbose = 2, .hex_dump = true } };
	struct nsc_packet_chunk *chunk = test_chunk();
	struct nsc_out out = { .verbose = 2, .asked.hex_dump = true, .fd = memfd_create("lines", 0) };
	off_t size[NSC_ARRAY_LEN(shown) + 1];
	struct nsc_sink *sink;

	add_udp(chunk, 7);
	ck_assert_int_eq(nsc_lines_open(&sink, &out, &error), 0);
	for (size_t i = 0; i <= NSC_ARRAY_LEN(shown); i++) {
		ck_assert_int_eq(sink->ops->packets(sink, chunk, &error), 0);
		size[i] = lseek(out.fd, 0, SEEK_CUR);
		if (i < NSC_ARRAY_LEN(shown))
			nsc_lines_show(sink, &shown[i]);
	}
	ck_assert_int_eq(size[1] - size[0], sizeof(line) - 1);
	ck_assert_int_eq(size[2], size[1]);
	ck_assert_int_eq(size[3] - size[2], size[0]);
	ck_assert_uint_eq(sink->lost, 0);
	nsc_lines_show(NULL, &shown[0]);
	nsc_lines_close(sink);
	close(out.fd);
}
END_TEST

START_TEST(a_reader_that_has_gone)
{
	struct nsc_packet_chunk *chunk = test_chunk();
	struct nsc_out out = { 0 };
	struct nsc_sink *sink;
	int fds[2];

	signal(SIGPIPE, SIG_IGN);
	ck_assert_int_eq(pipe(fds), 0);
	close(fds[0]);
	out.fd = fds[1];
	add_udp(chunk, 1);
	ck_assert_int_eq(nsc_lines_open(&sink, &out, &error), 0);
	ck_assert_int_eq(sink->ops->packets(sink, chunk, &error), -EPIPE);
	nsc_lines_close(sink);
	nsc_lines_close(NULL);
	close(fds[1]);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { a_line_each,
				       verbosity_adds_below,
				       decode_errors,
				       only_what_was_copied,
				       colours,
				       more_than_the_buffer,
				       less_is_shown_and_as_much_again,
				       a_reader_that_has_gone };

	return test_main("lines", NULL, NULL, tests, NSC_ARRAY_LEN(tests));
}
