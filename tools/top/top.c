/* SPDX-License-Identifier: MIT
 *
 * The loop: ask, read, draw. Keys and signals are answered while questions are under way.
 */
#include "tools/top/top.h"

#include "netscope/clock.h"
#include "tools/netscope/outputs.h"
#include "tools/netscope/privileges.h"
#include "tools/top/client.h"
#include "tools/top/draw.h"
#include "tools/top/tty.h"

#include <errno.h>
#include <locale.h>
#include <math.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum {
	FLOWS_ASKED = NSC_TOP_FLOWS,
	COLUMNS = 80,
	ROWS = 24,
	GONE_REDRAW_MS = 1000, /* for how long it has been gone */
	AGAIN_NS = 1000000000, /* between two tries */
};

struct top {
	struct nsc_top_client *client;
	struct nsc_top_numbers numbers;
	struct nsc_top_choice choice;
	struct nsc_top_contact contact;
	struct nsc_screen screen;
	char why[NSC_TOP_WHY], flows_why[NSC_TOP_WHY];
	bool hopeless;
	bool failed; /* in this round; what the summary says is the better reason */
	bool has[NSC_TOP_QUESTIONS];
	uint64_t interval_ns, next_ns, gone_ns;
};

static double top_wall(void)
{
	return (double)nsc_clock_ns(CLOCK_REALTIME) / NSC_NS_PER_SEC;
}

/* --- open ------------------------------------------------------------------------------------- */

/* Without --url the dashboard of the same configuration. */
static void top_url(char url[NSC_TOP_URL], const struct nsc_settings *settings)
{
	const struct nsc_web_settings *web = &settings->web;
	const char *host = web->bind;

	if (settings->url[0]) {
		snprintf(url, NSC_TOP_URL, "%s", settings->url);
		return;
	}
	if (!strcmp(host, "0.0.0.0") || !strcmp(host, "::"))
		host = strchr(host, ':') ? "::1" : "127.0.0.1";
	snprintf(url, NSC_TOP_URL, strchr(host, ':') ? "%s://[%s]:%u" : "%s://%s:%u",
		 web->tls.enabled ? "https" : "http", host, (unsigned)web->port);
}

static int top_open(struct top **opened, const struct nsc_settings *settings, struct nsc_error *error)
{
	struct top *top = calloc(1, sizeof(*top));
	char url[NSC_TOP_URL];
	struct nsc_top_server server = { .url = url,
					 .user = settings->web.auth.username,
					 .password_file = settings->web.auth.password_file,
					 .certificates = settings->web.tls.cert_path };
	int status;

	*opened = top;
	if (!top)
		return nsc_fail(error, -ENOMEM, "no memory for netscope top");
	setlocale(LC_CTYPE, "");
	top_url(url, settings);
	status = nsc_top_client_open(&top->client, &server, error);
	if (status)
		return status;
	nsc_top_numbers_init(&top->numbers);
	top->interval_ns = (uint64_t)(settings->interval_s * NSC_NS_PER_SEC);
	top->contact = (struct nsc_top_contact){ .url = nsc_top_client_url(top->client),
						 .why = top->why,
						 .flows_why = top->flows_why };
	return nsc_privileges_wanted(settings, true) ? nsc_privileges_drop(settings, error) : 0;
}

static int top_confine(const struct top *top, const struct nsc_settings *settings, struct nsc_error *error)
{
	struct nsc_settings client = *settings;

	client.top_port = nsc_top_client_port(top->client);
	return nsc_privileges_wanted(settings, true) ? nsc_privileges_confine(&client, error) : 0;
}

static void top_close(struct top *top)
{
	if (top)
		nsc_top_client_close(top->client);
	free(top);
}

/* --- questions -------------------------------------------------------------------------------- */

static void top_ask_flows(struct top *top)
{
	const struct nsc_top_choice *choice = &top->choice;
	char query[NSC_TOP_PATH];

	if (!nsc_top_wants_query(choice)) {
		nsc_top_client_drop(top->client, NSC_TOP_QUERY);
		return;
	}
	snprintf(query, sizeof(query),
		 "sort=%s&order=%s&limit=%d&filter=", nsc_top_sort_of(choice, NSC_TOP_OF_FLOWS)->key,
		 nsc_top_rises(choice, NSC_TOP_OF_FLOWS) ? "asc" : "desc", FLOWS_ASKED);
	nsc_top_client_encode(query, sizeof(query), choice->filter);
	nsc_top_client_ask(top->client, NSC_TOP_QUERY, query);
}

