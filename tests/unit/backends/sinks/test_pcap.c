/* SPDX-License-Identifier: MIT
 *
 * The capture file sink: what a header takes over, one link type in pcap and several in pcapng, whole records at every
 * moment, exact segments, a full disk.
 */
#include "engine/text/pcap_format.h"
#include "netscope/out.h"

#include "packets.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

static const uint64_t second = NSC_NS_PER_SEC;
static char folder[64];
static bool framed; /* chunks have the sink's frame */
static struct nsc_rx source;
static struct nsc_sink *sink;
static struct nsc_error error;

static void enter(void)
{
	source = (struct nsc_rx){ .linktype = { [NSC_LINK_ETHERNET] = 1 } };
	test_enter_folder(folder);
}

static void enter_framed(void)
{
	framed = true;
	enter();
}

static void leave(void)
{
	test_leave_folder(folder);
}

static void open_sink(const char *path, uint64_t rotate_bytes)
{
	struct nsc_out out = { .asked.write_pcap = path, .rotate_bytes = rotate_bytes, .source = &source };

	ck_assert_int_eq(nsc_write_pcap_open(&sink, &out, &error), 0);
}

/* The same packets in the sink's frame, as the tap lays them out for it. */
static const struct nsc_packet_chunk *framed_chunk(const struct nsc_packet_chunk *chunk)
{
	static struct {
		struct nsc_packet_chunk chunk;
		uint8_t room[TEST_CHUNK];
	} made;
	const struct nsc_packet_record *record = nsc_packet_first(chunk);

	made.chunk.n = made.chunk.bytes = 0;
	made.chunk.room = TEST_CHUNK;
	made.chunk.frame = sink->frame;
	for (uint32_t i = 0; i < chunk->n; i++, record = nsc_packet_next(record)) {
		uint32_t size = nsc_packet_framed_size(sink->frame, record->len);

		ck_assert(nsc_packet_fits(&made.chunk, size));
		nsc_packet_append(&made.chunk, *record, nsc_packet_bytes(record), size);
	}
	return &made.chunk;
}

static int give(const struct nsc_packet_chunk *chunk)
{
	return sink->ops->packets(sink, framed ? framed_chunk(chunk) : chunk, &error);
}

static int finish(void)
{
	int status = sink->ops->finish(sink, NULL, &error);

	nsc_write_pcap_close(sink);
	return status;
}

/* Packets in a file of whole records; UINT_MAX when it is none. */
static unsigned count_records(const char *path)
{
	size_t size, at = NSC_PCAP_HEADER;
	char *data = test_read_file(path, &size);
	unsigned n = 0;

	ck_assert_ptr_nonnull(data);
	for (; at + NSC_PCAP_RECORD <= size; n++)
		at += nsc_pcap_record_length((uint8_t *)data + at);
	free(data);
	return at == size ? n : UINT32_MAX;
}

/* How many blocks of a kind; UINT_MAX when blocks do not fill the file. */
static unsigned count_blocks(const char *path, uint32_t kind)
{
	size_t size, at = 0;
	char *data = test_read_file(path, &size);
	unsigned n = 0;
	uint32_t type;

	ck_assert_ptr_nonnull(data);
	for (; at + 12 <= size; at += nsc_pcapng_block_length((uint8_t *)data + at)) {
		memcpy(&type, data + at, sizeof(type));
		n += type == kind;
	}
	free(data);
	return at == size ? n : UINT32_MAX;
}

static uint32_t word_of(const char *path, size_t at)
{
	size_t size;
	char *data = test_read_file(path, &size);
	uint32_t value;

	ck_assert_uint_ge(size, at + sizeof(value));
	memcpy(&value, data + at, sizeof(value));
	free(data);
	return value;
}

