/* SPDX-License-Identifier: MIT
 *
 * Messages of syslog: an alert to the letter, the widest one, and values that would end a message's structured data.
 */
#include "tools/ship/syslog_text.h"

#include "alerts_maker.h"

static const char *value_of(const char *text, size_t length, size_t room)
{
	static char out[64];

	*nsc_syslog_value(out, room, text, length) = '\0';
	return out;
}

#define VALUE(text) value_of(text, sizeof(text) - 1, 60)

START_TEST(values_are_escaped)
{
	ck_assert_str_eq(VALUE("plain"), "plain");
	ck_assert_str_eq(VALUE("a\"] [evil@1 b=\"c\\"), "a\\\"\\] [evil@1 b=\\\"c\\\\");
	ck_assert_str_eq(VALUE("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"), "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
	ck_assert_str_eq(VALUE("a\nb\rc\0d\x7f\x1b"), "a?b?c?d??");
	ck_assert_str_eq(VALUE("\xff\xc0\x80\xed\xa0\x80"), "??????"); /* no UTF-8 */
	ck_assert_str_eq(VALUE("x\xc2\x9by"), "x?y");                  /* a control of C1 */
	ck_assert_str_eq(value_of("ab\"", 3, 3), "ab");                /* no half of an escape */
	ck_assert_str_eq(value_of("a\xe2\x82\xac", 4, 3), "a");        /* or of a character */
}
END_TEST

START_TEST(an_alert)
{
	struct nsc_segment head = test_segment(0xabc, 1, 3, 1000);
	struct nsc_ship_alert alert = { &head, 2, test_scan(7, NSC_ALERT_UPDATE) };
	char text[NSC_SYSLOG_MAX + 1];

	text[nsc_syslog_text(text, &alert, 0)] = '\0';
	ck_assert_str_eq(text,
			 "<28>1 2023-11-14T22:13:25.200000Z rack7 netscope 0000000000000abc port_scan [netscope@0 "
			 "event=\"rack7-0000000000000abc-2\" attack=\"rack7-0000000000000abc-a7\" state=\"update\" "
			 "severity=\"warning\" source_ip=\"192.0.2.7\" packets=\"30\" duration_secs=\"0.000000000\" "
			 "window_secs=\"10.000000000\" ports=\"30\" hosts=\"1\" threshold_ports=\"25\"] "
			 "Port scan suspected: 30 ports, 1 hosts from 192.0.2.7");
	alert.alert.kind = NSC_ALERT_MICROBURST;
	nsc_syslog_text(text, &alert, UINT32_MAX);
	ck_assert_int_eq(strncmp(text, "<30>1 ", 6), 0);
	ck_assert_ptr_nonnull(strstr(text, " microburst [netscope@4294967295 "));
}
END_TEST

START_TEST(the_widest_fits)
{
	struct nsc_segment head = test_segment(UINT64_MAX, 1, 3, 1000);
	struct nsc_ship_alert alert = { &head, UINT64_MAX, test_scan(UINT64_MAX, NSC_ALERT_UPDATE) };
	char text[NSC_SYSLOG_MAX];
	size_t length;

	memset(head.sensor, 's', NSC_SENSOR_MAX);
	alert.alert.kind = NSC_ALERT_SYN_FLOOD;
	alert.alert.ip_version = 6;
	alert.alert.has_target = true;
	memset(alert.alert.source, 0xff, 16);
	memset(alert.alert.target, 0xff, 16);
	alert.alert.window_ns = alert.alert.packets = alert.alert.duration_ns = UINT64_MAX;
	for (unsigned i = 0; i < NSC_ALERT_VALUE_COUNT; i++)
		alert.alert.observed[i] = alert.alert.thresholds[i] = UINT64_MAX - 1;
	length = nsc_syslog_text(text, &alert, UINT32_MAX);
	ck_assert_uint_le(length, NSC_SYSLOG_MAX);
	ck_assert_int_eq(memcmp(text + length - 9, "completed", 9), 0);
	ck_assert_ptr_nonnull(memmem(text, length, "threshold_ms_bytes=\"18446744073709551614\"] SYN flood", 52));
}
END_TEST

CHECK_MAIN("syslog_text", values_are_escaped, an_alert, the_widest_fits)
