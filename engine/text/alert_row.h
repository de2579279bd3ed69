/* SPDX-License-Identifier: MIT
 *
 * One alert as a row of ClickHouse's RowBinary, and back. It says all that the JSON line says; what is null there is
 * null here.
 *
 * Thread: any. Allocates, blocks: never.
 */
#ifndef NETSCOPE_TEXT_ALERT_ROW_H
#define NETSCOPE_TEXT_ALERT_ROW_H

#include "engine/text/row.h"
#include "netscope/alert.h"

enum { NSC_ALERT_ROW_MAX = 1024 };

/* Columns: ts, kind, state, severity, alert_id, ip_version (0 = no address), source_ip, target_ip, target_port,
 * description, packets, duration_ns, window_ns, and observed_X and threshold_X for each value. A column that may be
 * null has one byte in front, 1 for null. Room: NSC_ALERT_ROW_MAX. Returns the end. */
char *nsc_alert_row(char *at, const struct nsc_alert *alert);

/* The alert of the row at `at`, but `quiet`, which is false. Returns the end of the row; NULL: [at, end) does not begin
 * with a row that is whole and of this version. */
const char *nsc_alert_row_read(struct nsc_alert *alert, const char *at, const char *end);

/* The columns in order, as nsc_schema_flows. Fills column[0..return). */
uint32_t nsc_schema_alerts(struct nsc_schema_column column[NSC_SCHEMA_MAX]);

#endif
