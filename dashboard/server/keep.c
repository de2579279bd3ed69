/* SPDX-License-Identifier: MIT
 *
 * History that outlasts the program: read once, saved now and then by the dashboard's thread, and by control at the
 * end. Where the bytes go is the keeper's affair.
 */
#include "dashboard/server/server.h"

#include <errno.h>
#include <stdio.h>

#define FIRST_NS (10 * NSC_NS_PER_SEC) /* so soon somebody learns that it cannot be written */
#define EVERY_NS (60 * NSC_NS_PER_SEC)

/* The source of a file is its kind: files come and go. */
static void kept_name_sensor(struct nsc_web *web, const char *where)
{
	const struct nsc_web_options *o = &web->options;

	snprintf(web->kept.sensor, sizeof(web->kept.sensor), "%s%s%s", where, *where ? ", " : "",
		 o->live && o->input[0] ? o->input : o->source);
}

int nsc_web_keep(struct nsc_web *web, const struct nsc_web_keeper *keeper, const void *bytes, size_t n,
		 struct nsc_error *error)
{
	web->kept.keeper = *keeper;
	web->kept.due_ns = nsc_monotonic_ns() + FIRST_NS;
	kept_name_sensor(web, keeper->where);
	web->episodes.apart = !web->authenticates;
	return n ? nsc_history_read(&web->history, &web->events, &web->episodes, bytes, n, web->kept.sensor, error) : 0;
}

/* What lies behind this run is not shown, and would be lost with the next save. */
static int kept_look_ahead(struct nsc_web *web, struct nsc_error *error)
{
	struct nsc_web_kept *kept = &web->kept;
	struct nsc_error said;
	bool ahead;
	int status;

	pthread_mutex_lock(&web->mutex);
	ahead = nsc_history_is_ahead(&web->history);
	pthread_mutex_unlock(&web->mutex);
	status = ahead ? kept->keeper.set_aside(kept->keeper.context, &said) : 0;
	if (status < 0) {
		*error = said;
	} else if (status) {
		pthread_mutex_lock(&web->mutex);
		kept->said = said;
		kept->news = true;
		pthread_mutex_unlock(&web->mutex);
	}
	return NSC_MIN(status, 0);
}

static int kept_save(struct nsc_web *web, struct nsc_error *error)
{
	struct nsc_web_kept *kept = &web->kept;
	struct nsc_buffer out = nsc_buffer_open(NSC_HISTORY_FILE_MAX);
	int status = kept->looked ? 0 : kept_look_ahead(web, error);

	if (status)
		return status;
	kept->looked = true;
	nsc_history_write(&web->history, &web->events, &web->episodes, &web->mutex, kept->sensor, &out);
	status = out.full ? nsc_fail(error, -ENOMEM, "%s: no memory for the history", kept->keeper.name)
			  : kept->keeper.save(kept->keeper.context, out.data, out.length, error);
	nsc_buffer_close(&out);
	return status;
}

void nsc_web_keep_look(struct nsc_web *web, uint64_t now_ns)
{
	struct nsc_web_kept *kept = &web->kept;
	struct nsc_error error;
	bool seen;
	int status;

	if (!kept->due_ns || now_ns < kept->due_ns)
		return;
	kept->due_ns = now_ns + EVERY_NS;
	pthread_mutex_lock(&web->mutex);
	seen = web->history.end_ns;
	pthread_mutex_unlock(&web->mutex);
	if (!seen)
		return;
	status = kept_save(web, &error);
	pthread_mutex_lock(&web->mutex);
	kept->recovered |= kept->status && !status;
	kept->status = status;
	if (status)
		kept->error = error;
	pthread_mutex_unlock(&web->mutex);
}

int nsc_web_keep_check(struct nsc_sink *sink, struct nsc_error *error)
{
	struct nsc_web *web = (struct nsc_web *)sink;
	int status;

	pthread_mutex_lock(&web->mutex);
	status = web->kept.status;
	if (status)
		*error = web->kept.error;
	else if (web->kept.recovered)
		status = nsc_fail(error, 1, "%.300s: the history is saved again", web->kept.keeper.name);
	web->kept.recovered = false;
	pthread_mutex_unlock(&web->mutex);
	return status;
}

bool nsc_web_keep_news(struct nsc_web *web, struct nsc_error *said)
{
	bool news;

	pthread_mutex_lock(&web->mutex);
	news = web->kept.news;
	if (news)
		*said = web->kept.said;
	web->kept.news = false;
	pthread_mutex_unlock(&web->mutex);
	return news;
}

int nsc_web_save(struct nsc_web *web, struct nsc_error *error)
{
	nsc_web_stop(web);
	return web->kept.due_ns && web->history.end_ns ? kept_save(web, error) : 0;
}
