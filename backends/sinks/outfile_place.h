/* SPDX-License-Identifier: MIT
 *
 * Where an output file lies: the folder, the name, the temporary name, and the rules about symbolic links and devices.
 */
#ifndef NETSCOPE_SINKS_OUTFILE_PLACE_H
#define NETSCOPE_SINKS_OUTFILE_PLACE_H

#include "netscope/error.h"

enum { NSC_OUTFILE_TEMPORARY = 220 }; /* room for a temporary name */

struct nsc_outfile_place {
	char *path;       /* as the user wrote it, for messages */
	const char *name; /* its last part */
	bool replaces;    /* fd is a file of its own, which takes the name when it is complete */
	int dir;          /* the folder; -1 when written directly */
	int fd;
	bool regular;                          /* fd is a regular file */
	bool sets_aside;                       /* room on the disk is taken ahead of what is written */
	uint64_t aside;                        /* bytes from the file's begin for which that was done */
	bool nameless;                         /* its name led elsewhere at the last look, and that was told */
	unsigned looks;                        /* in a row at which it did */
	char temporary[NSC_OUTFILE_TEMPORARY]; /* name of that file; "" = it has none (where the file system can), or
						  none any more */
};

/* Opens the folder of `path`, and finds its last part, which is "" when the path names a folder. A descriptor, or
 * -errno. Allocates. */
int nsc_outfile_folder(const char *path, const char **name);

enum nsc_outfile_place_way {
	NSC_PLACE_EMPTIED,  /* what is there is emptied */
	NSC_PLACE_REPLACED, /* by a file of its own, when that is complete */
	NSC_PLACE_NEW,      /* nothing may be there: -EEXIST */
};

/* Opens `path` for writing. 0 or -errno and one sentence; nothing is left then. */
int nsc_outfile_place_open(struct nsc_outfile_place *place, const char *path, enum nsc_outfile_place_way way,
			   struct nsc_error *error);

/* For a file that is written in place, by a run that can be repeated: what a kill leaves behind the end stays until the
 * file is written again. One that replaces another does it anyway: it has no name. */
void nsc_outfile_place_may_set_aside(struct nsc_outfile_place *place);

/* To be called before `bytes` bytes are written behind the first `written` ones. Takes room on the disk for some of
 * what comes next, where it may and where that makes writing cheaper: on ext4. What is left of it goes when the file is
 * closed. */
void nsc_outfile_place_set_aside(struct nsc_outfile_place *place, uint64_t written, size_t bytes);

/* Closes the file, and gives it its name when it replaces one: then its bytes are on their way to the disk before the
 * name changes. 0 or -errno and one sentence. */
int nsc_outfile_place_settle(struct nsc_outfile_place *place, struct nsc_error *error);

/* Begins the file anew under its name, for whoever rotates logs. What has that name now is never overwritten: when it
 * is our file, nobody has moved it away, and it becomes a.000000.ext (the first number that is free); so does a foreign
 * one that is not empty. Only for a file that is written in place: *rotated stays false for a pipe or a device. 0, or
 * -errno and one sentence: then the old file is still written. */
int nsc_outfile_place_rotate(struct nsc_outfile_place *place, bool *rotated, struct nsc_error *error);

/* 0 while the file has a folder (always: what is no regular file). For one that replaces: a folder that was removed and
 * made again is taken. Else -ENOENT and one sentence. */
int nsc_outfile_place_check(struct nsc_outfile_place *place, struct nsc_error *error);

/* Looks whether the name of a file that is written in place still leads to it: for a live run, about once a second. A
 * file that was removed, and one that was renamed at two looks in a row, is begun anew under its name, as rotation does
 * it; *begun tells. 0 = nothing has changed; -ENOENT and one sentence when it lost its name; 1 and one sentence when it
 * has it again, at the look after that. */
int nsc_outfile_place_watch(struct nsc_outfile_place *place, bool *begun, struct nsc_error *error);

/* Begins a file that is written in place anew, after a failure, once there is room for NSC_OUTFILE_ROOM bytes: `keep`
 * moves what was written out of the way, as rotation does. 0, or -errno and one sentence: nothing has changed. */
int nsc_outfile_place_restart(struct nsc_outfile_place *place, bool keep, struct nsc_error *error);

enum { NSC_OUTFILE_ROOM = 512 * 1024 }; /* bytes: more than is written at once */

/* Whether a new file of NSC_OUTFILE_ROOM bytes fits into the open folder `dir`: tried out, with a file that is gone
 * afterwards. `path` is for the sentence. 0 or -errno. */
int nsc_outfile_room(int dir, const char *path, struct nsc_error *error);

/* Whether the open folder `dir` was removed. */
bool nsc_outfile_folder_gone(int dir);

int nsc_outfile_place_scratch(const struct nsc_outfile_place *place, struct nsc_error *error);

/* Frees; removes a temporary file that was not settled. */
void nsc_outfile_place_close(struct nsc_outfile_place *place);

#endif
