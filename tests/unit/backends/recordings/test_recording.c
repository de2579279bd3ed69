/* SPDX-License-Identifier: MIT
 *
 * One recording: into a file and through a pipe, byte by byte the packets that were asked for; cut at its limit; a
 * reader that goes.
 */
#include "backends/recordings/recording.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backends/recordings/request.h"
#include "engine/rings/recorder.h"
#include "tests/unit/engine/check_main.h"
#include "tests/unit/engine/decode/packets.h"

enum { SENT = 2000, FRAME_BYTES = 1000 };

static struct nsc_arena *arena;
static struct nsc_recorder *recorder;
static struct nsc_recorder_ring *ring;
static struct nsc_counters counters;
static struct nsc_rx rx = { .linktype = { [NSC_LINK_ETHERNET] = 1 } };
static struct nsc_recordings_options options = { .about = "all bytes", .live = true };
static struct nsc_decode_options decode;
static struct nsc_recording recording;
static struct nsc_error error;
static uint8_t frame[FRAME_BYTES] = MAC T_IPV4 IPV4_FULL("\x45", "\0\x20", "\0\0", "\x11", A4, B4) UDP("\0\x0c") FOUR;
static char folder_path[64];
static struct nsc_recordings_folder *folder;
static uint8_t *file;
static size_t file_size;
static uint64_t now_ns = 1;

/* Packet i has the time i s; every tenth is from 10.0.0.9. */
static void send_packets(unsigned n)
{
	struct nsc_recorder_options ring_options = { .bytes = 16 << 20 };

	ck_assert_int_eq(nsc_arena_open(&arena, &error), 0);
	ck_assert_int_eq(nsc_recorder_open(&recorder, arena, &error), 0);
	ck_assert_int_eq(nsc_recorder_ring_open(&ring, recorder, &ring_options, 1, true, arena, &error), 0);
	for (unsigned i = 1; i <= n; i++) {
		struct nsc_packet pkt = { .data = frame,
					  .ts_ns = i * NSC_NS_PER_SEC,
					  .clock_ns = i * NSC_NS_PER_SEC,
					  .cap_len = FRAME_BYTES,
					  .wire_len = FRAME_BYTES,
					  .link = NSC_LINK_ETHERNET };

		frame[14 + 12 + 3] = i % 10 ? 1 : 9;
		nsc_recorder_burst(ring, &rx, &pkt, 1, 0, &counters);
		nsc_recorder_advance(ring, pkt.clock_ns, 0);
	}
}

static void ask(struct nsc_recording_request *request, const char *word, const char *value)
{
	struct nsc_record_ask wanted = { .bytes_most = 0 };

	nsc_packet_choice_init(&wanted.choice);
	if (word)
		ck_assert_int_eq(nsc_packet_choice_set(&wanted.choice, word, value, &error), 0);
	nsc_recording_request(request, &options, &wanted, "for a test");
	request->ts_ns = 1700000000 * NSC_NS_PER_SEC;
	request->number = 3;
	strcpy(request->kind, "test");
}

static void begin(const struct nsc_recording_request *request, int fd, bool framed)
{
	recording.stream.fd = -1;
	ck_assert_msg(!nsc_recording_begin(&recording, request, recorder, &decode, fd < 0 ? folder : NULL, fd, framed,
					   &error),
		      "%s", error.text);
}

static enum nsc_recording_step finish(void)
{
	enum nsc_recording_step step;

	do
		step = nsc_recording_step(&recording, now_ns, &error);
	while (step == NSC_RECORDING_BUSY);
	return step;
}