static void top_ask(struct top *top)
{
	top->failed = top->hopeless = false;
	for (enum nsc_top_question i = NSC_TOP_SUMMARY; i <= NSC_TOP_CORES; i++) {
		top->has[i] = false;
		nsc_top_client_ask(top->client, i, "");
	}
	if (!nsc_top_client_asks(top->client, NSC_TOP_QUERY))
		top_ask_flows(top);
}

static bool top_is_asking(const struct top *top)
{
	return nsc_top_client_asks(top->client, NSC_TOP_SUMMARY) || nsc_top_client_asks(top->client, NSC_TOP_CORES);
}

/* --- answers ---------------------------------------------------------------------------------- */

static void top_fail(struct top *top, enum nsc_top_question question, const char *why, bool hopeless)
{
	bool told = top->failed && question != NSC_TOP_SUMMARY;

	if (!top->contact.gone) {
		top->contact.gone_since = top_wall();
		top->gone_ns = nsc_monotonic_ns();
	}
	top->failed = top->contact.gone = true;
	top->hopeless |= hopeless;
	if (!told)
		snprintf(top->why, sizeof(top->why), "%s", why);
}

static void top_take_flows(struct top *top, const struct nsc_top_answer *answer)
{
	struct nsc_error error;

	top->flows_why[0] = '\0';
	if (answer->status != 200)
		snprintf(top->flows_why, sizeof(top->flows_why), "%s", answer->why);
	else if (nsc_top_read_flows(&top->numbers, answer->text, answer->length, &error))
		snprintf(top->flows_why, sizeof(top->flows_why), "%s", error.text);
	top->contact.has_found = true;
}

static void top_take(struct top *top, const struct nsc_top_answer *answer)
{
	struct nsc_error error;
	int status;

	if (answer->question == NSC_TOP_QUERY) {
		top_take_flows(top, answer);
		return;
	}
	if (answer->status != 200) {
		top_fail(top, answer->question, answer->why, answer->hopeless);
		return;
	}
	if (answer->question == NSC_TOP_SUMMARY)
		status = nsc_top_read_summary(&top->numbers, answer->text, answer->length, &error);
	else
		status = nsc_top_read_cores(&top->numbers, answer->text, answer->length, &error);
	if (status)
		top_fail(top, answer->question, error.text, true);
	top->has[answer->question] = !status;
	if (top->has[NSC_TOP_SUMMARY] && top->has[NSC_TOP_CORES]) {
		top->contact.ever = true;
		top->contact.gone = false;
	}
}

/* True: something looks different now. */
static bool top_take_answers(struct top *top)
{
	struct nsc_top_answer answer;
	bool any = false;

	while (nsc_top_client_next(top->client, &answer)) {
		top_take(top, &answer);
		any |= answer.question == NSC_TOP_QUERY || !top_is_asking(top);
	}
	return any;
}

/* --- one screen ------------------------------------------------------------------------------- */

/* What a person or a terminal says, else `otherwise`. */
static unsigned top_number(const char *name, unsigned told, unsigned otherwise)
{
	const char *text = getenv(name);
	int number = text ? atoi(text) : 0;

	return number > 0 ? (unsigned)number : told ? told : otherwise;
}

static void top_size(FILE *out, unsigned *columns, unsigned *rows)
{
	struct winsize size = { 0 };

	if (ioctl(fileno(out), TIOCGWINSZ, &size))
		size = (struct winsize){ 0 };
	*columns = top_number("COLUMNS", size.ws_col, COLUMNS);
	*rows = top_number("LINES", size.ws_row, ROWS);
}

/* Without the line of keys, which nobody can press, and without blanks at the ends. */
static void top_print(FILE *out, const struct nsc_screen *screen)
{
	unsigned n = screen->rows - 1;

	while (n && !screen->line[n - 1].bytes)
		n--;
	for (unsigned i = 0; i < n; i++) {
		int length = (int)screen->line[i].bytes;

		while (length && screen->line[i].text[length - 1] == ' ')
			length--;
		fprintf(out, "%.*s\n", length, screen->line[i].text);
	}
}

static int top_once(FILE *out, struct top *top, struct nsc_error *error)
{
	unsigned columns, rows;

	top_ask(top);
	while (top_is_asking(top)) {
		nsc_top_client_wait(top->client, NULL, 0, GONE_REDRAW_MS);
		top_take_answers(top);
	}
	if (top->contact.gone)
		return nsc_fail(error, -EHOSTUNREACH, "%s: %s", top->contact.url, top->why);
	top_size(out, &columns, &rows);
	nsc_screen_init(&top->screen, columns, rows + 1);
	nsc_top_draw(&top->screen, &top->numbers, &top->choice, &top->contact);
	top_print(out, &top->screen);
	return 0;
}