START_TEST(whole_records_after_every_call)
{
	struct stat st;

	open_sink("a.pcap", 0);
	ck_assert_int_eq(stat("a.pcap", &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
	for (unsigned n = 1; n < 5; n++) {
		struct nsc_packet_chunk *chunk = test_chunk();

		for (unsigned i = 0; i < 100; i++)
			test_add_packet(chunk, i + 1, n * second, i * 40, 1);
		ck_assert_int_eq(give(chunk), 0);
		ck_assert_uint_eq(count_records("a.pcap"), n * 100);
	}
	ck_assert_int_eq(finish(), 0);
	ck_assert_uint_eq(count_records("a.pcap"), 400);
}
END_TEST

/* What is written out of the chunk is whole: heads, padding and tails are written there, around the packets. */
START_TEST(frames_are_written_as_they_lie)
{
	static const char *const paths[] = { "a.pcap", "a.pcapng" };

	for (size_t i = 0; i < NSC_ARRAY_LEN(paths); i++) {
		struct nsc_packet_chunk *plain = test_chunk();
		const struct nsc_packet_chunk *chunk;
		size_t size;
		char *data;

		for (unsigned k = 0; k < 50; k++)
			test_add_packet(plain, k + 1, second, k * 3, 1);
		open_sink(paths[i], 0);
		chunk = framed_chunk(plain);
		ck_assert_int_eq(sink->ops->packets(sink, chunk, &error), 0);
		data = test_read_file(paths[i], &size);
		ck_assert_uint_gt(size, chunk->bytes);
		ck_assert_mem_eq(data + size - chunk->bytes, chunk->data, chunk->bytes);
		free(data);
		ck_assert_int_eq(finish(), 0);
	}
	ck_assert_uint_eq(count_records("a.pcap"), 50);
	ck_assert_uint_eq(count_blocks("a.pcapng", 6), 50);
}
END_TEST

START_TEST(more_than_the_buffer)
{
	struct nsc_packet_chunk *chunk = test_chunk();

	for (unsigned i = 0; i < 3; i++)
		test_add_packet(chunk, i + 1, second, NSC_PACKET_BYTES_MAX, 1);
	open_sink("a.pcapng", 0);
	ck_assert_int_eq(give(chunk), 0);
	ck_assert_int_eq(finish(), 0);
	ck_assert_uint_eq(count_blocks("a.pcapng", 6), 3);
}
END_TEST

static uint64_t bytes_behind_the_end(const char *path)
{
	struct stat st;

	ck_assert_int_eq(stat(path, &st), 0);
	return (uint64_t)NSC_MAX((int64_t)st.st_blocks * 512 - st.st_size, (int64_t)0);
}

/* A live run may be killed at any time: nothing is set aside behind its file. What others have there goes at the end,
 * also when they do not come to it. */
START_TEST(no_room_is_left_behind_the_end)
{
	for (unsigned i = 0; i < 3; i++) {
		struct nsc_out out = { .asked.write_pcap = "a.pcap", .live = i == 0, .source = &source };
		struct nsc_packet_chunk *chunk = test_chunk();

		for (unsigned k = 0; k < 3; k++)
			test_add_packet(chunk, k + 1, second, NSC_PACKET_BYTES_MAX, 1);
		ck_assert_int_eq(nsc_write_pcap_open(&sink, &out, &error), 0);
		for (unsigned k = 0; k < 4; k++)
			ck_assert_int_eq(give(chunk), 0);
		if (out.live)
			ck_assert_uint_lt(bytes_behind_the_end("a.pcap"), 1 << 20);
		if (i < 2)
			ck_assert_int_eq(finish(), 0);
		else
			nsc_write_pcap_close(sink);
		ck_assert_uint_lt(bytes_behind_the_end("a.pcap"), 1 << 20);
		ck_assert_uint_eq(count_records("a.pcap"), 12);
	}
}
END_TEST

START_TEST(headers_follow_the_source)
{
	struct nsc_packet_chunk *chunk = test_chunk();

	test_add_packet(chunk, 1, second, 60, 101);
	source.nanoseconds = true;
	open_sink("n.pcap", 0);
	ck_assert_int_eq(give(chunk), 0);
	ck_assert_int_eq(finish(), 0);
	ck_assert_uint_eq(word_of("n.pcap", 0), 0xa1b23c4d);
	ck_assert_uint_eq(word_of("n.pcap", 20), 101);
	source.nanoseconds = false;
	open_sink("empty.pcap", 0);
	ck_assert_int_eq(finish(), 0);
	ck_assert_uint_eq(count_records("empty.pcap"), 0);
	ck_assert_uint_eq(word_of("empty.pcap", 0), 0xa1b2c3d4);
	ck_assert_uint_eq(word_of("empty.pcap", 20), 1);
	open_sink("empty.PCAPNG", 0);
	ck_assert_int_eq(finish(), 0);
	ck_assert_uint_eq(count_blocks("empty.PCAPNG", 0x0a0d0d0a), 1);
}
END_TEST

START_TEST(pcap_holds_one_link_type)
{
	struct nsc_packet_chunk *chunk = test_chunk();

	test_add_packet(chunk, 1, second, 60, 1);
	test_add_packet(chunk, 2, second, 60, 113);
	open_sink("a.pcap", 0);
	ck_assert_int_eq(give(chunk), -EINVAL);
	ck_assert_str_eq(error.text,
			 "a.pcap: packet 2 has link type 113, and this file holds link type 1: pcapng holds several "
			 "(a name that ends in .pcapng)");
	ck_assert_uint_eq(count_records("a.pcap"), 1);
	nsc_write_pcap_close(sink);
	ck_assert_uint_eq(count_records("a.pcap"), 1);
}
END_TEST

START_TEST(pcap_loses_no_digit_of_a_time)
{
	struct nsc_packet_chunk *chunk = test_chunk();

	test_add_packet(chunk, 1, second + 1000, 60, 1);
	test_add_packet(chunk, 2, second + 1001, 60, 1);
	open_sink("a.pcap", 0);
	ck_assert_int_eq(give(chunk), -EOVERFLOW);
	ck_assert_ptr_nonnull(strstr(error.text, "the time of packet 2 does not fit"));
	nsc_write_pcap_close(sink);
	ck_assert_uint_eq(count_records("a.pcap"), 1);
	chunk = test_chunk();
	test_add_packet(chunk, 1, (uint64_t) - (int64_t)second, 60, 1);
	open_sink("b.pcap", 0);
	ck_assert_int_eq(give(chunk), -EOVERFLOW);
	nsc_write_pcap_close(sink);
}
END_TEST

/* An interface for each link type and resolution, described once, before its first packet. */
START_TEST(pcapng_holds_several)
{
	struct nsc_packet_chunk *chunk = test_chunk();

	for (unsigned i = 0; i < 40; i++)
		test_add_packet(chunk, i + 1, second + (i % 4 == 3), 61, i % 2 ? 1 : 147);
	open_sink("a.pcapng", 0);
	ck_assert_int_eq(give(chunk), 0);
	ck_assert_int_eq(finish(), 0);
	ck_assert_uint_eq(count_blocks("a.pcapng", 1), 3);
	ck_assert_uint_eq(count_blocks("a.pcapng", 6), 40);
	ck_assert_uint_eq(word_of("a.pcapng", 28), 1);
	ck_assert_uint_eq(word_of("a.pcapng", 28 + 8), 147);
	ck_assert_uint_eq(word_of("a.pcapng", 60), 6);
}
END_TEST

/* 24 + 4 * (16 + 84) = 424 bytes: the fourth packet fills a segment exactly, the fifth begins the next. */
START_TEST(segments_end_at_their_size)
{
	struct nsc_packet_chunk *chunk = test_chunk();

	for (unsigned i = 0; i < 9; i++)
		test_add_packet(chunk, i + 1, second, 84, 1);
	open_sink("a.pcap", 424);
	ck_assert_int_eq(give(chunk), 0);
	ck_assert_int_eq(finish(), 0);
	ck_assert_uint_eq(test_count_files(), 3 + 1); /* and their list */
	ck_assert_uint_eq(count_records("a.000000.pcap"), 4);
	ck_assert_uint_eq(count_records("a.000001.pcap"), 4);
	ck_assert_uint_eq(count_records("a.000002.pcap"), 1);
	open_sink("b.pcap", 423);
	ck_assert_int_eq(give(chunk), 0);
	ck_assert_int_eq(finish(), 0);
	ck_assert_uint_eq(count_records("b.000002.pcap"), 3);
	open_sink("c.pcapng",
		  28 + 32 + 2 * (32 + 84) + 1); /* a packet that is larger alone than a segment may be goes alone */
	test_add_packet(chunk, 10, second, 5000, 1);
	ck_assert_int_eq(give(chunk), 0);
	ck_assert_int_eq(finish(), 0);
	ck_assert_uint_eq(count_blocks("c.000004.pcapng", 6), 1);
	ck_assert_uint_eq(count_blocks("c.000005.pcapng", 6), 1);
	ck_assert_uint_eq(count_blocks("c.000005.pcapng", 1), 1);
}
END_TEST

/* A limit on the size of files cuts a write in the middle, as a full disk does. */
START_TEST(a_cut_record_is_taken_back)
{
	const struct rlimit limit = { .rlim_cur = 1000, .rlim_max = RLIM_INFINITY };
	const struct rlimit none = { .rlim_cur = RLIM_INFINITY, .rlim_max = RLIM_INFINITY };
	struct nsc_packet_chunk *chunk = test_chunk();
	int status;

	signal(SIGXFSZ, SIG_IGN);
	for (unsigned i = 0; i < 20; i++)
		test_add_packet(chunk, i + 1, second, 84, 1);
	open_sink("a.pcap", 0);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	status = give(chunk);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &none), 0);
	nsc_write_pcap_close(sink);
	ck_assert_int_eq(status, -EFBIG);
	ck_assert_uint_eq(count_records("a.pcap"), 9);
	ck_assert_str_eq(error.text, "a.pcap: writing failed after 924 bytes: File too large");
}
END_TEST

