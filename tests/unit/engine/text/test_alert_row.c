/* SPDX-License-Identifier: MIT
 *
 * Alerts as rows: what was written is read again, to the last value, and nothing else is.
 */
#include "engine/text/alert_row.h"

#include "tests/unit/engine/check_main.h"

#include <string.h>

static struct nsc_alert alert_of(enum nsc_alert_kind kind, uint8_t ip_version)
{
	struct nsc_alert alert = { .ts_ns = 1700000005200000000,
				   .window_ns = 5000000000,
				   .id = 7,
				   .packets = 900,
				   .duration_ns = 10500000000,
				   .kind = kind,
				   .ip_version = ip_version,
				   .state = NSC_ALERT_UPDATE };

	memset(alert.observed, 0xff, sizeof(alert.observed));
	memset(alert.thresholds, 0xff, sizeof(alert.thresholds));
	return alert;
}

static struct nsc_alert flood4(void)
{
	struct nsc_alert alert = alert_of(NSC_ALERT_SYN_FLOOD, 4);

	memcpy(alert.target, (uint8_t[]){ 10, 0, 0, 1 }, 4);
	alert.has_target = true;
	alert.target_port = 443;
	alert.observed[NSC_ALERT_SYNS] = 201;
	alert.observed[NSC_ALERT_HANDSHAKES] = 0; /* which is not null */
	alert.thresholds[NSC_ALERT_SYNS] = 200;
	return alert;
}

/* The widest of everything; the address is one of IPv6 that looks like one of IPv4. */
static struct nsc_alert widest(void)
{
	struct nsc_alert alert = alert_of(NSC_ALERT_SYN_FLOOD, 6);

	memset(alert.source, 0xff, 16);
	memcpy(alert.target, (uint8_t[]){ [10] = 0xff, [11] = 0xff, [12] = 1, [15] = 0 }, 16);
	alert.ts_ns = alert.window_ns = alert.id = alert.packets = alert.duration_ns = UINT64_MAX;
	alert.target_port = 65535;
	alert.has_source = alert.has_target = true;
	for (unsigned i = 0; i < NSC_ALERT_VALUE_COUNT; i++)
		alert.observed[i] = alert.thresholds[i] = UINT64_MAX - 1;
	return alert;
}

static void is_read_again(const struct nsc_alert *alert)
{
	char row[NSC_ALERT_ROW_MAX + 1] = "", *end = nsc_alert_row(row, alert);
	struct nsc_alert back;

	ck_assert_uint_le((size_t)(end - row) + 64, NSC_ALERT_ROW_MAX);
	*end = 'x';
	ck_assert_ptr_eq(nsc_alert_row_read(&back, row, end + 1), end);
	ck_assert_mem_eq(&back, alert, sizeof(back));
	for (const char *cut = row; cut < end; cut++)
		ck_assert_ptr_null(nsc_alert_row_read(&back, row, cut));
}

START_TEST(rows_are_read_as_written)
{
	struct nsc_alert alert = flood4();

	is_read_again(&alert);
	alert = widest();
	is_read_again(&alert);
	alert = alert_of(NSC_ALERT_MICROBURST, 0);
	alert.state = NSC_ALERT_END;
	is_read_again(&alert);
	alert = alert_of(NSC_ALERT_UDP_ICMP_FLOOD, 4); /* it has a target without a port */
	alert.has_target = true;
	is_read_again(&alert);
}
END_TEST

/* A byte that is another one reads as another alert, or as none: never beyond the row. */
START_TEST(damaged_rows_are_no_harm)
{
	struct nsc_alert alert = flood4(), back;
	char row[NSC_ALERT_ROW_MAX], *end = nsc_alert_row(row, &alert);

	for (char *at = row; at < end; at++) {
		for (unsigned bit = 0; bit < 8; bit++) {
			const char *read;

			*at = (char)(*at ^ 1 << bit);
			read = nsc_alert_row_read(&back, row, end);
			ck_assert(!read || read <= end);
			*at = (char)(*at ^ 1 << bit);
		}
	}
	row[9] = 'S'; /* "Syn_flood" is no kind */
	ck_assert_ptr_null(nsc_alert_row_read(&back, row, end));
}
END_TEST

START_TEST(columns)
{
	struct nsc_schema_column column[NSC_SCHEMA_MAX];
	uint32_t n = nsc_schema_alerts(column);

	ck_assert_str_eq(column[0].name, "ts");
	ck_assert_str_eq(column[n - 1].name, "threshold_ms_bytes");
	ck_assert_str_eq(column[n - 1].old, "Nullable(UInt64)");
	for (uint32_t i = 0; i < n; i++)
		for (uint32_t j = 0; j < i; j++)
			ck_assert_str_ne(column[i].name, column[j].name);
}
END_TEST

CHECK_MAIN("alert_row", rows_are_read_as_written, damaged_rows_are_no_harm, columns)
