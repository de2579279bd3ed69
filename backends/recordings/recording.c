/* SPDX-License-Identifier: MIT
 *
 * A packet is looked at when there is room for it: nothing that the walk has given out is kept.
 */
#include "backends/recordings/recording.h"

#include "engine/text/time.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	HEAD = 4096, /* bytes of a section with both comments, at most */
	PACKET = NSC_PCAPNG_NAMED_INTERFACE_MAX + NSC_PCAPNG_PACKET + NSC_PACKET_BYTES_MAX + 3,
	TAIL = NSC_PCAPNG_STATISTICS + 8 + NSC_RECORDINGS_OUTCOME,
	CALLS = 256, /* of the walk, in one step */
	NAME_TRIES = 1000,
	PIECE = 64 * 1024, /* a stream sends what it has from here on */
};

static_assert(PACKET + HEAD + TAIL <= NSC_PCAP_FILE_BUFFER, "a packet fits in an empty buffer");
static_assert(2 * NSC_RECORDINGS_FRAME + PACKET + TAIL + NSC_RECORDINGS_OUTCOME + PIECE <= NSC_RECORDING_BUFFER,
	      "a packet fits behind a piece, and the end behind that");

/* --- what is said ----------------------------------------------------------------------------- */

static char *recording_put_date(char *at, const char *before, uint64_t ns)
{
	at = nsc_format_date(nsc_format_text(at, before), ns);
	*at = '\0';
	return at;
}

static size_t recording_say_why(const struct nsc_recording *r, char text[HEAD])
{
	const struct nsc_packet_choice *choice = &r->request.ask.choice;
	uint64_t since = nsc_recorder_held_since(r->recorder);
	char *at = text + snprintf(text, HEAD / 2, "NetScope recorded %s. ", r->request.why);

	if (choice->from_ns)
		at = recording_put_date(at, "Asked for, in UTC: from ", choice->from_ns);
	else
		at = nsc_format_text(at, "Asked for, in UTC: from the oldest packet");
	if (choice->to_ns != UINT64_MAX)
		at = recording_put_date(at, " to ", choice->to_ns);
	else
		at = nsc_format_text(at, " to the newest");
	at = since ? recording_put_date(at, ". The recorder then held packets since ", since)
		   : nsc_format_text(at, ". The recorder then held all packets since its start");
	return (size_t)(at - text) + (size_t)snprintf(at, HEAD / 4, ". Kept of each: %s.", r->request.about);
}

static void recording_say_outcome(const struct nsc_recording *r, char text[NSC_RECORDINGS_OUTCOME + 1])
{
	struct nsc_recorder_numbers n = nsc_recording_numbers(r);
	char span[64] = "";
	int used;

	if (r->packets)
		recording_put_date(recording_put_date(span, ", ", r->first_ns), " to ", r->last_ns);
	used = snprintf(text, NSC_RECORDINGS_OUTCOME + 1,
			"%s: %" PRIu64 " packets, %" PRIu64 " bytes%s; %" PRIu64 " overwritten before they were read%s",
			r->cut ? "Cut at the limit of size" : "Complete", r->packets, r->bytes, span, n.overwritten,
			n.early ? "; some may be out of order" : "");
	used = NSC_MIN(used, NSC_RECORDINGS_OUTCOME);
	memset(text + used, ' ', (size_t)(NSC_RECORDINGS_OUTCOME - used));
}

/* --- a stream --------------------------------------------------------------------------------- */

static bool recording_is_stream(const struct nsc_recording *r)
{
	return r->stream.fd >= 0;
}

static void recording_frame(uint8_t *at, char letter, uint32_t bytes)
{
	memcpy(at, "NSR", 3);
	at[3] = (uint8_t)letter;
	for (unsigned i = 0; i < 4; i++)
		at[4 + i] = (uint8_t)(bytes >> 8 * i);
}

/* The head of a frame is the first in an empty buffer; its length is known when it goes out. */
static void recording_stream_empty(struct nsc_recording_stream *s)
{
	s->filled = s->framed ? NSC_RECORDINGS_FRAME : 0;
	s->sent = 0;
	s->sealed = false;
}

static bool recording_stream_has_data(const struct nsc_recording_stream *s)
{
	return s->filled > (s->framed ? (uint32_t)NSC_RECORDINGS_FRAME : 0);
}

/* What is in the buffer goes out as one frame; `outcome`: and that as the last one. */
static void recording_stream_seal(struct nsc_recording_stream *s, const char *outcome)
{
	if (s->framed && recording_stream_has_data(s))
		recording_frame(s->buffer, 'D', s->filled - NSC_RECORDINGS_FRAME);
	else if (s->framed)
		s->filled = 0;
	if (s->framed && outcome) {
		recording_frame(s->buffer + s->filled, 'E', NSC_RECORDINGS_OUTCOME);
		memcpy(s->buffer + s->filled + NSC_RECORDINGS_FRAME, outcome, NSC_RECORDINGS_OUTCOME);
		s->filled += NSC_RECORDINGS_FRAME + NSC_RECORDINGS_OUTCOME;
	}
	s->sealed = true;
}

