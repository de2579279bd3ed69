// SPDX-License-Identifier: MIT
//
// Replays a capture file (pcap of Ethernet frames, this machine's byte order) into an interface at a steady rate and
// says what the kernel took. For the live tests: bounded by a count, and by a number of seconds.
//
//   sender INTERFACE FILE [--rate FRAMES_PER_SECOND] [--count FRAMES] [--seconds S]
//
// Without --count the file is sent once; with a count larger than the file it begins anew. The last line on standard
// output is JSON: frames and bytes that the kernel took, how often it had no room (such a frame is sent again), and
// the seconds. SIGTERM and SIGINT end it early. A sender that was held up does not catch up: the rate is a maximum.
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
	BATCH_MAX = 64,
	BATCHES_PER_SECOND = 2000, /* small batches keep the rate steady */
	HELD_UP_NS = 5 * 1000 * 1000,
	FILE_HEADER = 24,
	RECORD_HEADER = 16,
	RETRY_NS = 200 * 1000,
};

struct sender {
	const char *interface, *path;
	double rate; /* frames per second; 0 = as fast as it goes */
	uint64_t count;
	double seconds;
	int fd;
	const uint8_t *file;
	size_t size;
	struct iovec *frame;
	uint64_t n_frames;
	uint64_t sent, bytes, no_room;
};

static volatile sig_atomic_t stopped;

static void on_signal(int signum)
{
	stopped = signum;
}

static void die(const char *what, const char *why)
{
	fprintf(stderr, "sender: %s: %s\n", what, why);
	exit(1);
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void sleep_until(uint64_t ns)
{
	struct timespec t = { .tv_sec = (time_t)(ns / 1000000000u), .tv_nsec = (long)(ns % 1000000000u) };

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

static uint32_t u32_at(const uint8_t *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return value;
}

/* --- what is sent ----------------------------------------------------------------------------- */

static void map_file(struct sender *s)
{
	int fd = open(s->path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st))
		die(s->path, strerror(errno));
	s->size = (size_t)st.st_size;
	s->file = mmap(NULL, s->size ? s->size : 1, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
	close(fd);
	if (s->file == MAP_FAILED)
		die(s->path, strerror(errno));
	if (s->size < FILE_HEADER || (u32_at(s->file) != 0xa1b2c3d4 && u32_at(s->file) != 0xa1b23c4d) ||
	    u32_at(s->file + 20) != 1)
		die(s->path, "is no pcap file of Ethernet frames in this machine's byte order");
}

static uint64_t walk(const struct sender *s, struct iovec *frame)
{
	uint64_t n = 0;

	for (size_t at = FILE_HEADER; at + RECORD_HEADER <= s->size; n++) {
		uint32_t length = u32_at(s->file + at + 8);

		if (length > s->size - at - RECORD_HEADER || length != u32_at(s->file + at + 12))
			die(s->path, "holds a frame that is cut");
		if (frame)
			frame[n] = (struct iovec){ (void *)(uintptr_t)(s->file + at + RECORD_HEADER), length };
		at += RECORD_HEADER + length;
	}
	return n;
}

static void load(struct sender *s)
{
	map_file(s);
	s->n_frames = walk(s, NULL);
	if (!s->n_frames)
		die(s->path, "holds no frame");
	s->frame = calloc(s->n_frames, sizeof(*s->frame));
	if (!s->frame)
		die(s->path, "no memory");
	walk(s, s->frame);
	if (!s->count)
		s->count = s->n_frames;
}

/* --- sending ---------------------------------------------------------------------------------- */

/* Protocol 0: what arrives here is nobody's business, and nothing piles up in the socket. */
static void open_socket(struct sender *s)
{
	struct sockaddr_ll address = { .sll_family = AF_PACKET };
	int on = 1;

	address.sll_ifindex = (int)if_nametoindex(s->interface);
	s->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (!address.sll_ifindex || s->fd < 0 || bind(s->fd, (struct sockaddr *)&address, sizeof(address)))
		die(s->interface, strerror(errno));
	if (setsockopt(s->fd, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof(on)))
		die("PACKET_QDISC_BYPASS", strerror(errno));
}

/* Returns how many of the batch the kernel took. */
static unsigned send_batch(struct sender *s, unsigned n)
{
	static struct mmsghdr message[BATCH_MAX];
	int taken;

	for (unsigned i = 0; i < n; i++)
		message[i].msg_hdr =
			(struct msghdr){ .msg_iov = &s->frame[(s->sent + i) % s->n_frames], .msg_iovlen = 1 };
	taken = sendmmsg(s->fd, message, n, 0);
	if (taken < 0 && errno != ENOBUFS && errno != EAGAIN && errno != EINTR && errno != ENETDOWN)
		die(s->interface, strerror(errno));
	if (taken < 0) {
		s->no_room++;
		sleep_until(now_ns() + RETRY_NS);
		return 0;
	}
	for (int i = 0; i < taken; i++)
		s->bytes += message[i].msg_len;
	s->sent += (unsigned)taken;
	return (unsigned)taken;
}

static unsigned batch_size(const struct sender *s)
{
	double size = s->rate > 0 ? s->rate / BATCHES_PER_SECOND : BATCH_MAX;

	return size < 1 ? 1 : size > BATCH_MAX ? BATCH_MAX : (unsigned)size;
}

static void send_all(struct sender *s)
{
	unsigned batch = batch_size(s);
	uint64_t start = now_ns(), due = start, end = start + (uint64_t)(s->seconds * 1e9);

	while (s->sent < s->count && !stopped && (!(s->seconds > 0) || now_ns() < end)) {
		uint64_t left = s->count - s->sent, now = now_ns();
		unsigned taken;

		if (s->rate > 0 && due > now)
			sleep_until(due);
		else if (due + HELD_UP_NS < now)
			due = now;
		taken = send_batch(s, left < batch ? (unsigned)left : batch);
		due += s->rate > 0 ? (uint64_t)(taken * 1e9 / s->rate) : 0;
	}
	printf("{\"sent\": %" PRIu64 ", \"bytes\": %" PRIu64 ", \"no_room\": %" PRIu64 ", \"seconds\": %.6f}\n",
	       s->sent, s->bytes, s->no_room, (double)(now_ns() - start) / 1e9);
}

static double number(const char *option, const char *text)
{
	char *end;
	double value = text ? strtod(text, &end) : 0;

	if (!text || end == text || *end || value < 0)
		die(option, "wants a number");
	return value;
}

static void parse(struct sender *s, char **argv)
{
	if (!argv[1] || !argv[2])
		die("usage", "sender INTERFACE FILE [--rate N] [--count N] [--seconds S]");
	s->interface = argv[1];
	s->path = argv[2];
	for (argv += 3; *argv; argv += 2) {
		double value = number(argv[0], argv[1]);

		if (!strcmp(*argv, "--rate"))
			s->rate = value;
		else if (!strcmp(*argv, "--count"))
			s->count = (uint64_t)value;
		else if (!strcmp(*argv, "--seconds"))
			s->seconds = value;
		else
			die(*argv, "is no option");
	}
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = on_signal };
	struct sender sender = { 0 };

	(void)argc;
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	parse(&sender, argv);
	load(&sender);
	open_socket(&sender);
	send_all(&sender);
	return 0;
}
