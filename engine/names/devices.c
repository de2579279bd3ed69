/* SPDX-License-Identifier: MIT
 *
 * MQTT by a client's first packet, Modbus on its port by the form of its header.
 */
#include "engine/names/parser.h"

enum { MODBUS_PORT = 502, MODBUS_HEADER = 8 };

/* CONNECT: the length of the rest in one to four bytes, then the protocol's name. */
NAME_PARSER(mqtt)
{
	static const char *const names[] = { "\0\4MQTT", "\0\6MQIsdp" };
	uint32_t at = 1;

	if (in->data[0] != 0x10)
		return NSC_NAME_NO;
	while (at < in->n && at < 4 && in->data[at] & 0x80)
		at++;
	at++;
	for (size_t i = 0; i < NSC_ARRAY_LEN(names); i++) {
		uint32_t length = 2 + (uint8_t)names[i][1], have = in->n > at ? NSC_MIN(in->n - at, length) : 0;

		if (memcmp(in->data + (have ? at : 0), names[i], have))
			continue;
		return have == length ? name_found(out, NSC_APP_MQTT) : name_more(in, out, at + length);
	}
	return NSC_NAME_NO;
}

/* Transaction, protocol 0, length of unit and what follows, unit, function. */
NAME_PARSER(modbus)
{
	uint32_t length;

	if (!name_has_port(in, MODBUS_PORT))
		return NSC_NAME_NO;
	if (in->n < MODBUS_HEADER)
		return name_more(in, out, MODBUS_HEADER);
	length = name_load16(in->data + 4);
	if (name_load16(in->data + 2) || length < 2 || length > 254 || !(in->data[7] & 0x7f))
		return NSC_NAME_NO;
	return name_found(out, NSC_APP_MODBUS);
}