/* 0: all is out; -EAGAIN: the reader takes nothing now; else -errno and one sentence. */
static int recording_stream_send(struct nsc_recording_stream *s, uint64_t now_ns, struct nsc_error *error)
{
	while (s->sent < s->filled) {
		ssize_t n = write(s->fd, s->buffer + s->sent, s->filled - s->sent);

		if (n > 0) {
			s->sent += (uint32_t)n;
			s->stuck_ns = 0;
		} else if (n < 0 && errno == EAGAIN) {
			s->stuck_ns = s->stuck_ns ? s->stuck_ns : now_ns;
			return -EAGAIN;
		} else if (n >= 0 || errno != EINTR) {
			return nsc_fail(error, -EPIPE, "whoever asked for packets has gone");
		}
	}
	recording_stream_empty(s);
	return 0;
}

/* --- a file ----------------------------------------------------------------------------------- */

/* An enhanced packet block; the others describe. */
static bool recording_is_packet(const uint8_t *at)
{
	return at[0] == 6 && !at[1] && !at[2] && !at[3];
}

/* The buffer, and room for it in the folder, also for the next one: the limit holds at every moment. */
static int recording_file_flush(struct nsc_recording *r, struct nsc_error *error)
{
	int status = nsc_pcap_file_flush(&r->file, error);
	bool fits;

	nsc_recordings_folder_grow(r->folder, r->which, r->file.written);
	r->removed += nsc_recordings_folder_make_room(r->folder, NSC_PCAP_FILE_BUFFER, &fits);
	r->cut |= !fits;
	return status;
}

static int recording_file_open(struct nsc_recording *r, struct nsc_error *error)
{
	const struct nsc_recording_request *request = &r->request;
	char name[NSC_RECORDING_NAME], path[PATH_MAX];
	int status = -EEXIST;
	bool fits;

	r->removed += nsc_recordings_folder_make_room(r->folder, NSC_PCAP_FILE_BUFFER, &fits);
	if (!fits)
		return nsc_fail(error, -EDQUOT,
				"recordings in %.300s: no room for another one: those that are written now take all",
				nsc_recordings_folder_path(r->folder));
	status = nsc_recordings_folder_look(r->folder, error);
	if (status)
		return status;
	for (unsigned i = 0, again = 1; again && i < NAME_TRIES; i++) {
		nsc_recording_name(name, request->ts_ns, request->kind, request->number, i);
		snprintf(path, sizeof(path), "%.3990s/%s", nsc_recordings_folder_path(r->folder), name);
		status = nsc_pcap_file_open(&r->file, path, NSC_PLACE_NEW, nsc_pcapng_block_length, error);
		again = status == -EEXIST;
	}
	if (!status)
		status = nsc_recordings_folder_add(r->folder, name, &r->which, error);
	if (status && r->file.is_open)
		unlink(path); /* nothing is in it, and nobody would remove it */
	return status;
}

/* The place of the outcome in the section is written over: it is as long as before. */
static int recording_file_finish(struct nsc_recording *r, const char *outcome, struct nsc_error *error)
{
	int status = recording_file_flush(r, error);

	if (!status &&
	    pwrite(r->file.place.fd, outcome, NSC_RECORDINGS_OUTCOME, r->outcome_at) != NSC_RECORDINGS_OUTCOME)
		status = nsc_fail(error, -EIO, "%s: its comment could not be written", r->file.place.path);
	return status ? status : nsc_pcap_file_settle(&r->file, error);
}

/* --- room ------------------------------------------------------------------------------------- */

/* Where `bytes` bytes may be written; NULL: a stream has to go out first, or *status. */
static uint8_t *recording_room(struct nsc_recording *r, size_t bytes, int *status, struct nsc_error *error)
{
	const struct nsc_recording_stream *s = &r->stream;

	if (recording_is_stream(r))
		return s->sealed || s->filled + bytes > NSC_RECORDING_BUFFER ? NULL : s->buffer + s->filled;
	if (!nsc_pcap_file_has_room(&r->file, bytes))
		*status = recording_file_flush(r, error);
	return *status ? NULL : r->file.next;
}

static void recording_commit(struct nsc_recording *r, uint8_t *end)
{
	if (recording_is_stream(r))
		r->stream.filled = (uint32_t)(end - r->stream.buffer);
	else
		nsc_pcap_file_commit(&r->file, end);
}

