/* SPDX-License-Identifier: MIT
 *
 * A lane for each destination sends; control looks, tells, and waits for signals. There is nothing to clean up at the
 * end.
 */
#include "tools/ship/ship.h"

#include "netscope/clock.h"
#include "tools/netscope/notify.h"
#include "tools/netscope/privileges.h"
#include "tools/netscope/sandbox.h"
#include "tools/netscope/say.h"
#include "tools/ship/schema.h"
#include "tools/ship/scrape.h"
#include "tools/ship/state.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

enum {
	ROUND_MS = 100, /* between two looks at signals and the service manager */
	LOOK_EVERY_MS = 1000,
	TELL_EVERY_S = 10,
	ONCE_MS = 20, /* --once */
	LEAVE_S = 3,  /* for what is on its way when it is asked to end */
	SERVERS_TEXT = NSC_SHIP_SERVERS * NSC_DESTINATION_URL,
};

struct ship {
	int folder, lock;
	bool once;
	struct nsc_queue_takers takers;
	struct nsc_notify notify;
	struct nsc_scrape *scrape; /* NULL: nobody may ask */
	struct nsc_ship_state state;
	uint64_t look_ns, told_ns; /* CLOCK_MONOTONIC of the next ones */
	uint32_t n;
	struct nsc_lane lane[NSC_SHIP_SERVERS];
};

/* --- open ------------------------------------------------------------------------------------- */

static int ship_open_destinations(struct ship *ship, const struct nsc_settings *settings, struct nsc_error *error)
{
	char list[4096], *rest = list, *url;
	int status = 0;

	if (strlen(settings->ship.to) >= sizeof(list))
		return nsc_fail(error, -EINVAL, "--to: that is too long");
	strcpy(list, settings->ship.to);
	while (!status && (url = strsep(&rest, ","))) {
		if (ship->n == NSC_SHIP_SERVERS)
			return nsc_fail(error, -EINVAL, "--to: at most %d servers", NSC_SHIP_SERVERS);
		status = nsc_destination_open(&ship->lane[ship->n++].to, url, settings, error);
	}
	return status;
}

static int ship_open_folder(struct ship *ship, const char *path, struct nsc_error *error)
{
	ship->folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (ship->folder < 0)
		return nsc_fail(error, -errno, "the spool %.300s: cannot be opened: %s", path, strerror(errno));
	return 0;
}

