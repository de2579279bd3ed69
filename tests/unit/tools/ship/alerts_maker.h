/* SPDX-License-Identifier: MIT
 *
 * Alerts and segments of them for tests.
 */
#ifndef NETSCOPE_TESTS_ALERTS_MAKER_H
#define NETSCOPE_TESTS_ALERTS_MAKER_H

#include "engine/text/alert_row.h"
#include "tools/ship/alerts.h"

#include "tests/unit/engine/check_main.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static inline struct nsc_alert test_scan(uint64_t id, unsigned state)
{
	struct nsc_alert alert = { .ts_ns = 1700000005200000000,
				   .window_ns = 10000000000,
				   .id = id,
				   .packets = 30,
				   .kind = NSC_ALERT_PORT_SCAN,
				   .ip_version = 4,
				   .source = { 192, 0, 2, 7 },
				   .has_source = true,
				   .state = (uint8_t)state };

	memset(alert.observed, 0xff, sizeof(alert.observed));
	memset(alert.thresholds, 0xff, sizeof(alert.thresholds));
	alert.observed[NSC_ALERT_PORTS] = 30;
	alert.observed[NSC_ALERT_HOSTS] = 1;
	alert.thresholds[NSC_ALERT_PORTS] = 25;
	return alert;
}

static inline struct nsc_segment test_segment(uint64_t boot, uint64_t first, uint64_t last, uint32_t spooled)
{
	return (struct nsc_segment){ .kind = NSC_SEGMENT_ALERTS,
				     .sensor = "rack7",
				     .boot = boot,
				     .first = first,
				     .last = last,
				     .spooled = spooled };
}

/* An open file, without a name, of scans whose numbers of attacks are those of their rows. */
static inline struct nsc_queue_segment test_alerts(const struct nsc_segment *head)
{
	struct nsc_queue_segment segment = { .head = *head };
	FILE *file = tmpfile();

	ck_assert_ptr_nonnull(file);
	fprintf(file, "%*s", NSC_SEGMENT_HEAD, "");
	for (uint64_t row = head->first; row <= head->last; row++) {
		struct nsc_alert alert = test_scan(row, NSC_ALERT_BEGIN);
		char text[NSC_ALERT_ROW_MAX + 128], *at = nsc_row_binary_text(text, head->sensor, strlen(head->sensor));

		at = nsc_row_binary_number(nsc_row_binary_number(at, head->boot, 8), head->spooled, 4);
		at = nsc_alert_row(nsc_row_binary_number(at, row, 8), &alert);
		fwrite(text, 1, (size_t)(at - text), file);
	}
	segment.bytes = (uint64_t)ftell(file) - NSC_SEGMENT_HEAD;
	fflush(file);
	segment.fd = dup(fileno(file));
	fclose(file);
	nsc_segment_name(segment.name, head);
	return segment;
}

#endif
