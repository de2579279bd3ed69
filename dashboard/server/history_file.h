/* SPDX-License-Identifier: MIT
 *
 * History and events as bytes, to outlast the program: what --web-history writes and reads.
 *
 *     "netscope history\n", version   17 bytes and one
 *     values, buckets, tiers          numbers: how many there are of each; other numbers are another version
 *     sensor                          length, bytes: what was looked at
 *     of each tier                    whether older points are gone; its points, oldest first
 *     events                          id of the first one; all of them, oldest first
 *     mutes                           from version 2 on: of each its length, its key
 *     seen                            from version 2 on: attacks that went on; length, key, packet time of the last
 * alert checksum                        8 bytes, little endian: FNV-1a (64 bits) of all bytes before
 *
 * Numbers are LEB128: seven bits a byte, the lowest first. A time is told as the difference from the one before it,
 * zigzag. A list's members are each preceded by a number that is not 0; 0 ends it. All times are packet time.
 *
 * Thread: one at a time, but for what says otherwise. Blocks: never but for the mutex.
 */
#ifndef DASHBOARD_HISTORY_FILE_H
#define DASHBOARD_HISTORY_FILE_H

#include <pthread.h>

#include "dashboard/server/episodes.h"
#include "dashboard/server/events.h"
#include "dashboard/server/history.h"
#include "engine/text/buffer.h"

enum {
	NSC_HISTORY_FILE_VERSION = 2,            /* and 1 is read */
	NSC_HISTORY_FILE_MAX = 16 * 1024 * 1024, /* bytes; more is never written, and not read */
	NSC_HISTORY_SENSOR_MAX = 512,            /* bytes of the sensor's name; a longer one is cut */
};

/* Appends everything that is shown. The mutex is taken for a few points at a time; NULL: there is no other thread. The
 * text grows on the heap; its `full` tells that memory is short. */
void nsc_history_write(const struct nsc_history *history, const struct nsc_events *events,
		       const struct nsc_episodes *episodes, pthread_mutex_t *mutex, const char *sensor,
		       struct nsc_buffer *out);

/* Takes in what an earlier run of this sensor has written: into a history, events and episodes without any, before
 * the first view; `apart` of episodes stays. A point that starts before the one before it is left out. 0, or nothing is
 * taken and one sentence, without the file's name: -EBADMSG, it is damaged; -EPROTONOSUPPORT, it is of another version;
 * -EXDEV, of another sensor. Allocates: never. */
int nsc_history_read(struct nsc_history *history, struct nsc_events *events, struct nsc_episodes *episodes,
		     const void *bytes, size_t n, const char *sensor, struct nsc_error *error);

/* Whether points of an earlier run lie more than an hour behind the start of this one: the clock is wrong now, or was
 * then. False before the first view. */
bool nsc_history_is_ahead(const struct nsc_history *history);

#endif
