/* SPDX-License-Identifier: MIT
 *
 * DNS on its ports, also multicast and over TCP: what the first question asks for. An answer repeats the question.
 */
#include "engine/names/dns_name.h"
#include "engine/names/parser.h"

enum {
	HEADER = 12,
	QUESTIONS_MAX = 256,
	PORT_DNS = 53,
	PORT_MDNS = 5353,
	PORT_LLMNR = 5355,
	RESPONSE = 0x80,
};

static enum nsc_app dns_app(const struct nsc_name_input *in)
{
	if (name_has_port(in, PORT_DNS))
		return NSC_APP_DNS;
	if (name_has_port(in, PORT_MDNS))
		return NSC_APP_MDNS;
	return name_has_port(in, PORT_LLMNR) ? NSC_APP_LLMNR : NSC_APP_NONE;
}

/* Operations that were ever assigned, and counts that a message could have. */
static bool dns_is_header(const uint8_t *p)
{
	uint32_t operation = p[2] >> 3 & 15, questions = name_load16(p + 4);

	if (operation == 3 || operation > 6 || questions > QUESTIONS_MAX)
		return false;
	return questions || (p[2] & RESPONSE && name_load16(p + 6));
}

/* The message at p[0..n), which may be cut: whether the name was whole, or there was none to read. */
static bool dns_read(const uint8_t *p, uint32_t n, struct nsc_named *named)
{
	struct dns_name name;

	if (!name_load16(p + 4))
		return true;
	if (!dns_name_read(p, n, 0, HEADER, &name))
		return false;
	name_set(named, name.text, name.length);
	return true;
}

NAME_PARSER(dns)
{
	enum nsc_app app = dns_app(in);

	if (!app || in->n < HEADER || !dns_is_header(in->data))
		return NSC_NAME_NO;
	dns_read(in->data, in->n, &out->named);
	return name_found(out, app);
}

/* A length stands in front of the message. */
NAME_PARSER(dns_stream)
{
	uint32_t length, n;

	if (dns_app(in) != NSC_APP_DNS)
		return NSC_NAME_NO;
	if (in->n < 2 + HEADER)
		return name_more(in, out, 2 + HEADER);
	length = name_load16(in->data);
	n = NSC_MIN(in->n - 2, length);
	if (length < HEADER || !dns_is_header(in->data + 2))
		return NSC_NAME_NO;
	if (!dns_read(in->data + 2, n, &out->named) && n < length && !in->last)
		return name_more(in, out, 2 + length);
	return name_found(out, NSC_APP_DNS);
}
