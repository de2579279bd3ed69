/* SPDX-License-Identifier: MIT
 *
 * What it costs the kernel to choose a ring for a frame: a group of two sockets with our program, the same with the
 * kernel's own hash and with a program of one instruction, and one socket without a group. Frames cross a veth pair in
 * a network namespace of the bench, all on the core that sends; the sockets take none of them, so that nothing but the
 * choice is different.
 */
#include "perf/bench.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "backends/sources/fanout.h"
#include "backends/sources/gen.h"

enum { BATCH = 64, FRAMES = 4096, GROUP = 2 };

enum fanout_kind { FANOUT_NONE, FANOUT_HASH, FANOUT_PROGRAM, FANOUT_FIRST };

struct fanout_case {
	enum fanout_kind kind;
	struct mmsghdr *message; /* FRAMES of them */
	uint64_t batches;
};

static int fanout_sender;

static int fanout_socket(const char *interface, uint16_t protocol)
{
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_ifindex = (int)if_nametoindex(interface),
		.sll_protocol = htons(protocol),
	};
	struct sock_filter none = BPF_STMT(BPF_RET | BPF_K, 0);
	struct sock_fprog filter = { .len = 1, .filter = &none };
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter)) ||
	    bind(fd, (struct sockaddr *)&address, sizeof(address)))
		bench_die("no packet socket on %s: %s", interface, strerror(errno));
	return fd;
}

static void fanout_join(int fd, enum fanout_kind kind)
{
	static const uint32_t key[3] = { 0x9e3779b9, 0x7f4a7c15, 0xf39cc060 };
	static struct nsc_fanout fanout;
	struct sock_filter first = BPF_STMT(BPF_RET | BPF_K, 0);
	struct sock_fprog program = { .len = 1, .filter = &first };
	int group = 1 | (kind == FANOUT_HASH ? PACKET_FANOUT_HASH : PACKET_FANOUT_CBPF) << 16;

	if (setsockopt(fd, SOL_PACKET, PACKET_FANOUT, &group, sizeof(group)))
		bench_die("no group of packet sockets: %s", strerror(errno));
	if (kind == FANOUT_HASH)
		return;
	if (kind == FANOUT_PROGRAM) {
		nsc_fanout_build(&fanout, key);
		program = (struct sock_fprog){ .len = (unsigned short)fanout.n, .filter = fanout.program };
	}
	if (setsockopt(fd, SOL_PACKET, PACKET_FANOUT_DATA, &program, sizeof(program)))
		bench_die("no program for a group of packet sockets: %s", strerror(errno));
}

static double run_fanout(void *context)
{
	const struct fanout_case *c = context;
	int fd[GROUP], n = c->kind == FANOUT_NONE ? 1 : GROUP;
	double start, cost;

	for (int i = 0; i < n; i++) {
		fd[i] = fanout_socket("nsc-bench1", ETH_P_ALL);
		if (n > 1)
			fanout_join(fd[i], c->kind);
	}
	start = bench_thread_cpu_ns();
	for (uint64_t i = 0; i < c->batches; i++)
		if (sendmmsg(fanout_sender, c->message + i * BATCH % FRAMES, BATCH, 0) != BATCH)
			bench_die("the veth pair of the bench takes no frames: %s", strerror(errno));
	cost = (bench_thread_cpu_ns() - start) / (double)(c->batches * BATCH);
	for (int i = 0; i < n; i++)
		close(fd[i]);
	return cost;
}

/* Frames of 64 bytes of UDP or so, over IPv4 or IPv6. They stay until the end of the program. */
static struct mmsghdr *fanout_frames(bool ipv6)
{
	struct mmsghdr *message = calloc(FRAMES, sizeof(*message));
	struct iovec *frame = calloc(FRAMES, sizeof(*frame));
	struct nsc_gen_options options = { .reuse = true };
	struct nsc_gen *gen;
	uint32_t slot_size;

	nsc_synth_defaults(&options.traffic);
	options.traffic.flows = 1000;
	options.traffic.payload_min = options.traffic.payload_max = 18;
	options.traffic.tcp_share = options.traffic.vlan_share = options.traffic.dns_share = 0;
	options.traffic.ipv6_share = ipv6;
	if (!message || !frame || nsc_gen_open(&gen, &options, NULL))
		bench_die("no memory for frames");
	slot_size = nsc_gen_slot_size(gen);
	for (unsigned i = 0; i < FRAMES; i++) {
		uint8_t *slot = aligned_alloc(NSC_CACHE_LINE, slot_size);
		struct nsc_gen_frame made;

		if (!slot)
			bench_die("no memory for frames");
		nsc_gen_slot_init(gen, slot);
		nsc_gen_next(gen, slot, &made);
		frame[i] = (struct iovec){ slot + (made.data - slot), made.cap_len };
		message[i].msg_hdr = (struct msghdr){ .msg_iov = &frame[i], .msg_iovlen = 1 };
	}
	nsc_gen_close(gen);
	return message;
}

static bool fanout_lay_cable(void)
{
	static const char command[] = "ip link add nsc-bench0 type veth peer name nsc-bench1 && "
				      "for i in 0 1; do echo 1 > /proc/sys/net/ipv6/conf/nsc-bench$i/disable_ipv6; "
				      "ip link set nsc-bench$i up || exit 1; done";
	int on = 1;

	if (unshare(CLONE_NEWNET) || system(command))
		return false;
	fanout_sender = fanout_socket("nsc-bench0", 0);
	setsockopt(fanout_sender, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof(on));
	return true;
}

static void fanout_rows(bool ipv6)
{
	struct fanout_case none = {
		.kind = FANOUT_NONE,
		.message = fanout_frames(ipv6),
		.batches = bench_size(3000, 20),
	};
	struct fanout_case hash = none, program = none, first = none;
	struct bench_way ways[] = {
		{ .name = "our program", .run = run_fanout, .context = &program },
		{ .name = "the kernel's hash", .run = run_fanout, .context = &hash },
		{ .name = "a program that chooses the first", .run = run_fanout, .context = &first },
		{ .name = "one socket", .run = run_fanout, .context = &none },
	};
	unsigned rounds;

	hash.kind = FANOUT_HASH;
	program.kind = FANOUT_PROGRAM;
	first.kind = FANOUT_FIRST;
	rounds = bench_run(ways, NSC_ARRAY_LEN(ways), 31);
	bench_row("fanout",
		  ipv6 ? "a frame through veth to a group of two, IPv6" : "a frame through veth to a group of two",
		  "ns/frame", &ways[0], &ways[1], rounds, NULL);
	bench_row("fanout", "", "ns/frame", &ways[0], &ways[2], rounds, NULL);
	bench_row("fanout", "", "ns/frame", &ways[0], &ways[3], rounds, NULL);
}

void bench_fanout(void)
{
	if (!fanout_lay_cable()) {
		fprintf(stderr, "bench: fanout: needs root, network namespaces and ip: left out\n");
		return;
	}
	fanout_rows(false);
	fanout_rows(true);
	close(fanout_sender);
}
