/* SPDX-License-Identifier: MIT
 *
 * What the ends of a generated connection say first: hellos of TLS as browsers and libraries make them, requests of
 * HTTP/1, and their answers. All of it follows from the connection's number, so that nothing needs to be remembered.
 */
#include "gen_internal.h"

enum {
	CLIENT_HELLO = 1,
	SERVER_HELLO = 2,
	RECORD_CHANGE = 20,
	RECORD_HANDSHAKE = 22,
	RECORD_DATA = 23,
	GROUP_X25519 = 0x001d,
	GROUP_HYBRID = 0x11ec, /* X25519MLKEM768 */
	SHARE_X25519 = 32,
	SHARE_HYBRID = 1184 + SHARE_X25519,
	ANSWER_HYBRID = 1088 + SHARE_X25519,
	GREASE = 0x0a0a, /* stands for any of these values */
	SHUFFLED_MAX = 24,
};

enum extension {
	SERVER_NAME = 0,
	STATUS = 5,
	GROUPS = 10,
	FORMATS = 11,
	ALGORITHMS = 13,
	PROTOCOLS = 16,
	TIMESTAMPS = 18,
	PADDING = 21,
	ENCRYPT_THEN_MAC = 22,
	MASTER_SECRET = 23,
	COMPRESSION = 27,
	RECORD_LIMIT = 28,
	DELEGATED = 34,
	TICKET = 35,
	VERSIONS = 43,
	PSK_MODES = 45,
	KEY_SHARE = 51,
	TRANSPORT = 57,
	SETTINGS = 0x44cd,
	ENCRYPTED_HELLO = 0xfe0d,
	RENEGOTIATION = 0xff01,
};

/* Lists end with 0xffff, extensions with 0xffff too. */
struct client {
	const uint16_t *ciphers, *extensions, *algorithms;
	const char *protocols; /* as on the wire: each with its length in front */
	bool grease, shuffles, hybrid;
};

#define END 0xffff
#define LIST(...) ((const uint16_t[]){ __VA_ARGS__, END })

static const struct client clients[] = {
	{ .ciphers = LIST(0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013, 0xc014,
			  0x009c, 0x009d, 0x002f, 0x0035),
	  .extensions =
		  LIST(SERVER_NAME, MASTER_SECRET, RENEGOTIATION, GROUPS, FORMATS, TICKET, PROTOCOLS, STATUS,
		       ALGORITHMS, TIMESTAMPS, KEY_SHARE, PSK_MODES, VERSIONS, COMPRESSION, SETTINGS, ENCRYPTED_HELLO),
	  .algorithms = LIST(0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601),
	  .protocols = "\2h2\x08http/1.1",
	  .grease = true,
	  .shuffles = true,
	  .hybrid = true },
	{ .ciphers = LIST(0x1301, 0x1303, 0x1302, 0xc02b, 0xc02f, 0xcca9, 0xcca8, 0xc02c, 0xc030, 0xc00a, 0xc009,
			  0xc013, 0xc014, 0x009c, 0x009d, 0x002f, 0x0035),
	  .extensions = LIST(SERVER_NAME, MASTER_SECRET, RENEGOTIATION, GROUPS, FORMATS, TICKET, PROTOCOLS, STATUS,
			     DELEGATED, TIMESTAMPS, KEY_SHARE, VERSIONS, ALGORITHMS, PSK_MODES, RECORD_LIMIT,
			     COMPRESSION, ENCRYPTED_HELLO),
	  .algorithms = LIST(0x0403, 0x0503, 0x0603, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601, 0x0203, 0x0201),
	  .protocols = "\2h2\x08http/1.1",
	  .hybrid = true },
	{ .ciphers = LIST(0x1302, 0x1303, 0x1301, 0xc02c, 0xc030, 0x009f, 0xcca9, 0xcca8, 0xccaa, 0xc02b, 0xc02f,
			  0x009e, 0xc024, 0xc028, 0x006b, 0xc023, 0xc027, 0x0067, 0xc00a, 0xc014, 0x0039, 0xc009,
			  0xc013, 0x0033, 0x009d, 0x009c, 0x003d, 0x003c, 0x0035, 0x002f, 0x00ff),
	  .extensions = LIST(SERVER_NAME, FORMATS, GROUPS, PROTOCOLS, ENCRYPT_THEN_MAC, MASTER_SECRET, ALGORITHMS,
			     VERSIONS, PSK_MODES, KEY_SHARE, PADDING),
	  .algorithms = LIST(0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0809, 0x080a, 0x080b, 0x0804, 0x0805, 0x0806,
			     0x0401, 0x0501, 0x0601),
	  .protocols = "\2h2\x08http/1.1" },
	{ .ciphers = LIST(0xc02c, 0xc02b, 0xc030, 0xc02f, 0xc024, 0xc023, 0x009d, 0x009c, 0x0035, 0x002f),
	  .extensions = LIST(SERVER_NAME, STATUS, GROUPS, FORMATS, ALGORITHMS, TICKET, MASTER_SECRET, RENEGOTIATION),
	  .algorithms = LIST(0x0401, 0x0501, 0x0201, 0x0403, 0x0503, 0x0203) },
};