START_TEST(refused_targets)
{
	struct nsc_out out = { .asked.write_pcap = "link", .source = &source };

	ck_assert_int_eq(symlink("elsewhere", "link"), 0);
	ck_assert_int_eq(nsc_write_pcap_open(&sink, &out, &error), -ELOOP);
	out.asked.write_pcap = "-";
	out.rotate_bytes = 1 << 20;
	ck_assert_int_eq(nsc_write_pcap_open(&sink, &out, &error), -EINVAL);
	out.asked.write_pcap = "none/a.pcap";
	ck_assert_int_eq(nsc_write_pcap_open(&sink, &out, &error), -ENOENT);
	nsc_write_pcap_close(NULL);
}
END_TEST

static void give_packets(unsigned n, uint16_t linktype)
{
	struct nsc_packet_chunk *chunk = test_chunk();

	for (unsigned i = 0; i < n; i++)
		test_add_packet(chunk, i + 1, second, 60, linktype);
	ck_assert_int_eq(give(chunk), 0);
}

/* Every file has a header of its own, and whole records. */
START_TEST(begins_anew_when_asked)
{
	open_sink("a.pcap", 0);
	ck_assert_int_eq(sink->ops->rotate(sink, &error), 0); /* nothing was written */
	give_packets(3, 1);
	ck_assert_int_eq(sink->ops->rotate(sink, &error), 0);
	ck_assert_int_eq(sink->ops->rotate(sink, &error), 0);
	give_packets(5, 1);
	ck_assert_int_eq(finish(), 0);
	ck_assert_uint_eq(count_records("a.000000.pcap"), 3);
	ck_assert_uint_eq(count_records("a.pcap"), 5);
	ck_assert_int_ne(access("a.000001.pcap", F_OK), 0);
	open_sink("b.pcapng", 0);
	give_packets(2, 1);
	ck_assert_int_eq(sink->ops->rotate(sink, &error), 0);
	give_packets(4, 1);
	ck_assert_int_eq(finish(), 0);
	ck_assert_uint_eq(count_blocks("b.000000.pcapng", 6), 2);
	ck_assert_uint_eq(count_blocks("b.pcapng", 6), 4);
	ck_assert_uint_eq(count_blocks("b.pcapng", 1), 1);
}
END_TEST

