/* SPDX-License-Identifier: MIT
 *
 * What other sensors say. Somebody else asks them (tools/peers); here it is only passed on.
 */
#include "dashboard/server/server.h"

void nsc_api_peers(struct nsc_server *server, h2o_req_t *req)
{
	struct nsc_web *web = server->web;
	struct nsc_json json;

	if (!web->show_peers) {
		nsc_respond_error(server, req, 404, "no other sensors are known here: --web-peers");
		return;
	}
	nsc_json_init(&json, NSC_WEB_BODY_MAX);
	nsc_json_open(&json, '{');
	web->show_peers(web->peers, &json);
	nsc_json_close(&json, '}');
	nsc_respond_json(server, req, "application/json", &json);
}