static const struct client quic_client = {
	.ciphers = LIST(0x1301, 0x1302, 0x1303),
	.extensions = LIST(SERVER_NAME, GROUPS, PROTOCOLS, ALGORITHMS, KEY_SHARE, PSK_MODES, VERSIONS, COMPRESSION,
			   TRANSPORT, SETTINGS, ENCRYPTED_HELLO),
	.algorithms = LIST(0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601, 0x0201),
	.protocols = "\2h3",
	.shuffles = true,
	.hybrid = true,
};

/* --- writing ---------------------------------------------------------------------------------- */

struct hello {
	uint8_t *at;
	struct gen_random random;
	const struct client *client;
	char name[GEN_NAME_MAX];
};

static void hello_put8(struct hello *h, uint32_t value)
{
	*h->at++ = (uint8_t)value;
}

static void hello_put16(struct hello *h, uint32_t value)
{
	gen_put16(h->at, value);
	h->at += 2;
}

static void hello_put(struct hello *h, const void *bytes, size_t n)
{
	memcpy(h->at, bytes, n);
	h->at += n;
}

static void hello_put_random(struct hello *h, uint32_t n)
{
	for (; n >= 8; n -= 8) {
		uint64_t random = gen_random(&h->random);

		hello_put(h, &random, 8);
	}
	for (; n > 0; n--)
		hello_put8(h, (uint32_t)gen_random(&h->random));
}

/* Room for a length of `size` bytes, which hello_close fills in when what follows is there. */
static uint8_t *hello_open(struct hello *h, uint32_t size)
{
	h->at += size;
	return h->at;
}

static void hello_close(struct hello *h, uint8_t *begin, uint32_t size)
{
	uint32_t length = (uint32_t)(h->at - begin);

	for (uint32_t i = 0; i < size; i++)
		begin[(int)i - (int)size] = (uint8_t)(length >> 8 * (size - 1 - i));
}

static uint32_t hello_grease(struct hello *h)
{
	return GREASE + (uint32_t)(gen_random(&h->random) >> 60) * 0x1010;
}

static void hello_put_list(struct hello *h, const uint16_t *list)
{
	for (; *list != END; list++)
		hello_put16(h, *list);
}

/* --- extensions ------------------------------------------------------------------------------- */

static void hello_put_key(struct hello *h, uint32_t group, uint32_t bytes)
{
	hello_put16(h, group);
	hello_put16(h, bytes);
	hello_put_random(h, bytes);
}

static void hello_put_key_shares(struct hello *h)
{
	uint8_t *list = hello_open(h, 2);

	if (h->client->grease) {
		hello_put16(h, hello_grease(h));
		hello_put(h, "\0\1\0", 3);
	}
	if (h->client->hybrid)
		hello_put_key(h, GROUP_HYBRID, SHARE_HYBRID);
	hello_put_key(h, GROUP_X25519, SHARE_X25519);
	hello_close(h, list, 2);
}

static void hello_put_groups(struct hello *h)
{
	uint8_t *list = hello_open(h, 2);

	if (h->client->grease)
		hello_put16(h, hello_grease(h));
	if (h->client->hybrid)
		hello_put16(h, GROUP_HYBRID);
	hello_put(h, "\0\x1d\0\x17\0\x18", 6);
	hello_close(h, list, 2);
}

static void hello_put_name(struct hello *h)
{
	uint8_t *list = hello_open(h, 2), *name;

	hello_put8(h, 0);
	name = hello_open(h, 2);
	hello_put(h, h->name, strlen(h->name));
	hello_close(h, name, 2);
	hello_close(h, list, 2);
}

static void hello_put_versions(struct hello *h)
{
	uint8_t *list = hello_open(h, 1);

	if (h->client->grease)
		hello_put16(h, hello_grease(h));
	hello_put16(h, 0x0304);
	if (h->client != &quic_client)
		hello_put16(h, 0x0303);
	hello_close(h, list, 1);
}

static void hello_put_protocols(struct hello *h)
{
	uint8_t *list = hello_open(h, 2);

	hello_put(h, h->client->protocols, strlen(h->client->protocols));
	hello_close(h, list, 2);
}

