/* SPDX-License-Identifier: MIT
 *
 * One recording on its way: a walk over the flight recorder, the packets of it that are wanted, and pcapng out of them,
 * into a file of the folder or to somebody who reads at the other end of a descriptor. Who reads may ask for what the
 * packets of a flow say instead.
 *
 * Thread: recorder, but for what a request holds. Allocates: its buffer, once, names of files, and what a followed flow
 * takes. Blocks: on the disk, never on a reader.
 */
#ifndef NETSCOPE_RECORDINGS_RECORDING_H
#define NETSCOPE_RECORDINGS_RECORDING_H

#include "backends/recordings/folder.h"
#include "backends/sinks/pcap_file.h"
#include "engine/text/json.h"
#include "engine/text/pcapng_section.h"
#include "netscope/follow.h"
#include "netscope/packet_choice.h"
#include "netscope/recordings.h"

#include <sys/types.h>

enum {
	NSC_RECORDING_WHY = 768,           /* bytes of the reason, with its NUL */
	NSC_RECORDING_SECS = 600,          /* that a reader has for all of it */
	NSC_RECORDING_BUFFER = 640 * 1024, /* of a stream: a packet of the largest size, and what stands before it */
};

struct nsc_recording_request {
	struct nsc_record_ask ask;
	bool waits;             /* until the recorder's clock has passed to_ns */
	bool live;              /* nobody is held up */
	uint64_t ts_ns, number; /* of the name: the alert's */
	char kind[NSC_RECORDING_KIND];
	char why[NSC_RECORDING_WHY];
	const char *about; /* what the recorder keeps of a packet */
};

enum nsc_recording_step {
	NSC_RECORDING_BUSY,    /* there is more to do at once */
	NSC_RECORDING_WAITS,   /* for packets */
	NSC_RECORDING_BLOCKED, /* for a reader */
	NSC_RECORDING_DONE,
	NSC_RECORDING_FAILED, /* `error` says why */
};

struct nsc_recording_stream {
	int fd; /* -1: a file */
	bool framed;
	uint32_t filled, sent; /* of the buffer */
	bool sealed;           /* it goes out: nothing is added before it is empty */
	uint64_t stuck_ns;     /* since when nothing went out; 0: something did */
	uint64_t begun_ns;     /* the first step; 0: there was none */
	uint8_t *buffer;       /* [NSC_RECORDING_BUFFER] */
};

struct nsc_recording {
	bool used;
	struct nsc_recording_request request;
	struct nsc_recorder *recorder;
	struct nsc_recorder_walk *walk;
	struct nsc_packet_matcher matcher;
	struct nsc_pcapng_section section;
	uint64_t packets, bytes;    /* written, and of their bytes */
	uint64_t first_ns, last_ns; /* of the written */
	uint32_t removed;           /* old recordings, for the sake of this one */
	bool is_last, cut, told;    /* nothing is waited for any more; the limit was reached; the outcome is written */
	struct nsc_recordings_folder *folder;
	uint32_t which;            /* its handle in the folder */
	off_t outcome_at;          /* where the file has it */
	struct nsc_follow *follow; /* NULL: packets are wanted */
	struct nsc_json said;      /* by the followed flow; so much of it has gone out: */
	size_t said_sent;
	struct nsc_pcap_file file;
	struct nsc_recording_stream stream;
};

/* Begins the walk, and in a file or for `fd` the section. A file: `folder`, and fd -1; a descriptor is taken, also by a
 * failure, and does not wait (O_NONBLOCK). 0; -EBUSY: all walks are open; -errno; each with one sentence. */
int nsc_recording_begin(struct nsc_recording *r, const struct nsc_recording_request *request,
			struct nsc_recorder *recorder, const struct nsc_decode_options *decode,
			struct nsc_recordings_folder *folder, int fd, bool framed, struct nsc_error *error);

/* Some packets' worth of work. `now_ns`: monotonic. */
enum nsc_recording_step nsc_recording_step(struct nsc_recording *r, uint64_t now_ns, struct nsc_error *error);

/* said.c, with a request that follows a flow: begins; the next bytes, at most `room`: how many, or -errno and one
 * sentence; whether all have been given; ends. */
int nsc_recording_follow_begin(struct nsc_recording *r, struct nsc_error *error);
int nsc_recording_follow_piece(struct nsc_recording *r, uint8_t *at, uint32_t room, struct nsc_error *error);
bool nsc_recording_follow_is_told(const struct nsc_recording *r);
void nsc_recording_follow_end(struct nsc_recording *r);

/* Packet time of the newest packet that the recorder holds; 0: it holds none. */
uint64_t nsc_recording_newest(const struct nsc_recorder *recorder);

/* What the walk has counted until now. */
struct nsc_recorder_numbers nsc_recording_numbers(const struct nsc_recording *r);

/* Ends it, done or not. A file that is not complete stays, and says so. */
void nsc_recording_end(struct nsc_recording *r);

#endif
