/* SPDX-License-Identifier: MIT
 *
 * Settings to dashboard options. Where this build has no dashboard the compiler drops each call of its server.
 */
#include "tools/netscope/dashboard.h"

#include "netscope/web.h"
#include "tools/netscope/options.h"
#include "tools/netscope/sandbox.h"
#include "tools/netscope/say.h"
#include "tools/netscope/signals.h"
#include "tools/netscope/version.h"
#include "tools/peers/peers.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HAS_SERVER = NSC_DASHBOARD, LOOK_MS = 200 };

static struct nsc_web_options web_options(const struct nsc_settings *settings)
{
	const struct nsc_web_settings *web = &settings->web;

	return (struct nsc_web_options){
		.bind = web->bind,
		.port = (uint16_t)web->port,
		.tick_ms = web->tick_ms,
		.top_n = web->top_n,
		.packet_buffer = web->packet_buffer,
		.sample_rate = web->sample_rate,
		.payload_bytes = web->payload_bytes,
		.allowed_hosts = web->allowed_hosts,
		.allowed_origins = web->allowed_origins,
		.links = web->links,
		.tls_cert = web->tls.enabled ? web->tls.cert_path : "",
		.tls_key = web->tls.enabled ? web->tls.key_path : "",
		.auth_user = web->auth.enabled ? web->auth.username : "",
		.auth_pass_file = web->auth.enabled ? web->auth.password_file : "",
		.version = NSC_VERSION,
		.track_sctp = settings->track_sctp || nsc_option_list_has(settings->track, "sctp"),
		.track_icmp = nsc_option_list_has(settings->track, "icmp"),
		.decap = settings->decap,
		.rtt = settings->rtt,
		.retrans = settings->retrans,
		.out_of_order = settings->out_of_order,
		.alerts = settings->anomalies,
		.names = (enum nsc_names)settings->names,
	};
}

int nsc_dashboard_check(const struct nsc_settings *settings, struct nsc_error *error)
{
	const struct nsc_web_settings *web = &settings->web;
	struct nsc_web_options options = web_options(settings);
	int status;

	if (!HAS_SERVER || !web->enabled)
		return 0;
	if (web->tls.enabled && (!web->tls.cert_path[0] || !web->tls.key_path[0]))
		return nsc_fail(error, -EINVAL, "--web-tls needs --web-tls-cert and --web-tls-key");
	if (web->auth.enabled && (!web->auth.username[0] || !web->auth.password_file[0]))
		return nsc_fail(error, -EINVAL, "--web-auth needs --web-auth-user and --web-auth-pass-file");
	status = nsc_web_check(&options, error);
	return status ? status : nsc_peers_check(web->peers, error);
}

static void show_peers(void *context, struct nsc_json *json)
{
	nsc_peers_show(context, json);
}

/* While files can be opened and names looked up. */
static int open_peers(struct nsc_dashboard *dashboard, const struct nsc_web_settings *web, struct nsc_error *error)
{
	const struct nsc_peers_asked asked = { web->peers, web->peers_password_file, web->peers_certificates };
	int status;

	if (!web->peers[0])
		return 0;
	status = nsc_peers_open(&dashboard->peers, &asked, error);
	if (status)
		return status;
	for (uint32_t i = 0; i < nsc_peers_count(dashboard->peers); i++)
		nsc_sandbox_connects(nsc_peers_port(dashboard->peers, i));
	nsc_web_peers_through(dashboard->web, show_peers, dashboard->peers, nsc_peers_count(dashboard->peers));
	return 0;
}

int nsc_dashboard_open(struct nsc_dashboard *dashboard, const struct nsc_settings *settings,
		       const struct nsc_dashboard_source *source, struct nsc_error *error)
{
	struct nsc_web_options options = web_options(settings);
	int status;

	if (!HAS_SERVER || !settings->web.enabled)
		return 0;
	dashboard->config_json = nsc_settings_json(settings);
	if (!dashboard->config_json)
		return nsc_fail(error, -ENOMEM, "no memory for the dashboard");
	options.config_json = dashboard->config_json;
	options.source = source->name;
	options.input = source->input ? source->input : "";
	options.clock = source->clock ? source->clock : "";
	options.files = source->files;
	options.live = source->live;
	options.interfaces = source->interfaces;
	options.interfaces_context = source->interfaces_context;
	options.tick_ns = source->tick_ns;
	options.profile = source->profile;
	options.profile_why = source->profile_why;
	options.doctor_json = source->doctor_json ? source->doctor_json : "";
	status = nsc_web_open(&dashboard->web, &options, error);
	return status ? status : open_peers(dashboard, &settings->web, error);
}

void nsc_dashboard_ask(const struct nsc_dashboard *dashboard, const struct nsc_settings *settings,
		       struct nsc_engine_options *options)
{
	if (!dashboard->web)
		return;
	options->sample_every = settings->web.packet_buffer ? settings->web.sample_rate : 0;
	options->sample_bytes = settings->web.payload_bytes;
	options->questions = true;
	options->rtts = true;
	options->ended_flows = settings->web.ended_flows;
	options->guests++;
	options->top_flows = NSC_MAX(options->top_flows, settings->web.top_n);
}

