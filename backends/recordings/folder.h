/* SPDX-License-Identifier: MIT
 *
 * The folder of recordings: a file each, whose name begins with its time, and a limit for all of them together.
 *
 * ".netscope-recordings" in the folder lists the files that were made here, also by earlier runs, a name a line. Only
 * what is in the list is ever removed: everything else is a file of a person. The list is locked, so that a folder has
 * one run at a time. A recording that a kill has cut within a packet loses that piece when the folder is opened again.
 *
 * Thread: one at a time. Allocates: at open only. Blocks: on the disk.
 */
#ifndef NETSCOPE_RECORDINGS_FOLDER_H
#define NETSCOPE_RECORDINGS_FOLDER_H

#include "netscope/error.h"

enum {
	NSC_RECORDING_NAME = 96,    /* bytes of a name, with its NUL */
	NSC_RECORDING_KIND = 24,    /* of a kind, with its NUL */
	NSC_RECORDINGS_FILES = 4096 /* in a folder, at most: the oldest go first */
};

struct nsc_recordings_folder;

/* Makes the folder (mode 0700) unless it is there, and takes it for this process. `limit_bytes`: of all recordings, >=
 * 1 MiB. 0; -EBUSY when another process records there; -errno; each with one sentence. */
int nsc_recordings_folder_open(struct nsc_recordings_folder **folder, const char *path, uint64_t limit_bytes,
			       struct nsc_error *error);
void nsc_recordings_folder_close(struct nsc_recordings_folder *folder); /* NULL is allowed */
const char *nsc_recordings_folder_path(const struct nsc_recordings_folder *folder);

/* "20231114T221320.000000Z-syn_flood-7.pcapng", with ".1" and so on before the ending in later tries, which are for a
 * name that is taken. Names sort by time, kind and number. */
void nsc_recording_name(char name[NSC_RECORDING_NAME], uint64_t ts_ns, const char *kind, uint64_t number,
			unsigned tries);

/* A recording of this name was made, and is empty. *which is its handle: until it is settled it is never removed. 0 or
 * -errno and one sentence. */
int nsc_recordings_folder_add(struct nsc_recordings_folder *folder, const char *name, uint32_t *which,
			      struct nsc_error *error);

/* It has so many bytes now. */
void nsc_recordings_folder_grow(struct nsc_recordings_folder *folder, uint32_t which, uint64_t bytes);
void nsc_recordings_folder_settle(struct nsc_recordings_folder *folder, uint32_t which);

/* Removes the oldest recordings until `bytes` more fit; how many. *fits: whether they do. */
uint32_t nsc_recordings_folder_make_room(struct nsc_recordings_folder *folder, uint64_t bytes, bool *fits);

/* 0 when something can be written there; a folder that was removed and made again is taken. Else -errno and one
 * sentence. */
int nsc_recordings_folder_try(struct nsc_recordings_folder *folder, struct nsc_error *error);

/* 0 while the folder is there; else -ENOENT and one sentence. */
int nsc_recordings_folder_look(const struct nsc_recordings_folder *folder, struct nsc_error *error);

#endif
