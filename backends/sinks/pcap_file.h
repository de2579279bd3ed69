/* SPDX-License-Identifier: MIT
 *
 * One capture file that is being written: its place, its buffer of whole records, and what to do when the disk is full.
 * What is written at once is a frame of its own in a file whose name ends in .zst (zstd_frames.h).
 *
 * A kill can cut only the write(2) that is under way; a write that failed is taken back to the last whole record.
 * Thread: one at a time. Allocates: its names, at open.
 */
#ifndef NETSCOPE_SINKS_PCAP_FILE_H
#define NETSCOPE_SINKS_PCAP_FILE_H

#include "backends/sinks/outfile_place.h"

enum { NSC_PCAP_FILE_BUFFER = 512 * 1024 }; /* bytes, more than a packet and all that may stand before it */

struct nsc_pcap_file {
	struct nsc_outfile_place place;
	bool is_open;
	bool ends;             /* what is written is waited for */
	struct nsc_pump *pump; /* NULL: writes wait */
	uint64_t size;    /* bytes of the file, with those in the buffer, which are not compressed yet, and the table */
	uint64_t written; /* bytes in the file */
	uint64_t plain;   /* the same before compression: what a reader counts */
	struct nsc_zstd_frames *frames; /* NULL: it is not compressed */
	uint8_t *next;
	const uint8_t *lent, *lent_end; /* whole records elsewhere, behind those in the buffer; NULL: none */
	uint64_t lost;                  /* records that never reached the file: of those that could not be written */
	uint32_t (*length)(const uint8_t *at); /* of the record at `at` */
	bool (*is_packet)(const uint8_t *at);  /* NULL: every record is one */
	uint8_t buffer[NSC_PCAP_FILE_BUFFER];
};

/* Opens the file in place, emptied or new; `length` measures a record or block. 0 or -errno and one sentence. */
int nsc_pcap_file_open(struct nsc_pcap_file *file, const char *path, enum nsc_outfile_place_way way,
		       uint32_t (*length)(const uint8_t *at), struct nsc_error *error);

/* For a live run, before the first record: where somebody reads at the other end, nothing waits for that reader any
 * more (pump.h); packets that find no room are dropped and counted, and descriptions of interfaces wait in the buffer.
 * 0 or -errno and one sentence. */
int nsc_pcap_file_do_not_wait(struct nsc_pcap_file *file, struct nsc_error *error);

/* -EAGAIN and one sentence while packets are dropped, because a reader does not keep up; else 0. */
int nsc_pcap_file_behind(const struct nsc_pcap_file *file, struct nsc_error *error);

/* About once a second: the same, or 1 when the reader keeps up again; 0 when there is nothing to tell. */
int nsc_pcap_file_look(const struct nsc_pcap_file *file, struct nsc_error *error);

/* What a reader of the file counts as the byte at which the next record will lie. */
uint64_t nsc_pcap_file_offset(const struct nsc_pcap_file *file);

/* Whether `bytes` more fit in the buffer; never behind records that were lent. */
bool nsc_pcap_file_has_room(const struct nsc_pcap_file *file, size_t bytes);

/* What stands at `next` is filled up to `end`: whole records. */
void nsc_pcap_file_commit(struct nsc_pcap_file *file, uint8_t *end);

/* Adds the records from `from` to `end`, which lie elsewhere and stay there until the next flush: behind those lent
 * before without a gap, or the first since the last flush. Not of a file that does not wait. */
void nsc_pcap_file_lend(struct nsc_pcap_file *file, const uint8_t *from, const uint8_t *end);

/* Whether `from` may be lent now. */
bool nsc_pcap_file_may_lend(const struct nsc_pcap_file *file, const uint8_t *from);

/* Writes the buffer out, and what was lent; the first time it must hold the file's header and nothing else. 0, or
 * -errno and one sentence: path, what is in the file, reason. The buffer is empty then, and what was lost is counted.
 */
int nsc_pcap_file_flush(struct nsc_pcap_file *file, struct nsc_error *error);

/* Begins the file anew when its buffer is empty, and what is left behind is complete (outfile_place.h says how); a file
 * without a header is left as it is. *rotated stays false when there is nothing to begin anew. 0, or -errno and one
 * sentence: writing goes on in the old one. */
int nsc_pcap_file_rotate(struct nsc_pcap_file *file, bool *rotated, struct nsc_error *error);

/* Looks whether the name still leads to a file that works and whose buffer is empty (nsc_outfile_place_watch). */
int nsc_pcap_file_watch(struct nsc_pcap_file *file, bool *begun, struct nsc_error *error);

/* Begins a file that failed anew (nsc_outfile_place_restart). 0, or -errno and one sentence. */
int nsc_pcap_file_restart(struct nsc_pcap_file *file, struct nsc_error *error);

/* Writes the buffer out, and all that is on its way; the last call before settle. 0 or -errno and one sentence. */
int nsc_pcap_file_end(struct nsc_pcap_file *file, struct nsc_error *error);

/* Closes a file whose buffer is empty. 0 or -errno and one sentence. */
int nsc_pcap_file_settle(struct nsc_pcap_file *file, struct nsc_error *error);

void nsc_pcap_file_close(struct nsc_pcap_file *file); /* of one that is not open: nothing */

#endif
