/* SPDX-License-Identifier: MIT
 *
 * io_uring by system call: this uses so little of it that a library would be longer than the calls.
 *
 * Both queues lie in memory that the kernel shares. Here the tail of submissions and the head of completions are
 * stored with release, which the kernel loads with acquire; it stores the tail of completions with release, which is
 * loaded with acquire here (io_uring(7)).
 */
#include "uring.h"

#include <errno.h>
#include <linux/io_uring.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "netscope/error.h"

struct nsc_uring {
	int fd;
	uint32_t unsent; /* in the queue of submissions, and not taken by the kernel */
	/* submissions */
	uint32_t *sq_tail, *sq_array;
	uint32_t sq_mask;
	struct io_uring_sqe *sqes;
	/* completions */
	uint32_t *cq_head;
	const uint32_t *cq_tail;
	uint32_t cq_mask;
	const struct io_uring_cqe *cqes;
	/* mappings */
	uint8_t *queues;
	size_t queues_size, sqes_size;
};

/* 0 or -errno. What the kernel does not take now is left for the next call. */
static int uring_enter(struct nsc_uring *ring, uint32_t wait_for)
{
	long taken = syscall(SYS_io_uring_enter, ring->fd, ring->unsent, wait_for,
			     wait_for ? IORING_ENTER_GETEVENTS : 0, NULL, 0);

	if (taken < 0)
		return -errno;
	ring->unsent -= (uint32_t)taken;
	return 0;
}

/* --- open ------------------------------------------------------------------------------------- */

static int uring_map(struct nsc_uring *ring, const struct io_uring_params *p)
{
	size_t sq = p->sq_off.array + p->sq_entries * sizeof(uint32_t);
	size_t cq = p->cq_off.cqes + p->cq_entries * sizeof(struct io_uring_cqe);

	ring->queues_size = NSC_MAX(sq, cq); /* one mapping has both */
	ring->sqes_size = p->sq_entries * sizeof(struct io_uring_sqe);
	ring->queues = mmap(NULL, ring->queues_size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring->fd,
			    IORING_OFF_SQ_RING);
	ring->queues = ring->queues == MAP_FAILED ? NULL : ring->queues;
	ring->sqes = mmap(NULL, ring->sqes_size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring->fd,
			  IORING_OFF_SQES);
	ring->sqes = ring->sqes == MAP_FAILED ? NULL : ring->sqes;
	if (!ring->queues || !ring->sqes)
		return -ENOMEM;
	ring->sq_tail = (uint32_t *)(void *)(ring->queues + p->sq_off.tail);
	ring->sq_array = (uint32_t *)(void *)(ring->queues + p->sq_off.array);
	ring->sq_mask = p->sq_entries - 1; /* a power of two */
	ring->cq_head = (uint32_t *)(void *)(ring->queues + p->cq_off.head);
	ring->cq_tail = (const uint32_t *)(const void *)(ring->queues + p->cq_off.tail);
	ring->cqes = (const struct io_uring_cqe *)(const void *)(ring->queues + p->cq_off.cqes);
	ring->cq_mask = p->cq_entries - 1;
	return 0;
}

static int uring_register(const struct nsc_uring *ring, unsigned what, const void *with, uint32_t n)
{
	return syscall(SYS_io_uring_register, ring->fd, what, with, n) < 0 ? -errno : 0;
}

/* Reads, of registered files, and no registering: from when the ring is enabled on, and for good. */
static int uring_restrict(const struct nsc_uring *ring)
{
	static const struct io_uring_restriction only[] = {
		{ .opcode = IORING_RESTRICTION_SQE_OP, .sqe_op = IORING_OP_READ },
		{ .opcode = IORING_RESTRICTION_SQE_FLAGS_ALLOWED, .sqe_flags = IOSQE_FIXED_FILE },
		{ .opcode = IORING_RESTRICTION_SQE_FLAGS_REQUIRED, .sqe_flags = IOSQE_FIXED_FILE },
	};

	return uring_register(ring, IORING_REGISTER_RESTRICTIONS, only, NSC_ARRAY_LEN(only));
}

static int uring_set_up(struct nsc_uring *ring, const int *fds, uint32_t n, uint32_t depth)
{
	struct io_uring_params p = { .flags = IORING_SETUP_R_DISABLED };
	int status;

	ring->fd = (int)syscall(SYS_io_uring_setup, depth, &p);
	if (ring->fd < 0)
		return -errno;
	status = p.features & IORING_FEAT_SINGLE_MMAP ? uring_map(ring, &p) : -EOPNOTSUPP;
	if (!status)
		status = uring_register(ring, IORING_REGISTER_FILES, fds, n);
	if (!status)
		status = uring_restrict(ring);
	if (!status)
		status = uring_register(ring, IORING_REGISTER_ENABLE_RINGS, NULL, 0);
	return status ? status : uring_enter(ring, 0); /* a filter of system calls may know the one and not the other */
}

int nsc_uring_open(struct nsc_uring **out, const int *fds, uint32_t n, uint32_t depth)
{
	struct nsc_uring *ring = calloc(1, sizeof(*ring));
	int status;

	if (!ring)
		return -ENOMEM;
	status = uring_set_up(ring, fds, n, depth);
	if (status) {
		nsc_uring_close(ring);
		return status;
	}
	*out = ring;
	return 0;
}

void nsc_uring_close(struct nsc_uring *ring)
{
	if (!ring)
		return;
	if (ring->sqes)
		munmap(ring->sqes, ring->sqes_size);
	if (ring->queues)
		munmap(ring->queues, ring->queues_size);
	if (ring->fd >= 0)
		close(ring->fd);
	free(ring);
}

/* --- use -------------------------------------------------------------------------------------- */

void nsc_uring_read(struct nsc_uring *ring, uint32_t k, uint64_t offset, uint8_t *to, uint32_t size, uint64_t tag)
{
	uint32_t tail = *ring->sq_tail, at = tail & ring->sq_mask; /* the kernel does not write it */

	ring->sqes[at] = (struct io_uring_sqe){
		.opcode = IORING_OP_READ,
		.flags = IOSQE_FIXED_FILE,
		.fd = (int32_t)k,
		.off = offset,
		.addr = (uintptr_t)to,
		.len = size,
		.user_data = tag,
	};
	ring->sq_array[at] = at;
	__atomic_store_n(ring->sq_tail, tail + 1, __ATOMIC_RELEASE);
	ring->unsent++;
	uring_enter(ring, 0);
}

bool nsc_uring_take(struct nsc_uring *ring, struct nsc_uring_done *done)
{
	uint32_t head = *ring->cq_head; /* the kernel does not write it */
	const struct io_uring_cqe *cqe = &ring->cqes[head & ring->cq_mask];

	if (head == __atomic_load_n(ring->cq_tail, __ATOMIC_ACQUIRE))
		return false;
	*done = (struct nsc_uring_done){ .tag = cqe->user_data, .result = cqe->res };
	__atomic_store_n(ring->cq_head, head + 1, __ATOMIC_RELEASE);
	return true;
}

int nsc_uring_wait(struct nsc_uring *ring)
{
	int status = uring_enter(ring, 1);

	if (status && status != -EINTR)
		sched_yield(); /* the kernel is short of memory for a moment */
	return status == -EINTR ? -EINTR : 0;
}
