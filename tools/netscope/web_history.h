/* SPDX-License-Identifier: MIT
 *
 * The file of --web-history. Without a dashboard, or without the option, these do nothing.
 *
 * Thread: control.
 */
#ifndef TOOLS_NETSCOPE_WEB_HISTORY_H
#define TOOLS_NETSCOPE_WEB_HISTORY_H

#include "tools/netscope/dashboard.h"

/* What is wrong usage: 0, or -EINVAL and one sentence. Opens nothing. */
int nsc_web_history_check(const struct nsc_settings *settings, struct nsc_error *error);

/* Reads the file for an open dashboard that has not started. One that cannot be used is kept under another name, and
 * told. 0, or -errno and one sentence: it cannot be read, or none could be written. */
int nsc_web_history_open(struct nsc_dashboard *dashboard, const struct nsc_settings *settings, struct nsc_error *error);

/* Tells what there is to tell: to be called as often as one likes. */
void nsc_web_history_look(struct nsc_dashboard *dashboard);

/* The last time: ends the dashboard's thread. 0 or -errno and one sentence. */
int nsc_web_history_save(struct nsc_dashboard *dashboard, struct nsc_error *error);

#endif