static void hello_put_algorithms(struct hello *h)
{
	uint8_t *list = hello_open(h, 2);

	hello_put_list(h, h->client->algorithms);
	hello_close(h, list, 2);
}

#define FIXED(type, bytes)                                                                                             \
	{                                                                                                              \
		type, sizeof(bytes) - 1, bytes                                                                         \
	}

/* Extensions whose content is the same in all hellos; one that is not here and not below is empty. */
static const struct {
	uint16_t type;
	uint16_t n;
	const char *bytes;
} fixed_contents[] = {
	FIXED(STATUS, "\1\0\0\0\0"),
	FIXED(FORMATS, "\1\0"),
	FIXED(COMPRESSION, "\2\0\2"),
	FIXED(RECORD_LIMIT, "\x40\1"),
	FIXED(DELEGATED, "\0\x08\4\3\5\3\6\3\2\3"),
	FIXED(PSK_MODES, "\1\1"),
	FIXED(TRANSPORT, "\4\4\x80\xf0\0\0\x0f\0"), /* initial_max_data, initial_source_connection_id of no bytes */
	FIXED(SETTINGS, "\0\3\2h2"),
	FIXED(RENEGOTIATION, "\0"),
};

static void hello_put_fixed(struct hello *h, uint32_t type)
{
	for (size_t i = 0; i < NSC_ARRAY_LEN(fixed_contents); i++)
		if (fixed_contents[i].type == type)
			hello_put(h, fixed_contents[i].bytes, fixed_contents[i].n);
}

/* An outer hello, as GREASE has it. */
static void hello_put_encrypted(struct hello *h)
{
	hello_put(h, "\0\0\1\0\1", 5);
	hello_put_random(h, 1);
	hello_put(h, "\0\x20", 2);
	hello_put_random(h, 32);
	hello_put(h, "\0\xb0", 2);
	hello_put_random(h, 176);
}

/* What is in it is noise where nobody needs to read it. */
static void hello_put_content(struct hello *h, uint32_t type)
{
	switch (type) {
	case SERVER_NAME:
		hello_put_name(h);
		break;
	case GROUPS:
		hello_put_groups(h);
		break;
	case ALGORITHMS:
		hello_put_algorithms(h);
		break;
	case PROTOCOLS:
		hello_put_protocols(h);
		break;
	case VERSIONS:
		hello_put_versions(h);
		break;
	case KEY_SHARE:
		hello_put_key_shares(h);
		break;
	case PADDING:
		memset(h->at, 0, 200);
		h->at += 200;
		break;
	case ENCRYPTED_HELLO:
		hello_put_encrypted(h);
		break;
	default:
		hello_put_fixed(h, type);
	}
}

static void hello_put_extension(struct hello *h, uint32_t type)
{
	uint8_t *content;

	hello_put16(h, type);
	content = hello_open(h, 2);
	hello_put_content(h, type);
	hello_close(h, content, 2);
}

static void hello_put_extensions(struct hello *h)
{
	uint8_t *list = hello_open(h, 2);
	uint16_t order[SHUFFLED_MAX];
	uint32_t n = 0;

	for (; h->client->extensions[n] != END; n++)
		order[n] = h->client->extensions[n];
	for (uint32_t i = n; h->client->shuffles && i > 1; i--) {
		uint32_t other = gen_scale((uint32_t)gen_random(&h->random), i);
		uint16_t swap = order[other];

		order[other] = order[i - 1];
		order[i - 1] = swap;
	}
	if (h->client->grease) {
		hello_put16(h, hello_grease(h));
		hello_put16(h, 0);
	}
	for (uint32_t i = 0; i < n; i++)
		hello_put_extension(h, order[i]);
	hello_close(h, list, 2);
}

/* --- messages --------------------------------------------------------------------------------- */

static void hello_put_client(struct hello *h)
{
	uint8_t *message, *list;

	hello_put8(h, CLIENT_HELLO);
	message = hello_open(h, 3);
	hello_put16(h, 0x0303);
	hello_put_random(h, 32);
	hello_put8(h, h->client == &quic_client ? 0 : 32);
	hello_put_random(h, h->client == &quic_client ? 0 : 32);
	list = hello_open(h, 2);
	if (h->client->grease)
		hello_put16(h, hello_grease(h));
	hello_put_list(h, h->client->ciphers);
	hello_close(h, list, 2);
	hello_put(h, "\1\0", 2);
	hello_put_extensions(h);
	hello_close(h, message, 3);
}