int nsc_top_once(FILE *out, const struct nsc_settings *settings, struct nsc_error *error)
{
	struct top *top;
	int status = top_open(&top, settings, error);

	if (!status)
		status = top_confine(top, settings, error);
	if (!status)
		status = top_once(out, top, error);
	top_close(top);
	return status;
}

/* --- until somebody ends it ------------------------------------------------------------------- */

static void top_draw(struct top *top)
{
	unsigned columns, rows;

	nsc_tty_size(&columns, &rows);
	nsc_screen_init(&top->screen, columns, rows);
	top->contact.gone_for = (double)(nsc_monotonic_ns() - top->gone_ns) / NSC_NS_PER_SEC;
	nsc_top_draw(&top->screen, &top->numbers, &top->choice, &top->contact);
	nsc_tty_draw(&top->screen);
}

/* Numbers stand still from this moment on, and are asked for at once afterwards. */
static void top_pause(struct top *top)
{
	top->next_ns = 0;
	for (unsigned i = 0; top->choice.paused && i < NSC_TOP_QUESTIONS; i++)
		nsc_top_client_drop(top->client, i);
}

static enum nsc_top_act top_take_keys(struct top *top)
{
	enum nsc_top_act most = NSC_TOP_NOTHING;
	bool paused = top->choice.paused;
	int key;

	while (most != NSC_TOP_QUIT && (key = nsc_tty_key()) != NSC_TTY_NO_KEY) {
		enum nsc_top_act act = nsc_top_key(&top->choice, key);

		most = NSC_MAX(most, act);
	}
	if (paused != top->choice.paused)
		top_pause(top);
	else if (most == NSC_TOP_ASK) { /* a person who sorts what stands still wants other flows, too */
		top->contact.has_found = false;
		top->flows_why[0] = '\0';
		top_ask_flows(top);
	}
	return most;
}

static int top_patience_ms(const struct top *top)
{
	uint64_t now = nsc_monotonic_ns();
	uint64_t left_ns = top->next_ns > now ? top->next_ns - now : 0;
	int left_ms = (int)NSC_MIN(left_ns / 1000000 + 1, (uint64_t)INT32_MAX);

	if (top->choice.paused || top_is_asking(top))
		left_ms = 60000;
	return top->contact.gone ? NSC_MIN(left_ms, GONE_REDRAW_MS) : left_ms;
}

static void top_ask_if_due(struct top *top)
{
	uint64_t now = nsc_monotonic_ns();

	if (top->choice.paused || top_is_asking(top) || now < top->next_ns)
		return;
	top->next_ns = now + (top->contact.gone ? NSC_MAX(top->interval_ns, (uint64_t)AGAIN_NS) : top->interval_ns);
	top_ask(top);
}

static int top_loop(struct top *top, struct nsc_error *error)
{
	struct pollfd fds[] = { { .fd = STDIN_FILENO, .events = POLLIN },
				{ .fd = nsc_tty_signals(), .events = POLLIN } };
	enum nsc_top_act act = NSC_TOP_DRAW;

	while (act != NSC_TOP_QUIT && !(fds[0].revents & (POLLHUP | POLLERR | POLLNVAL))) {
		bool changed = act != NSC_TOP_NOTHING || top->contact.gone;

		top_ask_if_due(top);
		if (changed)
			top_draw(top);
		nsc_top_client_wait(top->client, fds, NSC_ARRAY_LEN(fds), top_patience_ms(top));
		if (nsc_tty_is_over())
			break;
		act = top_take_keys(top);
		if (act == NSC_TOP_NOTHING && fds[1].revents)
			act = NSC_TOP_DRAW;
		if (top_take_answers(top) && act == NSC_TOP_NOTHING)
			act = NSC_TOP_DRAW;
		if (top->hopeless && !top->contact.ever && !top_is_asking(top))
			return nsc_fail(error, -EHOSTUNREACH, "%s: %s", top->contact.url, top->why);
	}
	return 0;
}

int nsc_top_run(const struct nsc_settings *settings, struct nsc_error *error)
{
	struct top *top = NULL;
	int status = nsc_tty_check(error);

	if (!status)
		status = top_open(&top, settings, error);
	if (!status)
		status = nsc_tty_open(nsc_outputs_color(stdout), error);
	if (!status)
		status = top_confine(top, settings, error);
	if (!status)
		status = top_loop(top, error);
	nsc_tty_close();
	top_close(top);
	return status;
}