static int ship_lock(struct ship *ship, struct nsc_error *error)
{
	ship->lock = openat(ship->folder, ".ship-lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (ship->lock < 0)
		return nsc_fail(error, -errno, "the spool cannot be written: %s", strerror(errno));
	if (flock(ship->lock, LOCK_EX | LOCK_NB))
		return nsc_fail(error, -EBUSY, "another netscope ship sends from this spool");
	return 0;
}

/* Who takes what: servers of a database share its segments, everything else gets all of its kinds. */
static int ship_share(struct ship *ship, struct nsc_error *error)
{
	ship->takers.folder = ship->folder;
	for (uint32_t i = 0; i < ship->n; i++) {
		struct nsc_queue *queue = &ship->lane[i].queue;
		const struct nsc_destination *to = ship->lane[i].to;
		char id[NSC_SEGMENT_TAKER] = NSC_SEGMENT_DATABASE;
		uint32_t before = ship->takers.n;

		if (!to->ops->shared)
			nsc_queue_taker_id(id, to->url);
		*queue = (struct nsc_queue){ .takers = &ship->takers };
		queue->taker = nsc_queue_takers_add(&ship->takers, id, to->ops->takes);
		if (!to->ops->shared && ship->takers.n == before)
			return nsc_fail(error, -EINVAL, "--to: %.200s is there twice", to->url);
		for (uint32_t other = 0; other < ship->n; other++) {
			bool same = to->ops->shared ? ship->lane[other].to->ops == to->ops : other == i;

			queue->part += same && other < i;
			queue->parts += same;
		}
	}
	return 0;
}

/* Servers that share the segments, "a,b", and the index of their taker. False: there are none. */
static bool ship_name_servers(const struct ship *ship, char list[SERVERS_TEXT], uint32_t *taker)
{
	size_t used = 0;

	list[0] = '\0';
	for (uint32_t i = 0; i < ship->n; i++)
		if (ship->lane[i].to->ops->shared) {
			used += (size_t)snprintf(list + used, SERVERS_TEXT - used, "%s%s", used ? "," : "",
						 ship->lane[i].to->url);
			*taker = ship->lane[i].queue.taker;
		}
	return used;
}

/* A segment that an earlier run may have sent belongs to the server that it was sent to. */
static int ship_keep_servers(struct ship *ship, struct nsc_error *error)
{
	static struct nsc_queue queue;
	struct nsc_queue_segment segment;
	char before[SERVERS_TEXT] = "", now[SERVERS_TEXT];
	uint32_t taker;
	ssize_t n = pread(ship->lock, before, sizeof(before) - 1, 0);

	if (!ship_name_servers(ship, now, &taker))
		return 0;
	if (n > 0 && strcmp(before, now)) {
		queue = (struct nsc_queue){ .takers = &ship->takers, .taker = taker, .parts = 1 };
		if (nsc_queue_take(&queue, &segment)) {
			nsc_queue_put_back(&queue, &segment);
			return nsc_fail(error, -EINVAL,
					"--to: segments of this spool were sent to %.200s: send what waits with these "
					"servers first",
					before);
		}
	}
	if (ftruncate(ship->lock, 0) || pwrite(ship->lock, now, strlen(now), 0) < 0)
		return nsc_fail(error, -errno, "the spool cannot be written: %s", strerror(errno));
	return 0;
}

/* Nothing is thrown away for want of a destination: the sensor's limit holds for it. */
static void ship_name_untaken(const struct ship *ship)
{
	uint32_t taken = 0;

	for (uint32_t i = 0; i < ship->takers.n; i++)
		taken |= ship->takers.taker[i].kinds;
	for (unsigned kind = 0; kind < NSC_SEGMENT_KIND_COUNT; kind++)
		if (!(taken & 1u << kind))
			nsc_tell(stderr, "no destination of --to takes segments of %s: they stay in the spool",
				 nsc_segment_kind_names[kind]);
}

static int ship_confine(const struct ship *ship, const struct nsc_settings *settings, struct nsc_error *error)
{
	struct nsc_settings confined = *settings;

	if (!nsc_privileges_wanted(settings, true))
		return 0;
	for (uint32_t i = 0; i < ship->n; i++)
		if (ship->lane[i].to->port)
			confined.ship.port[confined.ship.ports++] = ship->lane[i].to->port;
	return nsc_privileges_confine(&confined, error);
}

/* --- while it sends --------------------------------------------------------------------------- */

static volatile sig_atomic_t ending;

static void on_end(int signum)
{
	ending = signum;
}

/* Signals come while control waits, and at no other time. */
static void ship_take_signals(sigset_t *waiting)
{
	const struct sigaction action = { .sa_handler = on_end };
	sigset_t ends;

	sigemptyset(&ends);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &ends, waiting);
	sigdelset(waiting, SIGINT);
	sigdelset(waiting, SIGTERM);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

static int ship_start_lanes(struct ship *ship, struct nsc_error *error)
{
	int status = 0;

	for (uint32_t i = 0; i < ship->n && !status; i++) {
		ship->lane[i].once = ship->once;
		status = nsc_lane_start(&ship->lane[i], error);
		for (uint32_t before = 0; status && before < i; before++) {
			nsc_lane_stop(&ship->lane[before]);
			nsc_lane_join(&ship->lane[before]);
		}
	}
	return status;
}

static void ship_write_status(const struct ship *ship)
{
	int fd = openat(ship->folder, ".status.tmp", O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "w");

	if (!file) {
		if (fd >= 0)
			close(fd);
		return;
	}
	nsc_ship_state_print_places(file, &ship->state);
	fclose(file);
	renameat(ship->folder, ".status.tmp", ship->folder, ".status");
}

/* A look at a large spool takes its time: a twentieth of all time at most. */
static void ship_look(struct ship *ship, uint64_t now_ns)
{
	char sentence[NSC_NOTIFY_TEXT];
	uint64_t took_ns;

	if (now_ns < ship->look_ns && !ship->once)
		return;
	nsc_queue_takers_settle(&ship->takers, true);
	nsc_ship_state_look(&ship->state, ship->folder, ship->lane, ship->n);
	ship_write_status(ship);
	took_ns = nsc_monotonic_ns() - now_ns;
	ship->look_ns = now_ns + NSC_MAX(LOOK_EVERY_MS * 1000000ull, 20 * took_ns);
	if (now_ns < ship->told_ns)
		return;
	ship->told_ns = now_ns + TELL_EVERY_S * NSC_NS_PER_SEC;
	nsc_ship_state_sentence(sentence, sizeof(sentence), &ship->state);
	nsc_notify_status(&ship->notify, sentence);
}

static void ship_feed(struct ship *ship, uint64_t now_ns)
{
	bool due = nsc_notify_look(&ship->notify, now_ns);

	for (uint32_t i = 0; i < ship->n; i++)
		due = due && nsc_lane_is_alive(&ship->lane[i], now_ns);
	if (due)
		nsc_notify_alive(&ship->notify, now_ns);
}

static bool ship_has_ended(struct ship *ship)
{
	bool ended = true;

	for (uint32_t i = 0; i < ship->n; i++)
		ended = nsc_lane_sums(&ship->lane[i]).ended && ended;
	return ended;
}

static void ship_write_metrics(struct nsc_buffer *out, const void *context)
{
	nsc_ship_state_metrics(out, context);
}

static void ship_wait(struct ship *ship, unsigned ms, const sigset_t *waiting)
{
	nsc_scrape_wait(ship->scrape, ms, waiting, ship_write_metrics, &ship->state);
}

/* What is on its way may end, so that it does not come twice; then the signal does what it did. A second one does so at
 * once. */
static void ship_die(struct ship *ship, const sigset_t *waiting)
{
	uint64_t end_ns = nsc_monotonic_ns() + LEAVE_S * NSC_NS_PER_SEC;
	int signum = ending;
	bool idle;

	nsc_notify_state(&ship->notify, "STOPPING=1");
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	do {
		idle = true;
		for (uint32_t i = 0; i < ship->n; i++)
			idle = nsc_lane_stop(&ship->lane[i]) && idle;
		if (!idle)
			ship_wait(ship, ONCE_MS, waiting);
	} while (!idle && nsc_monotonic_ns() < end_ns);
	nsc_ship_state_look(&ship->state, ship->folder, ship->lane, ship->n);
	ship_write_status(ship);
	raise(signum);
	pthread_sigmask(SIG_SETMASK, waiting, NULL);
}

static int ship_run(struct ship *ship, struct nsc_error *error)
{
	sigset_t waiting;
	bool ended = false;
	int status;

	nsc_queue_takers_settle(&ship->takers, false);
	ship_name_untaken(ship);
	ship_take_signals(&waiting);
	status = ship_start_lanes(ship, error);
	if (status)
		return status;
	nsc_notify_state(&ship->notify, "READY=1");
	while (!ended) {
		uint64_t now_ns = nsc_monotonic_ns();

		ended = ship_has_ended(ship);
		ship_look(ship, now_ns);
		ship_feed(ship, now_ns);
		if (!ended)
			ship_wait(ship, ship->once ? ONCE_MS : ROUND_MS, &waiting);
		if (ending)
			ship_die(ship, &waiting);
	}
	nsc_notify_state(&ship->notify, "STOPPING=1");
	for (uint32_t i = 0; i < ship->n; i++)
		nsc_lane_join(&ship->lane[i]);
	for (uint32_t i = 0; i < ship->n; i++) {
		struct nsc_lane_sums sums = nsc_lane_sums(&ship->lane[i]);

		if (sums.gave_up || sums.refused)
			return nsc_fail(error, -EIO, "segments are left: %.400s", sums.why.text);
		if (ship->lane[i].to->unwanted)
			return nsc_fail(error, -EIO, "%.200s: refused %llu rows", ship->lane[i].to->url,
					(unsigned long long)ship->lane[i].to->unwanted);
	}
	return 0;
}

static int ship_print_status(FILE *out, const struct ship *ship)
{
	struct nsc_ship_state state;
	char line[4096];
	ssize_t n;
	int text;

	nsc_ship_state_look(&state, ship->folder, NULL, 0);
	nsc_ship_state_print_waiting(out, &state);
	text = openat(ship->folder, ".status", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	while (text >= 0 && (n = read(text, line, sizeof(line))) > 0)
		fwrite(line, 1, (size_t)n, out);
	if (text >= 0)
		close(text);
	return 0;
}

/* --- tables ----------------------------------------------------------------------------------- */

static int ship_tables(FILE *out, struct ship *ship, const struct nsc_settings *settings, struct nsc_error *error)
{
	int status = 0;

	for (uint32_t i = 0; i < ship->n && !status; i++) {
		struct nsc_destination *to = ship->lane[i].to;

		if (settings->ship.init && to->ops->init)
			status = to->ops->init(out, to, error);
		if (!status && to->ops->check)
			status = to->ops->check(settings->check ? out : NULL, to, error);
	}
	return status;
}

/* --- the command ------------------------------------------------------------------------------ */

static int ship_check_options(const struct nsc_settings *settings, struct nsc_error *error)
{
	bool tables = settings->ship.init || settings->check;

	if (!settings->out.spool[0] && !tables)
		return nsc_fail(error, -EINVAL, "netscope ship sends from a folder: name it with --spool FOLDER");
	if (!settings->ship.to[0] && !settings->ship.init && !settings->ship.status)
		return nsc_fail(error, -EINVAL,
				"netscope ship sends to a server: name it with --to http://HOST:8123, several as a,b");
	return 0;
}

/* The socket of a service manager, before the process is confined. */
static void ship_open_notify(struct ship *ship)
{
	struct nsc_error error;

	if (nsc_notify_open(&ship->notify, &error))
		nsc_say(&error);
	nsc_sandbox_speaks(ship->notify.fd);
}

static int ship_open_scrape(struct ship *ship, const struct nsc_settings *settings, struct nsc_error *error)
{
	int status = settings->ship.metrics[0] ? nsc_scrape_open(&ship->scrape, settings->ship.metrics, error) : 0;

	if (!status && ship->scrape)
		nsc_tell(stderr, "metrics: %s", nsc_scrape_url(ship->scrape));
	return status;
}

static int ship_send(struct ship *ship, const struct nsc_settings *settings, struct nsc_error *error)
{
	int status = ship_open_scrape(ship, settings, error);

	ship_open_notify(ship);
	if (!status && nsc_privileges_wanted(settings, true))
		status = nsc_privileges_drop(settings, error);
	if (!status)
		status = ship_open_folder(ship, settings->out.spool, error);
	if (!status)
		status = ship_lock(ship, error);
	if (!status)
		status = ship_share(ship, error);
	if (!status)
		status = ship_keep_servers(ship, error);
	if (!status)
		status = ship_confine(ship, settings, error);
	return status ? status : ship_run(ship, error);
}

int nsc_ship(FILE *out, const struct nsc_settings *settings, struct nsc_error *error)
{
	struct ship *ship = calloc(1, sizeof(*ship));
	int status = ship_check_options(settings, error);

	if (!ship)
		return nsc_fail(error, -ENOMEM, "no memory for netscope ship");
	ship->folder = ship->lock = ship->notify.fd = -1;
	ship->once = settings->once;
	pthread_mutex_init(&ship->takers.mutex, NULL);
	if (!status && settings->ship.init && !settings->ship.to[0])
		nsc_ship_schema(out, false);
	else if (!status && settings->ship.status)
		(void)((status = ship_open_folder(ship, settings->out.spool, error)) || ship_print_status(out, ship));
	else if (!status) {
		status = ship_open_destinations(ship, settings, error);
		if (!status && (settings->ship.init || settings->check))
			status = ship_tables(out, ship, settings, error);
		else if (!status)
			status = ship_send(ship, settings, error);
	}
	for (uint32_t i = 0; i < ship->n; i++)
		nsc_destination_close(ship->lane[i].to);
	nsc_scrape_close(ship->scrape);
	nsc_notify_close(&ship->notify);
	if (ship->lock >= 0)
		close(ship->lock);
	if (ship->folder >= 0)
		close(ship->folder);
	free(ship);
	return status;
}
