/* SPDX-License-Identifier: MIT
 *
 * Reads through the ring, and that it does nothing else.
 */
#include "backends/sources/uring.c" /* NOLINT(bugprone-suspicious-include): operations are tried that it never makes */

#include <sys/resource.h>

#include "test_file_maker.h"

#define DEPTH 4u
#define BYTES 10000u

static uint8_t to[DEPTH][4096];

/* A file of BYTES bytes, of which byte i is packet_byte(0, i). */
static int bytes_file(void)
{
	uint8_t bytes[BYTES];
	int fd = memfd_create("bytes", MFD_CLOEXEC);

	for (uint32_t i = 0; i < BYTES; i++)
		bytes[i] = packet_byte(0, i);
	ck_assert_int_eq(write(fd, bytes, BYTES), BYTES);
	return fd;
}

static struct nsc_uring_done wait_for_one(struct nsc_uring *ring)
{
	struct nsc_uring_done done;

	while (!nsc_uring_take(ring, &done))
		ck_assert_int_eq(nsc_uring_wait(ring), 0);
	return done;
}

START_TEST(reads_land_with_their_tags)
{
	const int fds[] = { -1, bytes_file() };
	unsigned wrong = 0, seen = 0;
	struct nsc_uring *ring;

	ck_assert_int_eq(nsc_uring_open(&ring, fds, 2, DEPTH), 0);
	for (unsigned round = 0; round < 100; round++) {
		for (uint32_t i = 0; i < DEPTH; i++)
			nsc_uring_read(ring, 1, i * 3000, to[i], 4096, i);
		for (uint32_t i = 0; i < DEPTH; i++) {
			struct nsc_uring_done done = wait_for_one(ring);
			uint32_t offset = (uint32_t)done.tag * 3000;

			seen |= 1u << done.tag;
			wrong += done.result != (int32_t)NSC_MIN(BYTES - offset, 4096u);
			for (int32_t k = 0; k < done.result; k++)
				wrong += to[done.tag][k] != packet_byte(0, offset + (uint32_t)k);
		}
		wrong += seen != (1u << DEPTH) - 1;
		seen = 0;
	}
	ck_assert_uint_eq(wrong, 0);
	nsc_uring_read(ring, 1, BYTES, to[0], 4096, 7);
	ck_assert_int_eq(wait_for_one(ring).result, 0);
	nsc_uring_read(ring, 0, 0, to[0], 4096, 7); /* the file that was left out */
	ck_assert_int_eq(wait_for_one(ring).result, -EBADF);
	nsc_uring_close(ring);
	close(fds[1]);
}
END_TEST

/* What code of a stranger would try that has the ring's descriptor and its memory. */
static int32_t try(struct nsc_uring *ring, struct io_uring_sqe sqe)
{
	uint32_t at = *ring->sq_tail & ring->sq_mask;

	nsc_uring_read(ring, 0, 0, to[0], 1, 0);
	ck_assert_int_eq(wait_for_one(ring).result, 1);
	at = (at + 1) & ring->sq_mask;
	ring->sqes[at] = sqe;
	ring->sq_array[at] = at;
	__atomic_store_n(ring->sq_tail, *ring->sq_tail + 1, __ATOMIC_RELEASE);
	ring->unsent++;
	return wait_for_one(ring).result;
}

START_TEST(nothing_but_reads_of_these_files)
{
	static const uint8_t refused[] = { IORING_OP_NOP,     IORING_OP_READV,   IORING_OP_WRITE,  IORING_OP_OPENAT,
					   IORING_OP_CONNECT, IORING_OP_SENDMSG, IORING_OP_SOCKET, IORING_OP_UNLINKAT };
	const int fd = bytes_file();
	unsigned wrong = 0;
	struct nsc_uring *ring;

	ck_assert_int_eq(nsc_uring_open(&ring, &fd, 1, DEPTH), 0);
	for (size_t i = 0; i < NSC_ARRAY_LEN(refused); i++)
		wrong += try(ring, (struct io_uring_sqe){ .opcode = refused[i], .flags = IOSQE_FIXED_FILE }) != -EACCES;
	ck_assert_uint_eq(wrong, 0);
	ck_assert_int_eq(try(ring, (struct io_uring_sqe){ .opcode = IORING_OP_READ, .fd = fd }), -EACCES);
	ck_assert_int_eq(uring_register(ring, IORING_UNREGISTER_FILES, NULL, 0), -EACCES);
	ck_assert_int_eq(uring_register(ring, IORING_REGISTER_FILES, &fd, 1), -EACCES);
	nsc_uring_close(ring);
	close(fd);
}
END_TEST

START_TEST(none_to_be_had)
{
	struct rlimit limit, none;
	struct nsc_uring *ring = NULL;
	int fd = bytes_file();

	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
	none = (struct rlimit){ 0, limit.rlim_max };
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
	ck_assert_int_eq(nsc_uring_open(&ring, &fd, 1, DEPTH), -EMFILE);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	ck_assert_ptr_null(ring);
	close(fd);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("rx/uring");
	TCase *tcase = tcase_create("uring");
	struct io_uring_params p = { 0 };
	int fd = (int)syscall(SYS_io_uring_setup, 1, &p);

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, none_to_be_had);
	if (fd >= 0) {
		close(fd);
		tcase_add_test(tcase, reads_land_with_their_tags);
		tcase_add_test(tcase, nothing_but_reads_of_these_files);
	}
	return run_suite(suite);
}