START_TEST(a_rotation_takes_its_next_segment)
{
	open_sink("a.pcap", 1 << 20);
	give_packets(3, 1);
	ck_assert_int_eq(sink->ops->rotate(sink, &error), 0);
	give_packets(5, 1);
	ck_assert_int_eq(finish(), 0);
	ck_assert_uint_eq(count_records("a.000000.pcap"), 3);
	ck_assert_uint_eq(count_records("a.000001.pcap"), 5);
}
END_TEST

/* What was written is kept, whole; what came meanwhile is counted. A run in segments goes on with the next one. */
static void begins_anew_after_a_failure(const char *path, uint64_t rotate_bytes, const char *before)
{
	const struct rlimit limit = { .rlim_cur = 1000, .rlim_max = RLIM_INFINITY };
	const struct rlimit none = { .rlim_cur = RLIM_INFINITY, .rlim_max = RLIM_INFINITY };
	struct nsc_packet_chunk *chunk = test_chunk();
	int first, early, second_time, late, end;
	struct nsc_error said;

	signal(SIGXFSZ, SIG_IGN);
	for (unsigned i = 0; i < 20; i++)
		test_add_packet(chunk, i + 1, second, 84, 1);
	open_sink(path, rotate_bytes);
	sink->lost = 0;
	ck_assert_int_eq(sink->ops->check(sink, &error), 0);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	first = give(chunk);
	early = sink->ops->check(sink, &error);
	second_time = give(chunk);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &none), 0);
	late = sink->ops->check(sink, &error);
	said = error;
	ck_assert_int_eq(first, -EFBIG);
	ck_assert_int_eq(early, -EFBIG);
	ck_assert_int_eq(second_time, -EFBIG);
	ck_assert_int_eq(late, 1);
	ck_assert_uint_eq(sink->lost, 11 + 20);
	ck_assert_ptr_nonnull(strstr(said.text, "is written again, in a new file; 31 packets were lost"));
	give_packets(5, 1);
	end = finish();
	ck_assert_int_eq(end, 0);
	ck_assert_uint_eq(count_records(before), 9);
}

