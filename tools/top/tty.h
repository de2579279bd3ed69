/* SPDX-License-Identifier: MIT
 *
 * The terminal, by ncursesw: screens out, keys in, and the state from before on every way out: nsc_tty_close, a
 * second SIGINT or SIGTERM, and signals that end the program (SIGSEGV, SIGABRT and their like).
 *
 * Thread: one, that of main. Blocks: nsc_tty_draw and nsc_tty_close, while the terminal takes nothing; after a signal
 * that ends the program for a second at most.
 */
#ifndef TOOLS_TOP_TTY_H
#define TOOLS_TOP_TTY_H

#include "netscope/error.h"
#include "tools/top/screen.h"

enum { NSC_TTY_NO_KEY = -1 };

/* 0, or -ENOTTY and one sentence: standard input or output is no terminal, or one that nobody knows. Touches nothing.
 */
int nsc_tty_check(struct nsc_error *error);

/* Takes the terminal and SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH. Reads what is known of the terminal: files. */
int nsc_tty_open(bool color, struct nsc_error *error);
void nsc_tty_close(void);

void nsc_tty_draw(const struct nsc_screen *screen);

/* The next key as of choice.h; NSC_TTY_NO_KEY when there is none. */
int nsc_tty_key(void);

/* Columns and rows now, >= 1. */
void nsc_tty_size(unsigned *columns, unsigned *rows);

/* Becomes readable when a signal came. */
int nsc_tty_signals(void);

/* Takes signals that came. True: one that ends the program. */
bool nsc_tty_is_over(void);

#endif
