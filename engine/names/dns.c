/* SPDX-License-Identifier: MIT
 *
 * DNS messages, and what a flow on a port of DNS, also multicast and over TCP, first asks for. An answer repeats the
 * question.
 */
#include "engine/names/dns.h"

#include "engine/names/parser.h"

enum {
	HEADER = NSC_DNS_HEADER,
	QUESTIONS_MAX = 256,
	PORT_DNS = NSC_DNS_PORT,
	PORT_MDNS = 5353,
	PORT_LLMNR = 5355,
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
static bool dns_is_possible(const uint8_t *p)
{
	uint32_t operation = p[2] >> 3 & 15;

	return operation != 3 && operation <= 6 && name_load16(p + 4) <= QUESTIONS_MAX;
}

/* For a flow of which nothing is known: a message that says something. */
static bool dns_is_header(const uint8_t *p)
{
	return dns_is_possible(p) && (name_load16(p + 4) || (nsc_dns_is_response(p) && name_load16(p + 6)));
}

static void dns_lower(struct dns_name *name)
{
	for (uint32_t i = 0; i < name->length; i++)
		if (name->text[i] >= 'A' && name->text[i] <= 'Z')
			name->text[i] |= 0x20;
}

enum nsc_dns_verdict nsc_dns_message_read(const uint8_t *p, uint32_t n, struct nsc_dns_message *message)
{
	if (n < HEADER || !dns_is_possible(p))
		return NSC_DNS_NONE;
	message->id = (uint16_t)name_load16(p);
	message->response = nsc_dns_is_response(p);
	message->code = p[3] & 15;
	message->asks = name_load16(p + 4);
	if (!message->asks)
		return NSC_DNS_READ;
	if (!dns_name_read(p, n, 0, HEADER, &message->name) || message->name.end + 4 > n)
		return NSC_DNS_CUT;
	message->type = (uint16_t)name_load16(p + message->name.end);
	message->class = (uint16_t)name_load16(p + message->name.end + 2);
	dns_lower(&message->name);
	return NSC_DNS_READ;
}

uint32_t nsc_dns_name_write(char text[NSC_NAME_MAX], const struct dns_name *name)
{
	return name_write(text, name->text, name->length);
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