static void hello_put_server(struct hello *h, uint32_t session)
{
	uint8_t *message, *list, *content;

	hello_put8(h, SERVER_HELLO);
	message = hello_open(h, 3);
	hello_put16(h, 0x0303);
	hello_put_random(h, 32);
	hello_put8(h, session);
	hello_put_random(h, session);
	hello_put16(h, h->client->ciphers[0]);
	hello_put8(h, 0);
	list = hello_open(h, 2);
	hello_put(h, "\0\x2b\0\2\3\4\0\x33", 8);
	content = hello_open(h, 2);
	hello_put_key(h, h->client->hybrid ? GROUP_HYBRID : GROUP_X25519,
		      h->client->hybrid ? ANSWER_HYBRID : SHARE_X25519);
	hello_close(h, content, 2);
	hello_close(h, list, 2);
	hello_close(h, message, 3);
}

static uint8_t *hello_open_record(struct hello *h, uint32_t type, uint32_t version)
{
	hello_put8(h, type);
	hello_put16(h, version);
	return hello_open(h, 2);
}

static void hello_put_tls(struct hello *h, uint32_t dir)
{
	uint8_t *record = hello_open_record(h, RECORD_HANDSHAKE, dir == 0 ? 0x0301 : 0x0303);

	if (dir == 0) {
		hello_put_client(h);
		hello_close(h, record, 2);
		return;
	}
	hello_put_server(h, 32);
	hello_close(h, record, 2);
	record = hello_open_record(h, RECORD_CHANGE, 0x0303);
	hello_put8(h, 1);
	hello_close(h, record, 2);
	record = hello_open_record(h, RECORD_DATA, 0x0303);
	hello_put_random(h, 80);
	hello_close(h, record, 2);
}

static void hello_put_text(struct hello *h, const char *text)
{
	hello_put(h, text, strlen(text));
}

static void hello_put_http(struct hello *h, uint32_t dir)
{
	static const char *const agents[] = { "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
					      "curl/8.14.1", "Debian APT-HTTP/1.3 (3.0.3)", "Go-http-client/1.1" };

	if (dir == 1) {
		hello_put_text(h, "HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Type: text/plain\r\nContent-Length: "
				  "1000000\r\nConnection: keep-alive\r\n\r\n");
		return;
	}
	hello_put_text(h, "GET /files/index.html HTTP/1.1\r\nHost: ");
	hello_put_text(h, h->name);
	hello_put_text(h, "\r\nUser-Agent: ");
	hello_put_text(h, agents[gen_random(&h->random) >> 62]);
	hello_put_text(h, "\r\nAccept: */*\r\nAccept-Encoding: gzip\r\n\r\n");
}

/* --- a connection ----------------------------------------------------------------------------- */

/* Half as one browser, a quarter as another, the rest without the large key. */
static const struct client *client_of(const struct gen_flow *flow, uint64_t random)
{
	static const uint8_t kinds[8] = { 0, 0, 0, 0, 1, 1, 2, 3 };

	return flow->shape & GEN_QUIC ? &quic_client : &clients[kinds[random >> 61]];
}

static struct hello hello_begin(const struct nsc_gen *gen, const struct gen_flow *flow, uint32_t dir, uint8_t *out)
{
	uint64_t identity = gen_identity(gen, flow->connection);
	struct hello h = { .at = out, .random = { .state = identity + 4 + dir } };

	h.client = client_of(flow, gen_mix(identity + 3));
	gen_host_name(gen_host_of(gen, flow), h.name);
	return h;
}

uint32_t gen_hello_stream(const struct nsc_gen *gen, const struct gen_flow *flow, uint32_t dir, uint8_t *out)
{
	struct hello h = hello_begin(gen, flow, dir, out);

	if (flow->shape & GEN_TLS)
		hello_put_tls(&h, dir);
	else
		hello_put_http(&h, dir);
	assert(h.at - out <= GEN_HELLO_MAX);
	return (uint32_t)(h.at - out);
}

uint32_t gen_hello_quic(const struct nsc_gen *gen, const struct gen_flow *flow, uint32_t dir, uint8_t *out)
{
	struct hello h = hello_begin(gen, flow, dir, out);

	if (dir == 0)
		hello_put_client(&h);
	else
		hello_put_server(&h, 0);
	assert(h.at - out <= GEN_HELLO_MAX);
	return (uint32_t)(h.at - out);
}

uint32_t gen_host_of(const struct nsc_gen *gen, const struct gen_flow *flow)
{
	uint64_t random = gen_mix(gen_identity(gen, flow->connection) + 2);

	return gen_host_number(gen, (uint32_t)gen_mix(random));
}