/* --- the section ------------------------------------------------------------------------------ */

static int recording_begin_section(struct nsc_recording *r, struct nsc_error *error)
{
	char why[HEAD], outcome[NSC_RECORDINGS_OUTCOME + 1];
	size_t length = recording_say_why(r, why);
	int status = 0;
	uint8_t *at = recording_room(r, HEAD, &status, error), *end;

	snprintf(outcome, sizeof(outcome), "%-*s", NSC_RECORDINGS_OUTCOME, nsc_recordings_unfinished);
	end = nsc_pcapng_put_section(at);
	end = nsc_pcapng_add_comment(at, end, true, (const uint8_t *)why, (uint16_t)length);
	r->outcome_at = end - at - 4; /* behind the head of the option, in place of the end of options */
	end = nsc_pcapng_add_comment(at, end, false, (const uint8_t *)outcome, NSC_RECORDINGS_OUTCOME);
	recording_commit(r, end);
	return recording_is_stream(r) ? 0 : recording_file_flush(r, error);
}

static void recording_add(struct nsc_recording *r, uint8_t *at, const struct nsc_packet_record *record)
{
	struct nsc_packet pkt = nsc_packet_of(record);

	if (!nsc_packet_match_burst(&r->matcher, &pkt, 1))
		return;
	if (r->follow)
		nsc_follow_add(r->follow, &pkt);
	else
		recording_commit(r, nsc_pcapng_section_add(&r->section, at, record));
	r->first_ns = r->packets ? r->first_ns : record->ts_ns;
	r->last_ns = record->ts_ns;
	r->packets++;
	r->bytes += record->len;
	r->cut |= r->request.ask.bytes_most && r->bytes >= r->request.ask.bytes_most;
}

/* At the end, for who reads a stream: it cannot write over what it has read. */
static void recording_end_section(struct nsc_recording *r, uint8_t *at, const char *outcome)
{
	uint8_t *end;

	if (!r->section.n)
		return;
	end = nsc_pcapng_put_statistics(at, r->last_ns, 0, r->section.interface[0].clock);
	recording_commit(r, nsc_pcapng_add_comment(at, end, true, (const uint8_t *)outcome, NSC_RECORDINGS_OUTCOME));
}

/* --- steps ------------------------------------------------------------------------------------ */

/* What a followed flow said, a buffer's worth at a time. */
static enum nsc_recording_step recording_say(struct nsc_recording *r, struct nsc_error *error)
{
	struct nsc_recording_stream *s = &r->stream;
	int n = nsc_recording_follow_piece(r, s->buffer + s->filled, NSC_RECORDING_BUFFER - s->filled, error);

	if (n < 0)
		return NSC_RECORDING_FAILED;
	s->filled += (uint32_t)n;
	r->told = nsc_recording_follow_is_told(r);
	recording_stream_seal(s, NULL);
	return NSC_RECORDING_BUSY;
}

static enum nsc_recording_step recording_finish(struct nsc_recording *r, uint64_t now_ns, struct nsc_error *error)
{
	char outcome[NSC_RECORDINGS_OUTCOME + 1];
	int status = 0;
	uint8_t *at;

	if (r->follow)
		return recording_say(r, error);
	at = recording_room(r, TAIL, &status, error);
	if (status)
		return NSC_RECORDING_FAILED;
	recording_say_outcome(r, outcome);
	recording_end_section(r, at, outcome);
	r->told = true;
	if (recording_is_stream(r)) {
		recording_stream_seal(&r->stream, outcome);
		return NSC_RECORDING_BUSY;
	}
	return recording_file_finish(r, outcome, error) ? NSC_RECORDING_FAILED : NSC_RECORDING_DONE;
}

/* Nothing is there now: all that was wanted has come, or is waited for. */
static enum nsc_recording_step recording_wait(struct nsc_recording *r)
{
	if (r->is_last || nsc_recorder_clock(r->recorder) <= r->request.ask.choice.to_ns)
		return NSC_RECORDING_WAITS;
	nsc_recorder_walk_until_now(r->walk);
	r->is_last = true;
	return NSC_RECORDING_BUSY;
}

static enum nsc_recording_step recording_read(struct nsc_recording *r, uint64_t now_ns, struct nsc_error *error)
{
	const struct nsc_packet_record *record;
	int status = 0;

	for (unsigned i = 0; i < CALLS; i++) {
		uint8_t *at = recording_room(r, PACKET + TAIL + NSC_RECORDINGS_FRAME + NSC_RECORDINGS_OUTCOME, &status,
					     error);

		if (status)
			return NSC_RECORDING_FAILED;
		if (r->cut)
			return recording_finish(r, now_ns, error);
		if (!at)
			break;
		switch (nsc_recorder_walk_next(r->walk, &record)) {
		case NSC_RECORDER_PACKET:
			recording_add(r, at, record);
			break;
		case NSC_RECORDER_MORE:
			break;
		case NSC_RECORDER_NOTHING:
			return recording_wait(r);
		case NSC_RECORDER_END:
			return recording_finish(r, now_ns, error);
		}
	}
	return NSC_RECORDING_BUSY;
}