struct nsc_sink *nsc_dashboard_sink(const struct nsc_dashboard *dashboard)
{
	return HAS_SERVER && dashboard->web ? nsc_web_sink(dashboard->web) : NULL;
}

int nsc_dashboard_start(struct nsc_dashboard *dashboard, struct nsc_engine *engine, struct nsc_error *error)
{
	int status;

	if (!HAS_SERVER || !dashboard->web)
		return 0;
	status = nsc_web_start(dashboard->web, engine, error);
	if (!status && dashboard->peers)
		status = nsc_peers_start(dashboard->peers, error);
	if (!status)
		nsc_tell(stderr, "dashboard at %s", nsc_web_url(dashboard->web));
	return status;
}

static void dashboard_tell(struct nsc_dashboard *dashboard, enum nsc_web_state state, const char *text)
{
	if (HAS_SERVER && dashboard->web)
		nsc_web_tell(dashboard->web, state, text);
}

void nsc_dashboard_running(struct nsc_dashboard *dashboard)
{
	dashboard_tell(dashboard, NSC_WEB_RUNNING, "");
}

void nsc_dashboard_link(struct nsc_dashboard *dashboard, bool up, const char *text)
{
	if (dashboard->link_down == !up && !strcmp(dashboard->link_text, text))
		return;
	dashboard->link_down = !up;
	snprintf(dashboard->link_text, sizeof(dashboard->link_text), "%s", text);
	if (up && dashboard->output_failed[0])
		dashboard_tell(dashboard, NSC_WEB_OUTPUT_FAILED, dashboard->output_failed);
	else
		dashboard_tell(dashboard, up ? NSC_WEB_RUNNING : NSC_WEB_LINK_DOWN, text);
}

void nsc_dashboard_logins(struct nsc_dashboard *dashboard, uint64_t now_ns)
{
	uint64_t failed = HAS_SERVER && dashboard->web ? nsc_web_logins_failed(dashboard->web) : 0;

	if (failed == dashboard->logins_told ||
	    (dashboard->logins_told && now_ns - dashboard->logins_ns < 60 * NSC_NS_PER_SEC))
		return;
	nsc_tell_at(NSC_LEVEL_WARNING, stderr,
		    "the dashboard refused %" PRIu64 " request%s with a wrong name or password",
		    failed - dashboard->logins_told, failed - dashboard->logins_told == 1 ? "" : "s");
	dashboard->logins_told = failed;
	dashboard->logins_ns = now_ns;
}

void nsc_dashboard_outputs(struct nsc_dashboard *dashboard, const char *failure)
{
	if (!strcmp(dashboard->output_failed, failure))
		return;
	snprintf(dashboard->output_failed, sizeof(dashboard->output_failed), "%s", failure);
	if (!dashboard->link_down)
		dashboard_tell(dashboard, *failure ? NSC_WEB_OUTPUT_FAILED : NSC_WEB_RUNNING,
			       *failure ? failure : dashboard->link_text);
}

void nsc_dashboard_reloaded(struct nsc_dashboard *dashboard, bool taken)
{
	if (HAS_SERVER && dashboard->web)
		nsc_web_mark(dashboard->web, taken ? NSC_WEB_MARK_RELOAD : NSC_WEB_MARK_RELOAD_REFUSED,
			     taken ? "the configuration file was read again"
				   : "the configuration file was not taken over: something in it is wrong");
}

void nsc_dashboard_filter(struct nsc_dashboard *dashboard, const char *filter)
{
	if (HAS_SERVER && dashboard->web)
		nsc_web_mark(dashboard->web, NSC_WEB_MARK_FILTER, *filter ? filter : "no filter");
}

void nsc_dashboard_ended(struct nsc_dashboard *dashboard, const char *failure)
{
	dashboard_tell(dashboard, failure ? NSC_WEB_FAILED : NSC_WEB_ENDED,
		       failure ? failure : "the input has ended; what was seen stays on show");
}

void nsc_dashboard_linger(struct nsc_dashboard *dashboard, void (*each)(void *), void *context)
{
	if (!HAS_SERVER || !dashboard->web || nsc_signals_received())
		return;
	nsc_tell(stderr, "the input has ended; the dashboard stays at %s until Ctrl-C", nsc_web_url(dashboard->web));
	while (!nsc_signals_received()) {
		poll(NULL, 0, LOOK_MS);
		each(context);
	}
}

void nsc_dashboard_close(struct nsc_dashboard *dashboard)
{
	if (HAS_SERVER)
		nsc_web_close(dashboard->web);
	if (HAS_SERVER)
		nsc_peers_close(dashboard->peers);
	free(dashboard->config_json);
	*dashboard = (struct nsc_dashboard){ .web = NULL };
}
