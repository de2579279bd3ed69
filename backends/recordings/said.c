/* SPDX-License-Identifier: MIT
 *
 * A recording that is no capture file: what both sides of a flow said, as JSON. It is written when the walk has ended,
 * and goes out a piece at a time.
 */
#include "backends/recordings/recording.h"

#include <errno.h>
#include <string.h>

int nsc_recording_follow_begin(struct nsc_recording *r, struct nsc_error *error)
{
	nsc_json_init(&r->said, NSC_FOLLOW_JSON_MOST);
	r->said_sent = 0;
	return nsc_follow_open(&r->follow, r->request.ask.choice.proto, error);
}

static int recording_follow_write(struct nsc_recording *r, struct nsc_error *error)
{
	uint64_t since_ns = nsc_recorder_held_since(r->recorder);
	const struct nsc_follow_source source = {
		.name = "recorder",
		.kept = r->request.about,
		.since_ns = since_ns ? since_ns : NSC_UNKNOWN,
		.overwritten = nsc_recording_numbers(r).overwritten,
	};

	nsc_follow_finish(r->follow);
	nsc_follow_json(r->follow, &source, &r->said);
	if (!r->said.out.full)
		return 0;
	return nsc_fail(error, -ENOMEM, "no memory to tell what a flow said");
}

int nsc_recording_follow_piece(struct nsc_recording *r, uint8_t *at, uint32_t room, struct nsc_error *error)
{
	size_t n;
	int status = r->said.out.length ? 0 : recording_follow_write(r, error);

	if (status)
		return status;
	n = NSC_MIN((size_t)room, r->said.out.length - r->said_sent);
	memcpy(at, r->said.out.data + r->said_sent, n);
	r->said_sent += n;
	return (int)n;
}

bool nsc_recording_follow_is_told(const struct nsc_recording *r)
{
	return r->said.out.length && r->said_sent == r->said.out.length;
}

void nsc_recording_follow_end(struct nsc_recording *r)
{
	if (!r->follow)
		return;
	nsc_follow_close(r->follow);
	nsc_json_free(&r->said);
	r->follow = NULL;
}
