/* SPDX-License-Identifier: MIT
 *
 * Attacks as states under /api. What somebody says of them holds for all clients, so only a server that knows who asks
 * lets it be said; a browser keeps it for itself otherwise.
 */
#include "dashboard/server/server.h"

void nsc_api_episodes(struct nsc_server *server, h2o_req_t *req)
{
	struct nsc_web *web = server->web;
	struct nsc_json json;

	nsc_json_init(&json, NSC_WEB_BODY_MAX);
	nsc_json_open(&json, '{');
	nsc_json_add_text(&json, "boot_id", web->boot_id);
	nsc_json_add_bool(&json, "shared", web->authenticates);
	pthread_mutex_lock(&web->mutex);
	nsc_episodes_show_open(&web->episodes, &json);
	nsc_episodes_show(&web->episodes, &json);
	pthread_mutex_unlock(&web->mutex);
	nsc_json_close(&json, '}');
	nsc_respond_json(server, req, "application/json", &json);
}

/* False: answered. */
static bool episodes_may_change(struct nsc_server *server, h2o_req_t *req)
{
	if (server->web->authenticates)
		return true;
	nsc_respond_error(server, req, 403,
			  "what is said here holds for all clients: it takes --web-auth; a browser keeps its own");
	return false;
}

/* `on` is 1, or 0 to take it back. */
void nsc_api_episode_seen(struct nsc_server *server, h2o_req_t *req)
{
	struct nsc_web *web = server->web;
	uint64_t id = 0, on = 1;
	bool known;

	if (!episodes_may_change(server, req) || !nsc_api_number(server, req, "id", 1, INT64_MAX, &id) ||
	    !nsc_api_number(server, req, "on", 0, 1, &on))
		return;
	pthread_mutex_lock(&web->mutex);
	known = nsc_episodes_see(&web->episodes, id, on);
	pthread_mutex_unlock(&web->mutex);
	if (known)
		nsc_api_episodes(server, req);
	else
		nsc_respond_error(server, req, 404, "id: no such episode is kept");
}

void nsc_api_episode_mute(struct nsc_server *server, h2o_req_t *req)
{
	struct nsc_span key = nsc_parameter(req, "key");
	struct nsc_web *web = server->web;
	uint64_t on = 1;
	bool done;

	if (!episodes_may_change(server, req) || !nsc_api_number(server, req, "on", 0, 1, &on))
		return;
	if (!key.text || !nsc_episode_is_key(key.text, key.length)) {
		nsc_respond_error(server, req, 400, "key is a kind of alerts, a space and a target: as in an episode");
		return;
	}
	pthread_mutex_lock(&web->mutex);
	done = nsc_episodes_mute(&web->episodes, key.text, on);
	pthread_mutex_unlock(&web->mutex);
	if (done)
		nsc_api_episodes(server, req);
	else
		nsc_respond_error(server, req, 429, "%d are muted, the most: take one back first", NSC_MUTES_MAX);
}