static void make_folder(uint64_t limit)
{
	strcpy(folder_path, "/tmp/nsc-recording-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder_path));
	ck_assert_int_eq(nsc_recordings_folder_open(&folder, folder_path, limit, &error), 0);
}

static void remove_folder(void)
{
	char command[128];

	nsc_recordings_folder_close(folder);
	snprintf(command, sizeof(command), "rm -rf %s", folder_path);
	ck_assert_int_eq(system(command), 0);
	free(file);
	file = NULL;
	nsc_arena_close(arena);
}

static void read_file(void)
{
	char path[256];
	FILE *in;

	snprintf(path, sizeof(path), "%s/20231114T221320.000000Z-test-3.pcapng", folder_path);
	in = fopen(path, "r");
	ck_assert_ptr_nonnull(in);
	fseek(in, 0, SEEK_END);
	file_size = (size_t)ftell(in);
	rewind(in);
	file = malloc(file_size);
	ck_assert_uint_eq(fread(file, 1, file_size, in), file_size);
	fclose(in);
}

/* Whole blocks; how many are packets. The first is a section whose comments say `text`. */
static unsigned packets_in(const uint8_t *at, size_t size, const char *text)
{
	unsigned n = 0;

	ck_assert_ptr_nonnull(memmem(at, nsc_pcapng_block_length(at), text, strlen(text)));
	for (size_t left = size; left; left -= nsc_pcapng_block_length(at), at += nsc_pcapng_block_length(at)) {
		ck_assert_uint_ge(left, 12);
		ck_assert_uint_le(nsc_pcapng_block_length(at), left);
		n += at[0] == 6;
	}
	return n;
}

START_TEST(into_a_file)
{
	struct nsc_recording_request request;

	send_packets(SENT);
	make_folder(16 << 20);
	decode = packets_options(false, false);
	ask(&request, "host", "10.0.0.9");
	begin(&request, -1, false);
	read_file();
	ck_assert_uint_eq(packets_in(file, file_size, nsc_recordings_unfinished), 0);
	free(file);
	ck_assert_int_eq(finish(), NSC_RECORDING_DONE);
	ck_assert_uint_eq(recording.packets, SENT / 10);
	nsc_recording_end(&recording);
	read_file();
	ck_assert_uint_eq(packets_in(file, file_size,
				     "Complete: 200 packets, 200000 bytes, 1970-01-01 00:00:10.000000 "
				     "to 1970-01-01 00:33:20.000000; 0 overwritten"),
			  SENT / 10);
	ck_assert_uint_eq(packets_in(file, file_size, "packets to or from 10.0.0.9, for a test"), SENT / 10);
	remove_folder();
}
END_TEST

START_TEST(with_times)
{
	struct nsc_recording_request request;

	send_packets(SENT);
	make_folder(16 << 20);
	decode = packets_options(false, false);
	ask(&request, "last", "100s");
	begin(&request, -1, false);
	ck_assert_int_eq(finish(), NSC_RECORDING_DONE);
	ck_assert_uint_eq(recording.packets, 101);
	ck_assert_uint_eq(recording.first_ns, (SENT - 100) * NSC_NS_PER_SEC);
	nsc_recording_end(&recording);
	remove_folder();
}
END_TEST

/* What alerts ask for: the last packets are still to come. */
START_TEST(waits_for_its_end)
{
	struct nsc_recording_request request;

	send_packets(10);
	make_folder(16 << 20);
	ask(&request, "to", "12");
	request.waits = true;
	begin(&request, -1, false);
	ck_assert_int_eq(finish(), NSC_RECORDING_WAITS);
	for (unsigned i = 11; i < 14; i++) {
		struct nsc_packet pkt = { .data = frame,
					  .ts_ns = i * NSC_NS_PER_SEC,
					  .clock_ns = i * NSC_NS_PER_SEC,
					  .cap_len = 60,
					  .wire_len = 60,
					  .link = NSC_LINK_ETHERNET };

		ck_assert_int_eq(finish(), NSC_RECORDING_WAITS);
		nsc_recorder_burst(ring, &rx, &pkt, 1, 0, &counters);
		nsc_recorder_advance(ring, pkt.clock_ns, 0);
	}
	ck_assert_int_eq(finish(), NSC_RECORDING_DONE);
	ck_assert_uint_eq(recording.packets, 12);
	nsc_recording_end(&recording);
	remove_folder();
}
END_TEST

START_TEST(cut_at_the_limit)
{
	struct nsc_recording_request request;

	send_packets(SENT);
	make_folder(1 << 20);
	ask(&request, NULL, NULL);
	begin(&request, -1, false);
	ck_assert_int_eq(finish(), NSC_RECORDING_DONE);
	ck_assert(recording.cut && recording.packets < SENT && recording.packets > 100);
	nsc_recording_end(&recording);
	read_file();
	ck_assert_uint_le(file_size, 1 << 20);
	ck_assert_uint_eq(packets_in(file, file_size, "Cut at the limit of size: "), recording.packets);
	remove_folder();
}
END_TEST

/* All that comes out of a pipe, which is read when it is full: as many bytes. */
static size_t read_pipe(const struct nsc_recording_request *request, bool framed, uint8_t *got, size_t room)
{
	enum nsc_recording_step step;
	size_t n = 0;
	int ends[2];

	ck_assert_int_eq(pipe2(ends, O_NONBLOCK), 0);
	recording.stream.buffer = malloc(NSC_RECORDING_BUFFER);
	begin(request, ends[1], framed);
	do {
		ssize_t more;

		step = finish();
		while ((more = read(ends[0], got + n, room - n)) > 0)
			n += (size_t)more;
	} while (step == NSC_RECORDING_BLOCKED);
	ck_assert_int_eq(step, NSC_RECORDING_DONE);
	nsc_recording_end(&recording);
	free(recording.stream.buffer);
	close(ends[0]);
	return n;
}

START_TEST(through_a_pipe)
{
	static uint8_t got[4 << 20], data[4 << 20];
	struct nsc_recording_request request;
	size_t n, size = 0, at = 0;

	send_packets(SENT);
	make_folder(16 << 20);
	ask(&request, NULL, NULL);
	n = read_pipe(&request, true, got, sizeof(got));
	while (at < n) {
		uint32_t length;

		ck_assert_int_eq(memcmp(got + at, "NSR", 3), 0);
		memcpy(&length, got + at + 4, 4);
		ck_assert_uint_le(length, NSC_RECORDINGS_FRAME_MAX);
		if (got[at + 3] == 'D') {
			memcpy(data + size, got + at + NSC_RECORDINGS_FRAME, length);
			size += length;
		} else {
			ck_assert(got[at + 3] == 'E' && at + NSC_RECORDINGS_FRAME + length == n);
			ck_assert_mem_eq(got + at + NSC_RECORDINGS_FRAME, "Complete: 2000 packets", 22);
		}
		at += NSC_RECORDINGS_FRAME + length;
	}
	ck_assert_uint_eq(packets_in(data, size, nsc_recordings_unfinished), SENT);
	remove_folder();
}
END_TEST

START_TEST(reader_that_goes)
{
	struct nsc_recording_request request;
	int ends[2];

	signal(SIGPIPE, SIG_IGN);
	send_packets(SENT);
	make_folder(16 << 20);
	ck_assert_int_eq(pipe2(ends, O_NONBLOCK), 0);
	recording.stream.buffer = malloc(NSC_RECORDING_BUFFER);
	ask(&request, NULL, NULL);
	begin(&request, ends[1], false);
	ck_assert_int_eq(finish(), NSC_RECORDING_BLOCKED);
	close(ends[0]);
	ck_assert_int_eq(finish(), NSC_RECORDING_FAILED);
	nsc_recording_end(&recording);
	free(recording.stream.buffer);
	remove_folder();
}
END_TEST

/* It takes something now and then, and never all. */
START_TEST(reader_that_is_slow)
{
	static uint8_t some[8192];
	struct nsc_recording_request request;
	enum nsc_recording_step step;
	int ends[2];

	send_packets(SENT);
	make_folder(16 << 20);
	ck_assert_int_eq(pipe2(ends, O_NONBLOCK), 0);
	recording.stream.buffer = malloc(NSC_RECORDING_BUFFER);
	ask(&request, NULL, NULL);
	begin(&request, ends[1], false);
	while ((step = finish()) == NSC_RECORDING_BLOCKED && now_ns < 2 * NSC_RECORDING_SECS * NSC_NS_PER_SEC) {
		now_ns += 10 * NSC_NS_PER_SEC;
		ck_assert_int_gt(read(ends[0], some, sizeof(some)), 0);
	}
	ck_assert_int_eq(step, NSC_RECORDING_FAILED);
	ck_assert_uint_gt(now_ns, NSC_RECORDING_SECS * NSC_NS_PER_SEC);
	nsc_recording_end(&recording);
	free(recording.stream.buffer);
	close(ends[0]);
	now_ns = 1;
	remove_folder();
}
END_TEST

START_TEST(so_many_bytes)
{
	static uint8_t got[4 << 20];
	struct nsc_recording_request request;
	size_t n;

	send_packets(SENT);
	make_folder(16 << 20);
	ask(&request, NULL, NULL);
	request.ask.bytes_most = 100 * FRAME_BYTES;
	n = read_pipe(&request, false, got, sizeof(got));
	ck_assert_uint_eq(packets_in(got, n, nsc_recordings_unfinished), 100);
	ck_assert_ptr_nonnull(memmem(got, n, "Cut at the limit of size: 100 packets", 37));
	remove_folder();
}
END_TEST

/* Each of 1800 datagrams has four bytes; the others are between other ends. */
START_TEST(what_a_flow_said)
{
	static uint8_t got[4 << 20];
	static const char begin_of_it[] = "{\"source\":\"recorder\",\"kept\":\"all bytes\",\"since\":null,";
	struct nsc_recording_request request;
	uint32_t said = 0;
	size_t n;

	send_packets(SENT);
	make_folder(16 << 20);
	decode = packets_options(false, false);
	ask(&request, "flow", "udp-10.0.0.1-1234-10.0.0.2-80");
	request.ask.follow = true;
	n = read_pipe(&request, false, got, sizeof(got) - 1);
	ck_assert_mem_eq(got, begin_of_it, sizeof(begin_of_it) - 1);
	ck_assert_mem_eq(got + n - 3, "}]}", 3);
	for (const char *at = (char *)got; (at = strstr(at, "\"hex\":\"61626364\"")); at++)
		said++;
	ck_assert_uint_eq(said, SENT / 10 * 9);
	remove_folder();
}
END_TEST

CHECK_MAIN("recording", into_a_file, with_times, waits_for_its_end, cut_at_the_limit, through_a_pipe, reader_that_goes,
	   reader_that_is_slow, so_many_bytes, what_a_flow_said)
