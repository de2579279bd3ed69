/* SPDX-License-Identifier: MIT
 *
 * What both sides of a flow said, out of the flight recorder, or out of the samples.
 */
#include "netscope/follow.h"
#include "dashboard/server/server.h"

static void follow_samples_add(const struct nsc_samples *samples, struct nsc_packet_matcher *matcher,
			       struct nsc_follow *follow)
{
	for (uint64_t id = nsc_samples_oldest(samples); id <= samples->seen; id++) {
		struct nsc_packet pkt = nsc_packet_of(&nsc_samples_find(samples, id)->record);

		if (nsc_packet_match_burst(matcher, &pkt, 1))
			nsc_follow_add(follow, &pkt);
	}
}

static void follow_samples(struct nsc_server *server, h2o_req_t *req, struct nsc_packet_choice *choice)
{
	const struct nsc_samples *samples = &server->web->samples;
	const struct nsc_sample *oldest = nsc_samples_find(samples, nsc_samples_oldest(samples));
	const struct nsc_follow_source source = {
		.name = "samples",
		.kept = nsc_samples_kept(server->web, req),
		.since_ns = oldest ? oldest->record.ts_ns : NSC_UNKNOWN,
	};
	struct nsc_packet_matcher matcher;
	struct nsc_follow *follow;
	struct nsc_error error;
	struct nsc_json json;

	if (nsc_follow_open(&follow, choice->proto, &error)) {
		nsc_respond_error(server, req, 503, "%s", error.text);
		return;
	}
	nsc_sampling_looked(&server->web->sampling, nsc_monotonic_ns());
	nsc_packet_matcher_init(&matcher, choice, &samples->decode);
	follow_samples_add(samples, &matcher, follow);
	nsc_follow_finish(follow);
	nsc_json_init(&json, NSC_FOLLOW_JSON_MOST);
	nsc_follow_json(follow, &source, &json);
	nsc_follow_close(follow);
	nsc_respond_json(server, req, "application/json", &json);
}

void nsc_api_follow(struct nsc_server *server, h2o_req_t *req)
{
	struct nsc_span source = nsc_parameter(req, "source");
	struct nsc_record_ask ask = { .follow = true };
	bool recorder = source.text ? nsc_span_is(source, "recorder") : server->web->record != NULL;

	if (source.text && !recorder && !nsc_span_is(source, "samples")) {
		nsc_respond_error(server, req, 400, "source is recorder or samples");
		return;
	}
	if (!nsc_api_choice(server, req, &ask.choice))
		return;
	if (!nsc_packet_choice_can_follow(&ask.choice))
		nsc_respond_error(
			server, req, 400,
			"flow: wanted a flow of TCP or UDP with its ports, as in tcp-10.0.0.1-80-10.0.0.2-4242");
	else if (recorder)
		nsc_recorder_answer(server, req, &ask);
	else
		follow_samples(server, req, nsc_samples_settle(server->web, &ask.choice));
}
