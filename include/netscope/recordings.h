/* SPDX-License-Identifier: MIT
 *
 * Recordings: packets out of the flight recorder (recorder.h), as capture files. Alerts ask for them, a signal, a
 * command through a control socket, and the dashboard; one thread writes them all. docs/recorder.md
 *
 * Thread: control, unless said otherwise.
 */
#ifndef NETSCOPE_RECORDINGS_H
#define NETSCOPE_RECORDINGS_H

#include "netscope/packet_choice.h"
#include "netscope/recorder.h"

struct nsc_recordings;

enum {
	NSC_RECORDINGS_QUEUE = 64,     /* recordings that wait for their turn */
	NSC_RECORDINGS_FILES_OPEN = 5, /* files that are written at once, and */
	NSC_RECORDINGS_STREAMS = 3,    /* answers: together a walk each */
};

static_assert(NSC_RECORDINGS_FILES_OPEN + NSC_RECORDINGS_STREAMS <= NSC_RECORDER_WALKS, "each has a walk");

struct nsc_recordings_options {       /* texts are never NULL, "" = off, and stay the caller's until close */
	const char *folder;           /* of recordings of alerts and of the signal */
	bool alerts;                  /* each begin of an attack is recorded there */
	uint64_t before_ns, after_ns; /* around an alert; any */
	uint64_t limit_bytes;         /* of the folder's recordings, >= 1 MiB */
	uint32_t per_hour;            /* recordings that begin in an hour of packet time; 0 = any number */
	const char *socket;           /* path of the control socket */
	const char *about;            /* what the recorder keeps of a packet, for the comment: "whole packets" */
	bool live;
	struct nsc_decode_options decode; /* as the engine decodes */
};

/* Takes the folder and makes the socket (mode 0600): as whoever the run becomes, before it is confined. 0 or -errno and
 * one sentence. */
int nsc_recordings_open(struct nsc_recordings **recordings, const struct nsc_recordings_options *options,
			struct nsc_error *error);

/* For nsc_engine_options.sinks: alerts come there, failures are told there, and its end waits for the last recording.
 */
struct nsc_sink *nsc_recordings_sink(struct nsc_recordings *recordings);

/* Starts the thread. The engine is open, and not started yet; it stays open until close. */
int nsc_recordings_start(struct nsc_recordings *recordings, struct nsc_engine *engine, struct nsc_error *error);

/* Everything that the recorder holds, into the folder. 0; -ENOTDIR without a folder, -EBUSY when too many wait; with
 * one sentence each. */
int nsc_recordings_ask_all(struct nsc_recordings *recordings, const char *kind, const char *why,
			   struct nsc_error *error);

/* What is asked for, as pcapng or JSON through the descriptor `fd`, which is taken and does not wait (O_NONBLOCK); it
 * is closed at the end. 0; -EBUSY and one sentence when NSC_RECORDINGS_STREAMS are under way. Thread: any. */
int nsc_recordings_stream(struct nsc_recordings *recordings, const struct nsc_record_ask *ask, const char *why, int fd,
			  struct nsc_error *error);

/* Ends the thread and what is under way, takes the socket away, frees. The sinks have been finished. NULL is allowed.
 */
void nsc_recordings_close(struct nsc_recordings *recordings);

/* --- the control socket ----------------------------------------------------------------------- */

/* A request is one line: "netscope-recorder 1", then words of packet_choice.h as " host=10.0.0.1", and a newline. The
 * answer is frames: "NSR", a letter, the length of what follows (4 bytes, little endian), and that. 'D': bytes of the
 * capture file, 'E': the last one, how it went; 'R': the only one, why not. docs/recorder.md */
#define NSC_RECORDINGS_REQUEST "netscope-recorder 1"

enum {
	NSC_RECORDINGS_LINE = 1024,         /* of a request, with its newline */
	NSC_RECORDINGS_FRAME = 8,           /* head of a frame */
	NSC_RECORDINGS_FRAME_MAX = 1 << 20, /* what follows it */
	NSC_RECORDINGS_OUTCOME = 256, /* the end's text, padded with spaces: it fits over nsc_recordings_unfinished */
};

/* What the section's second comment begins with, until somebody writes the end's text over it. */
extern const char nsc_recordings_unfinished[];

#endif
