/* SPDX-License-Identifier: MIT
 *
 * The alerts of a segment, one after the other: what destinations of alerts have in common. Each alert is offered until
 * it was sent, is refused for good, or has waited too long; then the next one comes. A segment of which a part was sent
 * goes on behind it, until the process ends: after that all of it is sent again, and alerts have names by which a
 * receiver knows that it has them. Where sending is not yet arriving (`settle`), that is so after each failure.
 *
 * Thread: one owner. Allocates: never. Blocks: as `send` does.
 */
#ifndef TOOLS_SHIP_ALERTS_H
#define TOOLS_SHIP_ALERTS_H

#include "netscope/alert.h"
#include "tools/ship/destination.h"

enum { NSC_ALERT_NAME = NSC_SENSOR_MAX + 48, NSC_ALERT_UTC = 40 }; /* with NUL */

struct nsc_ship_alert {
	const struct nsc_segment *segment; /* sensor and run */
	uint64_t row;                      /* number of its row, from 1 on in each run */
	struct nsc_alert alert;
};

/* "rack7-006b0deed74ca47d-12": of the row, and the same whenever it is sent. */
void nsc_ship_alert_event(char name[NSC_ALERT_NAME], const struct nsc_ship_alert *alert);

/* "rack7-006b0deed74ca47d-a3": of the attack, for begin, updates and end. */
void nsc_ship_alert_attack(char name[NSC_ALERT_NAME], const struct nsc_ship_alert *alert);

/* "2023-11-14T22:13:20.000000Z", as RFC 3339 has it; a time before 1970 becomes 1970. */
void nsc_ship_alert_utc(char text[NSC_ALERT_UTC], uint64_t ns);

struct nsc_ship_alerts {
	struct nsc_destination *to;
	uint64_t max_age_s; /* of a segment, since it was begun; 0 = any */

	/* Sends one. NSC_SHIP_NEVER: this one is refused, and the next may be taken. */
	enum nsc_ship_verdict (*send)(struct nsc_destination *to, const struct nsc_ship_alert *alert,
				      struct nsc_error *error);
	/* Whether all that was sent of a segment has arrived. NSC_SHIP_AGAIN: it is sent from the begin. NULL: what was
	 * sent has arrived. */
	enum nsc_ship_verdict (*settle)(struct nsc_destination *to, struct nsc_error *error);

	char name[NSC_SEGMENT_NAME]; /* the segment of which rows below `next` are done */
	uint64_t next;
	bool outdated;     /* the last row was, which is said once */
	size_t have, used; /* bytes of the buffer */
	uint64_t at;       /* offset in the file behind the buffer */
	char buffer[64 << 10];
};

/* `now_s`: seconds since 1970. NSC_SHIP_DONE: nothing is left of it. NSC_SHIP_NEVER: it cannot be read. */
enum nsc_ship_verdict nsc_ship_alerts_send(struct nsc_ship_alerts *alerts, const struct nsc_queue_segment *segment,
					   uint64_t now_s, struct nsc_error *error);

#endif