START_TEST(begins_anew_when_there_is_room)
{
	begins_anew_after_a_failure("a.pcap", 0, "a.000000.pcap");
	ck_assert_uint_eq(count_records("a.pcap"), 5);
	begins_anew_after_a_failure("r.pcap", 1 << 20, "r.000000.pcap");
	ck_assert_uint_eq(count_records("r.000001.pcap"), 5);
}
END_TEST

/* Whole files before and after, with headers and descriptions of their own; a segment keeps its number. */
START_TEST(a_capture_that_loses_its_name)
{
	open_sink("a.pcap", 0);
	give_packets(3, 1);
	ck_assert_int_eq(unlink("a.pcap"), 0);
	ck_assert_int_eq(sink->ops->check(sink, &error), -ENOENT);
	ck_assert_str_eq(error.text, "a.pcap: was removed while it was written: a new one is begun");
	give_packets(5, 1);
	ck_assert_int_eq(sink->ops->check(sink, &error), 1);
	ck_assert_int_eq(finish(), 0);
	ck_assert_uint_eq(count_records("a.pcap"), 5);
	open_sink("r.pcapng", 1 << 20);
	give_packets(3, 1);
	ck_assert_int_eq(rename("r.000000.pcapng", "moved.pcapng"), 0);
	ck_assert_int_eq(sink->ops->check(sink, &error), 0);
	give_packets(1, 1);
	ck_assert_int_eq(sink->ops->check(sink, &error), -ENOENT);
	ck_assert_str_eq(error.text, "r.000000.pcapng: was renamed while it was written: a new one is begun");
	give_packets(5, 1);
	ck_assert_int_eq(finish(), 0);
	ck_assert_uint_eq(count_blocks("moved.pcapng", 6), 4);
	ck_assert_uint_eq(count_blocks("r.000000.pcapng", 6), 5);
	ck_assert_uint_eq(count_blocks("r.000000.pcapng", 1), 1);
}
END_TEST

