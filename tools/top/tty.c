/* SPDX-License-Identifier: MIT
 *
 * ncursesw, and signals through a pipe. Nothing else knows of either.
 */
#include "tools/top/tty.h"

#include "tools/top/choice.h"

#define NCURSES_NOMACROS 1
#include <curses.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>

/* term.h makes macros of plain words. */
#undef columns
#undef tone

enum { FAREWELL = 256, ESCAPE_WAITS_MS = 25, REDRAW = 'L' & 31, PATIENCE_S = 1, PATIENCE_MS = 100 };

static const int ending[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
static const int fatal[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };

static struct {
	SCREEN *screen;
	chtype tone[NSC_TONES];
	int wake[2]; /* a pipe that handlers write into */
	/* for a way out that ncurses knows nothing of */
	struct termios before;
	char farewell[FAREWELL];
	size_t farewell_length;
} tty = { .wake = { -1, -1 } };

static volatile sig_atomic_t ends, resized;

/* --- the way out ------------------------------------------------------------------------------ */

/* Async-signal-safe. A terminal that takes nothing is not waited for. */
static void tty_restore(void)
{
	struct pollfd out = { .fd = STDOUT_FILENO, .events = POLLOUT };
	ssize_t written;

	if (!tty.screen)
		return;
	tcsetattr(STDIN_FILENO, TCSANOW, &tty.before);
	if (poll(&out, 1, 0) != 1)
		return;
	written = write(STDOUT_FILENO, tty.farewell, tty.farewell_length);
	(void)written;
}

/* The program has not ended by itself, so it waits for a terminal that takes nothing. One that Ctrl-S has stopped goes
 * on, so that it is left as it was found. */
static void tty_on_impatience(int signum)
{
	struct pollfd out = { .fd = STDOUT_FILENO, .events = POLLOUT };

	tcflow(STDOUT_FILENO, TCOOFF); /* what Ctrl-S has stopped, TCOON alone does not start */
	tcflow(STDOUT_FILENO, TCOON);
	poll(&out, 1, PATIENCE_MS);
	tty_restore();
	_exit(0);
}

static void tty_on_ending(int signum)
{
	int saved = errno;
	ssize_t written;

	if (ends && (signum == SIGINT || signum == SIGTERM)) {
		tty_restore();
		_exit(128 + signum);
	}
	ends = 1;
	alarm(PATIENCE_S);
	written = write(tty.wake[1], "", 1);
	(void)written;
	errno = saved;
}

static void tty_on_resize(int signum)
{
	int saved = errno;
	ssize_t written = write(tty.wake[1], "", 1);

	(void)written;
	resized = 1;
	errno = saved;
}

static void tty_on_fatal(int signum)
{
	tty_restore();
	signal(signum, SIG_DFL);
	raise(signum);
}

static void tty_handle(const int *signals, size_t n, void (*handler)(int))
{
	struct sigaction action = { .sa_handler = handler };

	for (size_t i = 0; i < n; i++)
		sigaction(signals[i], &action, NULL);
}

/* What the terminal calls so, without its delays ("$<5>"). */
static void tty_say_at_end(const char *name)
{
	const char *text = tigetstr(name);

	if (!text || text == (char *)-1)
		return;
	for (; *text && tty.farewell_length < FAREWELL; text++) {
		const char *end = text[0] == '$' && text[1] == '<' ? strchr(text, '>') : NULL;

		if (end)
			text = end;
		else
			tty.farewell[tty.farewell_length++] = *text;
	}
}

/* --- open and close --------------------------------------------------------------------------- */

int nsc_tty_check(struct nsc_error *error)
{
	const char *name = getenv("TERM");
	const char *address;
	bool moves;
	int found = 0;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return nsc_fail(
			error, -ENOTTY,
			"netscope top needs a terminal, and standard %s is none: --once prints one screen as text",
			isatty(STDIN_FILENO) ? "output" : "input");
	if (!name || !name[0])
		return nsc_fail(error, -ENOTTY, "TERM is not set: --once prints one screen as text");
	if (setupterm(name, STDOUT_FILENO, &found))
		return nsc_fail(
			error, -ENOTTY,
			"TERM is \"%.100s\", a terminal that is not known here: --once prints one screen as text",
			name);
	address = tigetstr("cup");
	moves = address && address != (char *)-1;
	del_curterm(cur_term);
	if (!moves)
		return nsc_fail(
			error, -ENOTTY,
			"TERM is \"%.100s\", a terminal without a cursor to move: --once prints one screen as text",
			name);
	return 0;
}

static void tty_choose_tones(bool color)
{
	tty.tone[NSC_TONE_DIM] = A_DIM;
	tty.tone[NSC_TONE_STRONG] = A_BOLD;
	tty.tone[NSC_TONE_BAR] = A_REVERSE;
	tty.tone[NSC_TONE_WARN] = A_BOLD;
	tty.tone[NSC_TONE_BAD] = A_BOLD;
	if (!color || !has_colors() || start_color() == ERR)
		return;
	use_default_colors();
	init_pair(1, COLOR_YELLOW, -1);
	init_pair(2, COLOR_RED, -1);
	tty.tone[NSC_TONE_WARN] |= COLOR_PAIR(1);
	tty.tone[NSC_TONE_BAD] |= COLOR_PAIR(2);
}

int nsc_tty_open(bool color, struct nsc_error *error)
{
	if (pipe2(tty.wake, O_CLOEXEC | O_NONBLOCK))
		return nsc_fail(error, -errno, "no pipe for signals: %s", strerror(errno));
	if (tcgetattr(STDIN_FILENO, &tty.before))
		return nsc_fail(error, -errno, "the terminal does not tell how it is set: %s", strerror(errno));
	tty.screen = newterm(NULL, stdout, stdin);
	if (!tty.screen)
		return nsc_fail(error, -ENOTTY, "the terminal cannot be used: --once prints one screen as text");
	tty_say_at_end("sgr0");
	tty_say_at_end("rmkx");
	tty_say_at_end("cnorm");
	tty_say_at_end("rmcup");
	cbreak();
	noecho();
	nonl();
	intrflush(stdscr, FALSE);
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	set_escdelay(ESCAPE_WAITS_MS);
	curs_set(0);
	tty_choose_tones(color);
	tty_handle(ending, NSC_ARRAY_LEN(ending), tty_on_ending);
	tty_handle(fatal, NSC_ARRAY_LEN(fatal), tty_on_fatal);
	tty_handle(&(int){ SIGALRM }, 1, tty_on_impatience);
	tty_handle(&(int){ SIGWINCH }, 1, tty_on_resize);
	return 0;
}

void nsc_tty_close(void)
{
	if (!tty.screen)
		return;
	endwin();
	delscreen(tty.screen);
	alarm(0);
	tty.screen = NULL;
	tty_handle(ending, NSC_ARRAY_LEN(ending), SIG_DFL);
	tty_handle(fatal, NSC_ARRAY_LEN(fatal), SIG_DFL);
	close(tty.wake[0]);
	close(tty.wake[1]);
}

/* --- use -------------------------------------------------------------------------------------- */

void nsc_tty_draw(const struct nsc_screen *screen)
{
	werase(stdscr);
	for (unsigned row = 0; row < screen->used; row++) {
		const struct nsc_screen_line *line = &screen->line[row];
		const char *text = line->text;

		wmove(stdscr, (int)row, 0);
		for (unsigned r = 0; r < line->runs; r++) {
			wattrset(stdscr, (int)tty.tone[line->run[r].tone]);
			waddnstr(stdscr, text, (int)line->run[r].bytes);
			text += line->run[r].bytes;
		}
	}
	wrefresh(stdscr);
}

int nsc_tty_key(void)
{
	int key = wgetch(stdscr);

	switch (key) {
	case ERR:
		return NSC_TTY_NO_KEY;
	case REDRAW:
		clearok(curscr, TRUE);
		wrefresh(stdscr);
		return 0;
	case KEY_UP:
		return NSC_TOP_KEY_UP;
	case KEY_DOWN:
		return NSC_TOP_KEY_DOWN;
	case KEY_PPAGE:
		return NSC_TOP_KEY_PAGE_UP;
	case KEY_NPAGE:
		return NSC_TOP_KEY_PAGE_DOWN;
	case KEY_HOME:
		return NSC_TOP_KEY_HOME;
	case KEY_BACKSPACE:
		return '\b';
	case KEY_ENTER:
		return '\n';
	default:
		return key < KEY_MIN ? key : 0;
	}
}

void nsc_tty_size(unsigned *columns, unsigned *rows)
{
	*columns = (unsigned)NSC_MAX(getmaxx(stdscr), 1);
	*rows = (unsigned)NSC_MAX(getmaxy(stdscr), 1);
}

int nsc_tty_signals(void)
{
	return tty.wake[0];
}

bool nsc_tty_is_over(void)
{
	struct winsize size;
	char bytes[64];

	while (read(tty.wake[0], bytes, sizeof(bytes)) > 0)
		;
	if (resized) {
		resized = 0;
		if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_row && size.ws_col)
			resizeterm(size.ws_row, size.ws_col);
		clearok(stdscr, TRUE); /* what the terminal made of the old lines nobody knows */
	}
	return ends;
}
