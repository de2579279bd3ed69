/* SPDX-License-Identifier: MIT
 *
 * The profile: what was sampled, in the formats of engine/text/profile.h, and the two requests that start and stop it.
 */
#include "dashboard/server/server.h"

#include "engine/text/profile.h"
#include "netscope/profile.h"

/* The names of functions come after the stacks. */
enum { TREE_STACKS = NSC_WEB_BODY_MAX - 1024 * 1024, DOWNLOAD_MAX = 16 * 1024 * 1024 };

static const struct {
	const char *word, *type, *file; /* file: NULL = not for a download */
} formats[] = {
	[NSC_PROFILE_TREE] = { "tree", "application/json", NULL },
	[NSC_PROFILE_FOLDED] = { "folded", "text/plain; charset=utf-8", "attachment; filename=\"netscope.folded\"" },
	[NSC_PROFILE_SPEEDSCOPE] = { "speedscope", "application/json",
				     "attachment; filename=\"netscope.speedscope.json\"" },
	[NSC_PROFILE_PPROF] = { "pprof", "application/octet-stream", "attachment; filename=\"netscope.pb.gz\"" },
};

static bool profile_is_there(struct nsc_server *server, h2o_req_t *req)
{
	const struct nsc_web_options *options = &server->web->options;

	if (!options->profile)
		nsc_respond_error(server, req, 503, "%s",
				  options->profile_why && options->profile_why[0] ? options->profile_why
										  : "there is no profile");
	return options->profile;
}

/* False: answered. */
static bool profile_format(struct nsc_server *server, h2o_req_t *req, enum nsc_profile_format *format)
{
	struct nsc_span word = nsc_parameter(req, "format");

	*format = NSC_PROFILE_TREE;
	if (!word.text)
		return true;
	for (size_t i = 0; i < NSC_ARRAY_LEN(formats); i++)
		if (nsc_span_is(word, formats[i].word)) {
			*format = (enum nsc_profile_format)i;
			return true;
		}
	nsc_respond_error(server, req, 400, "format is tree, folded, speedscope or pprof");
	return false;
}

/* False: answered. */
static bool profile_choice(struct nsc_server *server, h2o_req_t *req, struct nsc_profile_choice *choice)
{
	uint64_t from = 0, to = INT64_MAX, thread = UINT64_MAX, core = UINT64_MAX;

	if (!nsc_api_number(server, req, "from", 0, INT64_MAX, &from) ||
	    !nsc_api_number(server, req, "to", from, INT64_MAX, &to) ||
	    !nsc_api_number(server, req, "thread", 0, NSC_PROFILE_THREADS - 1, &thread) ||
	    !nsc_api_number(server, req, "core", 0, UINT16_MAX, &core))
		return false;
	*choice = (struct nsc_profile_choice){
		.from_ns = from,
		.to_ns = to,
		.thread = thread == UINT64_MAX ? -1 : (int32_t)thread,
		.core = core == UINT64_MAX ? -1 : (int32_t)core,
	};
	return true;
}

static void profile_answer_tree(struct nsc_server *server, h2o_req_t *req, const struct nsc_profile_report *report)
{
	struct nsc_json json;

	nsc_json_init(&json, NSC_WEB_BODY_MAX);
	nsc_json_open(&json, '{');
	nsc_json_add_bool(&json, "available", true);
	nsc_profile_tree(&json, report, TREE_STACKS);
	nsc_json_close(&json, '}');
	nsc_respond_json(server, req, formats[NSC_PROFILE_TREE].type, &json);
}

static void profile_answer_none(struct nsc_server *server, h2o_req_t *req)
{
	const char *why = server->web->options.profile_why;
	struct nsc_json json;

	nsc_json_init(&json, NSC_WEB_BODY_MAX);
	nsc_json_open(&json, '{');
	nsc_json_add_bool(&json, "available", false);
	nsc_json_add_text(&json, "reason", why && why[0] ? why : "there is no profile");
	nsc_json_close(&json, '}');
	nsc_respond_json(server, req, formats[NSC_PROFILE_TREE].type, &json);
}

void nsc_api_profile(struct nsc_server *server, h2o_req_t *req)
{
	struct nsc_profile_report *report;
	struct nsc_profile_choice choice;
	enum nsc_profile_format format;
	struct nsc_error error;
	struct nsc_json text;

	if (!profile_format(server, req, &format) || !profile_choice(server, req, &choice))
		return;
	if (!server->web->options.profile && format == NSC_PROFILE_TREE) {
		profile_answer_none(server, req);
		return;
	}
	if (!profile_is_there(server, req))
		return;
	choice.together = !nsc_profile_format_has_cores(format);
	report = h2o_mem_alloc_pool(&req->pool, sizeof(*report));
	if (nsc_profile_report_open(report, server->web->options.profile, &choice, &error)) {
		nsc_respond_error(server, req, 503, "%s", error.text);
		return;
	}
	if (format == NSC_PROFILE_TREE) {
		profile_answer_tree(server, req, report);
	} else {
		nsc_json_init(&text, DOWNLOAD_MAX);
		nsc_profile_write(&text, report, format);
		nsc_respond_header(req, "content-disposition", formats[format].file);
		nsc_respond_json(server, req, formats[format].type, &text);
	}
	nsc_profile_report_close(report);
}

static void profile_switch(struct nsc_server *server, h2o_req_t *req, bool running)
{
	struct nsc_json json;

	if (!profile_is_there(server, req))
		return;
	nsc_profile_run(server->web->options.profile, running);
	nsc_json_init(&json, NSC_WEB_BODY_MAX);
	nsc_json_open(&json, '{');
	nsc_json_add_bool(&json, "running", running);
	nsc_json_close(&json, '}');
	nsc_respond_json(server, req, formats[NSC_PROFILE_TREE].type, &json);
}

void nsc_api_profile_start(struct nsc_server *server, h2o_req_t *req)
{
	profile_switch(server, req, true);
}

void nsc_api_profile_stop(struct nsc_server *server, h2o_req_t *req)
{
	profile_switch(server, req, false);
}