enum nsc_recording_step nsc_recording_step(struct nsc_recording *r, uint64_t now_ns, struct nsc_error *error)
{
	struct nsc_recording_stream *s = &r->stream;
	enum nsc_recording_step step = NSC_RECORDING_BUSY;
	int status;

	if (!s->sealed && !r->told)
		step = recording_read(r, now_ns, error);
	if (!recording_is_stream(r) || step == NSC_RECORDING_FAILED)
		return step;
	if (!s->sealed && s->filled >= PIECE)
		recording_stream_seal(s, NULL);
	if (!s->sealed)
		return step;
	s->begun_ns = s->begun_ns ? s->begun_ns : now_ns;
	status = recording_stream_send(s, now_ns, error);
	if (status == -EAGAIN && now_ns - s->begun_ns > NSC_RECORDING_SECS * NSC_NS_PER_SEC)
		return NSC_RECORDING_FAILED;
	if (status)
		return status == -EAGAIN ? NSC_RECORDING_BLOCKED : NSC_RECORDING_FAILED;
	return r->told ? NSC_RECORDING_DONE : NSC_RECORDING_BUSY;
}

struct nsc_recorder_numbers nsc_recording_numbers(const struct nsc_recording *r)
{
	return r->walk ? nsc_recorder_walk_numbers(r->walk) : (struct nsc_recorder_numbers){ 0 };
}

/* --- begin and end ---------------------------------------------------------------------------- */

static int recording_open_walk(struct nsc_recording *r, struct nsc_error *error)
{
	const struct nsc_packet_choice *choice = &r->request.ask.choice;
	const struct nsc_recorder_walk_options options = {
		.from_ns = choice->from_ns,
		.to_ns = choice->to_ns,
		.hold = !r->request.live && !recording_is_stream(r),
	};
	int status = nsc_recorder_walk_open(&r->walk, r->recorder, &options, error);

	if (!status && !r->request.waits) {
		nsc_recorder_walk_until_now(r->walk);
		r->is_last = true;
	}
	return status;
}

uint64_t nsc_recording_newest(const struct nsc_recorder *recorder)
{
	uint64_t newest = 0;

	for (uint32_t i = 0; i < nsc_recorder_workers(recorder); i++) {
		struct nsc_recorder_span span;

		nsc_recorder_span(recorder, i, &span);
		if (span.newest_ns != NSC_UNKNOWN)
			newest = NSC_MAX(newest, span.newest_ns);
	}
	return newest;
}

int nsc_recording_begin(struct nsc_recording *r, const struct nsc_recording_request *request,
			struct nsc_recorder *recorder, const struct nsc_decode_options *decode,
			struct nsc_recordings_folder *folder, int fd, bool framed, struct nsc_error *error)
{
	int status;

	r->used = true;
	r->request = *request;
	r->recorder = recorder;
	r->walk = NULL;
	memset(&r->section, 0, sizeof(r->section));
	r->packets = r->bytes = r->first_ns = r->last_ns = 0;
	r->removed = 0;
	r->is_last = r->cut = r->told = false;
	r->follow = NULL;
	r->folder = folder;
	r->which = 0;
	r->file.lost = 0;
	r->file.is_packet = recording_is_packet;
	r->stream.fd = fd;
	r->stream.framed = framed;
	r->stream.stuck_ns = r->stream.begun_ns = 0;
	recording_stream_empty(&r->stream);
	nsc_packet_choice_settle(&r->request.ask.choice, nsc_recording_newest(recorder));
	nsc_packet_matcher_init(&r->matcher, &r->request.ask.choice, decode);
	status = recording_open_walk(r, error);
	if (!status && !recording_is_stream(r))
		status = recording_file_open(r, error);
	if (!status)
		status = request->ask.follow ? nsc_recording_follow_begin(r, error) : recording_begin_section(r, error);
	if (status)
		nsc_recording_end(r);
	return status;
}

void nsc_recording_end(struct nsc_recording *r)
{
	nsc_recorder_walk_close(r->walk);
	r->walk = NULL;
	nsc_recording_follow_end(r);
	if (recording_is_stream(r))
		close(r->stream.fd);
	else
		nsc_pcap_file_close(&r->file);
	if (r->folder)
		nsc_recordings_folder_settle(r->folder, r->which);
	r->stream.fd = -1;
	r->used = false;
}