static int give_one(uint16_t linktype)
{
	struct nsc_packet_chunk *chunk = test_chunk();

	test_add_packet(chunk, 1, second, 60, linktype);
	return give(chunk);
}

/* A packet that no new file would take ends the output for good, and a device has no new file. */
START_TEST(no_new_file_helps)
{
	open_sink("a.pcap", 0);
	give_packets(3, 1);
	ck_assert_int_eq(give_one(113), -EINVAL);
	ck_assert_int_eq(sink->ops->check(sink, &error), -EINVAL);
	ck_assert_int_eq(finish(), -EINVAL);
	ck_assert_uint_eq(count_records("a.pcap"), 3);
	open_sink("/dev/full", 0);
	ck_assert_int_eq(give_one(1), -ENOSPC);
	ck_assert_int_eq(sink->ops->check(sink, &error), -ENOSPC);
	nsc_write_pcap_close(sink);
}
END_TEST

static void *copy_to_file(void *context)
{
	const int *fd = context;
	FILE *copy = fopen("copy", "w");
	char bytes[4096];
	ssize_t n;

	while ((n = read(*fd, bytes, sizeof(bytes))) > 0)
		fwrite(bytes, 1, (size_t)n, copy);
	fclose(copy);
	return NULL;
}

/* Live, nobody reads: packets are dropped whole, and counted; what describes an interface waits for room. */
START_TEST(a_reader_that_stops_is_not_waited_for)
{
	struct nsc_out out = { .asked.write_pcap = "fifo.pcapng", .live = true, .source = &source };
	unsigned given = 0;
	pthread_t reader;
	uint64_t lost;
	int fd, status;

	ck_assert_int_eq(mkfifo("fifo.pcapng", 0600), 0);
	fd = open("fifo.pcapng", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	ck_assert_int_eq(fcntl(fd, F_SETFL, 0), 0);
	ck_assert_int_eq(nsc_write_pcap_open(&sink, &out, &error), 0);
	for (status = 0; !status; given += 100) {
		struct nsc_packet_chunk *chunk = test_chunk();

		for (unsigned i = 0; i < 100; i++)
			test_add_packet(chunk, given + i + 1, second, 8000, 1);
		status = give(chunk);
	}
	ck_assert_int_eq(status, -EAGAIN);
	ck_assert_str_eq(error.text, "fifo.pcapng: its reader does not keep up: packets are lost");
	lost = sink->lost;
	ck_assert_uint_gt(lost, 0);
	ck_assert_int_eq(give_one(113), -EAGAIN); /* another interface; there may be room for one packet */
	given++;
	ck_assert_int_eq(sink->ops->check(sink, &error), -EAGAIN);
	ck_assert_int_eq(pthread_create(&reader, NULL, copy_to_file, &fd), 0);
	while ((status = sink->ops->check(sink, &error)) == -EAGAIN)
		usleep(1000);
	ck_assert_int_eq(status, 1);
	ck_assert_int_eq(give_one(113), 0);
	given++;
	ck_assert_int_eq(sink->ops->finish(sink, NULL, &error), 0);
	lost = sink->lost;
	nsc_write_pcap_close(sink);
	ck_assert_int_eq(pthread_join(reader, NULL), 0);
	ck_assert_uint_eq(count_blocks("copy", 1), 2);
	ck_assert_uint_eq(count_blocks("copy", 6), given - lost);
	close(fd);
	unlink("fifo.pcapng");
	unlink("copy");
}
END_TEST

/* By steady time, at multiples of the length; a packet that is late stays with those before it. */
START_TEST(segments_of_time)
{
	static const struct {
		uint64_t clock_ms;
		unsigned in; /* segment */
	} packets[] = {
		{ 12500, 0 }, { 19999, 0 }, { 20000, 1 }, { 20000, 1 }, { 19990, 1 }, { 71000, 2 }, { 80001, 3 }
	};
	struct nsc_out out = { .asked.write_pcap = "a.pcap", .rotate_ns = 10 * NSC_NS_PER_SEC, .source = &source };
	unsigned wanted[5] = { 0 }, wrong = 0;

	ck_assert_int_eq(nsc_write_pcap_open(&sink, &out, &error), 0);
	for (unsigned i = 0; i < NSC_ARRAY_LEN(packets); i++) {
		struct nsc_packet_chunk *chunk = test_chunk();

		test_add_packet(chunk, i + 1, second, 60, 1)->clock_ns = packets[i].clock_ms * 1000000;
		wrong += give(chunk) != 0;
		wanted[packets[i].in]++;
	}
	ck_assert_int_eq(finish(), 0);
	for (unsigned i = 0; i < 4; i++) {
		char name[32];

		snprintf(name, sizeof(name), "a.%06u.pcap", i);
		wrong += count_records(name) != wanted[i];
	}
	ck_assert_uint_eq(wrong, 0);
	ck_assert(access("a.000004.pcap", F_OK) != 0);
}
END_TEST

/* However the packets are cut into chunks, and whichever of the two ends a segment first. */
START_TEST(segments_of_time_and_size)
{
	char *first[8] = { NULL };
	size_t bytes[8], n;
	unsigned wrong = 0;

	for (unsigned run = 0; run < 3; run++) {
		struct nsc_out out = { .asked.write_pcap = "a.pcapng",
				       .rotate_bytes = 15000,
				       .rotate_ns = NSC_NS_PER_SEC,
				       .source = &source };
		struct nsc_packet_chunk *chunk = test_chunk();

		ck_assert_int_eq(nsc_write_pcap_open(&sink, &out, &error), 0);
		for (unsigned i = 0; i < 300; i++) {
			test_add_packet(chunk, i + 1, second + i * 12000000ull, 100 + i % 200, 1);
			if (chunk->n <= run * 37)
				continue;
			wrong += give(chunk) != 0;
			chunk = test_chunk();
		}
		wrong += give(chunk) != 0;
		ck_assert_int_eq(finish(), 0);
		for (n = 0; n < NSC_ARRAY_LEN(first); n++) {
			char name[32];
			size_t size;
			char *data;

			snprintf(name, sizeof(name), "a.%06u.pcapng", (unsigned)n);
			data = test_read_file(name, &size);
			if (!data)
				break;
			wrong += count_blocks(name, 6) == UINT_MAX || size > 15000;
			wrong += run && (size != bytes[n] || memcmp(data, first[n], size) != 0);
			if (run) {
				free(data);
			} else {
				first[n] = data;
				bytes[n] = size;
			}
			unlink(name);
		}
		wrong += n < 6 || n == NSC_ARRAY_LEN(first);
		unlink(".a.pcapng.netscope-segments");
	}
	ck_assert_uint_eq(wrong, 0);
	for (n = 0; n < NSC_ARRAY_LEN(first); n++)
		free(first[n]);
}
END_TEST

/* The oldest go before a packet comes that would pass the limit, and no segment passes half of it. */
START_TEST(a_limit_of_all_segments)
{
	struct nsc_out out = { .asked.write_pcap = "a.pcap",
			       .asked.write_pcap_limit_mb = 1,
			       .rotate_ns = 3600 * NSC_NS_PER_SEC,
			       .source = &source };
	unsigned wrong = 0, packets = 0;

	ck_assert_int_eq(nsc_write_pcap_open(&sink, &out, &error), 0);
	for (unsigned i = 0; i < 50; i++) {
		struct nsc_packet_chunk *chunk = test_chunk();
		uint64_t bytes = 0;

		for (unsigned k = 0; k < 100; k++)
			test_add_packet(chunk, ++packets, second, 984, 1);
		wrong += give(chunk) != 0;
		for (unsigned s = 0; s < 11; s++) {
			struct stat found;
			char name[32];

			snprintf(name, sizeof(name), "a.%06u.pcap", s);
			if (stat(name, &found))
				continue;
			bytes += (uint64_t)found.st_size;
			wrong += found.st_size > 1 << 19;
		}
		wrong += bytes > 1 << 20 || (i > 15 && bytes < 1 << 19);
	}
	ck_assert_int_eq(finish(), 0);
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

static bool has_open(const char *name)
{
	char link[64], path[PATH_MAX];
	bool open = false;

	for (int fd = 0; fd < 100 && !open; fd++) {
		ssize_t n;

		snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
		n = readlink(link, path, sizeof(path) - 1);
		path[NSC_MAX(n, (ssize_t)0)] = '\0';
		open = strstr(path, name) != NULL;
	}
	return open;
}

/* Nothing is open between two segments of a live run whose packets pause; the next packet begins one. */
START_TEST(a_live_segment_ends_without_a_packet)
{
	struct nsc_out out = {
		.asked.write_pcap = "a.pcap", .rotate_ns = NSC_NS_PER_SEC, .live = true, .source = &source
	};
	struct nsc_packet_chunk *chunk = test_chunk();
	unsigned looks = 0;

	ck_assert_int_eq(nsc_write_pcap_open(&sink, &out, &error), 0);
	test_add_packet(chunk, 1, second, 60, 1)->clock_ns = 10 * NSC_NS_PER_SEC - 1;
	ck_assert_int_eq(give(chunk), 0);
	ck_assert_int_eq(sink->ops->check(sink, &error), 0);
	while (has_open("a.000000.pcap") && looks++ < 400) {
		usleep(25000);
		ck_assert_int_eq(sink->ops->check(sink, &error), 0);
	}
	ck_assert(!has_open("a.000000.pcap"));
	ck_assert_int_eq(sink->ops->rotate(sink, &error), 0);
	ck_assert_int_eq(sink->ops->check(sink, &error), 0);
	ck_assert(access("a.000001.pcap", F_OK) != 0);
	chunk = test_chunk();
	test_add_packet(chunk, 2, second, 60, 1)->clock_ns = 17 * NSC_NS_PER_SEC;
	ck_assert_int_eq(give(chunk), 0);
	ck_assert_int_eq(finish(), 0);
	ck_assert_uint_eq(count_records("a.000000.pcap"), 1);
	ck_assert_uint_eq(count_records("a.000001.pcap"), 1);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { whole_records_after_every_call,
				       frames_are_written_as_they_lie,
				       more_than_the_buffer,
				       no_room_is_left_behind_the_end,
				       headers_follow_the_source,
				       pcap_holds_one_link_type,
				       pcap_loses_no_digit_of_a_time,
				       pcapng_holds_several,
				       segments_end_at_their_size,
				       segments_of_time,
				       segments_of_time_and_size,
				       a_limit_of_all_segments,
				       a_cut_record_is_taken_back,
				       refused_targets,
				       begins_anew_when_asked,
				       a_rotation_takes_its_next_segment,
				       begins_anew_when_there_is_room,
				       a_capture_that_loses_its_name,
				       no_new_file_helps,
				       a_reader_that_stops_is_not_waited_for };

	const TTest *const slow[] = { a_live_segment_ends_without_a_packet };

	return test_main("pcap, time", enter, leave, slow, NSC_ARRAY_LEN(slow)) +
	       test_main("pcap", enter, leave, tests, NSC_ARRAY_LEN(tests)) +
	       test_main("pcap, framed", enter_framed, leave, tests, NSC_ARRAY_LEN(tests));
}
