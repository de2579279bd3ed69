/* SPDX-License-Identifier: MIT
 *
 * Text into bounded room, and the escapes that everything from the wire goes through.
 */
#include "engine/text/print.h"
#include "netscope/dissect.h"

/* clang-format off */
const char print_pairs[201] =
	"0001020304050607080910111213141516171819"
	"2021222324252627282930313233343536373839"
	"4041424344454647484950515253545556575859"
	"6061626364656667686970717273747576777879"
	"8081828384858687888990919293949596979899";

const char print_hex_pairs[513] =
	"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
	"202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f"
	"404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f"
	"606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f"
	"808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f"
	"a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebf"
	"c0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedf"
	"e0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff";

const struct print_octet print_octets[256] = {
	{"0."}, {"1."}, {"2."}, {"3."}, {"4."}, {"5."}, {"6."}, {"7."},
	{"8."}, {"9."}, {"10."}, {"11."}, {"12."}, {"13."}, {"14."}, {"15."},
	{"16."}, {"17."}, {"18."}, {"19."}, {"20."}, {"21."}, {"22."}, {"23."},
	{"24."}, {"25."}, {"26."}, {"27."}, {"28."}, {"29."}, {"30."}, {"31."},
	{"32."}, {"33."}, {"34."}, {"35."}, {"36."}, {"37."}, {"38."}, {"39."},
	{"40."}, {"41."}, {"42."}, {"43."}, {"44."}, {"45."}, {"46."}, {"47."},
	{"48."}, {"49."}, {"50."}, {"51."}, {"52."}, {"53."}, {"54."}, {"55."},
	{"56."}, {"57."}, {"58."}, {"59."}, {"60."}, {"61."}, {"62."}, {"63."},
	{"64."}, {"65."}, {"66."}, {"67."}, {"68."}, {"69."}, {"70."}, {"71."},
	{"72."}, {"73."}, {"74."}, {"75."}, {"76."}, {"77."}, {"78."}, {"79."},
	{"80."}, {"81."}, {"82."}, {"83."}, {"84."}, {"85."}, {"86."}, {"87."},
	{"88."}, {"89."}, {"90."}, {"91."}, {"92."}, {"93."}, {"94."}, {"95."},
	{"96."}, {"97."}, {"98."}, {"99."}, {"100."}, {"101."}, {"102."}, {"103."},
	{"104."}, {"105."}, {"106."}, {"107."}, {"108."}, {"109."}, {"110."}, {"111."},
	{"112."}, {"113."}, {"114."}, {"115."}, {"116."}, {"117."}, {"118."}, {"119."},
	{"120."}, {"121."}, {"122."}, {"123."}, {"124."}, {"125."}, {"126."}, {"127."},
	{"128."}, {"129."}, {"130."}, {"131."}, {"132."}, {"133."}, {"134."}, {"135."},
	{"136."}, {"137."}, {"138."}, {"139."}, {"140."}, {"141."}, {"142."}, {"143."},
	{"144."}, {"145."}, {"146."}, {"147."}, {"148."}, {"149."}, {"150."}, {"151."},
	{"152."}, {"153."}, {"154."}, {"155."}, {"156."}, {"157."}, {"158."}, {"159."},
	{"160."}, {"161."}, {"162."}, {"163."}, {"164."}, {"165."}, {"166."}, {"167."},
	{"168."}, {"169."}, {"170."}, {"171."}, {"172."}, {"173."}, {"174."}, {"175."},
	{"176."}, {"177."}, {"178."}, {"179."}, {"180."}, {"181."}, {"182."}, {"183."},
	{"184."}, {"185."}, {"186."}, {"187."}, {"188."}, {"189."}, {"190."}, {"191."},
	{"192."}, {"193."}, {"194."}, {"195."}, {"196."}, {"197."}, {"198."}, {"199."},
	{"200."}, {"201."}, {"202."}, {"203."}, {"204."}, {"205."}, {"206."}, {"207."},
	{"208."}, {"209."}, {"210."}, {"211."}, {"212."}, {"213."}, {"214."}, {"215."},
	{"216."}, {"217."}, {"218."}, {"219."}, {"220."}, {"221."}, {"222."}, {"223."},
	{"224."}, {"225."}, {"226."}, {"227."}, {"228."}, {"229."}, {"230."}, {"231."},
	{"232."}, {"233."}, {"234."}, {"235."}, {"236."}, {"237."}, {"238."}, {"239."},
	{"240."}, {"241."}, {"242."}, {"243."}, {"244."}, {"245."}, {"246."}, {"247."},
	{"248."}, {"249."}, {"250."}, {"251."}, {"252."}, {"253."}, {"254."}, {"255."},
};

const uint8_t print_octet_lengths[256] = {
	[0 ... 9] = 2, [10 ... 99] = 3, [100 ... 255] = 4,
};
/* clang-format on */

/* The first longest run of at least two zero groups: where it starts, and its length, or 0. */
static unsigned zero_run(const uint16_t group[8], unsigned *start)
{
	unsigned best = 0, run = 0;

	for (unsigned i = 0; i < 8; i++) {
		run = group[i] == 0 ? run + 1 : 0;
		if (run > best) {
			best = run;
			*start = i + 1 - run;
		}
	}
	return best >= 2 ? best : 0;
}

static char *write_group(char *at, uint16_t group)
{
	char pairs[4];
	unsigned skip = (group < 0x1000) + (group < 0x100) + (group < 0x10);

	write_hex(pairs, (uint8_t)(group >> 8));
	write_hex(pairs + 2, (uint8_t)group);
	memcpy(at, pairs + skip, 4 - skip);
	return at + 4 - skip;
}

static bool has_ipv4_tail(const uint16_t group[8], unsigned zeros, unsigned start)
{
	return start == 0 && (zeros == 6 || (zeros == 5 && group[5] == 0xffff));
}

char *write_ipv6(char *at, const uint8_t *addr)
{
	uint16_t group[8];
	unsigned start = 8, zeros;

	for (unsigned i = 0; i < 8; i++)
		group[i] = (uint16_t)(addr[2 * i] << 8 | addr[2 * i + 1]);
	zeros = zero_run(group, &start);
	for (unsigned i = 0; i < 8; i++) {
		if (zeros && i == start) {
			at = write_literal(at, "::");
			i += zeros - 1;
			continue;
		}
		if (i == 6 && zeros && has_ipv4_tail(group, zeros, start))
			return write_ipv4(at, addr + 12);
		at = write_group(at, group[i]);
		if (i < 7 && !(zeros && i + 1 == start))
			*at++ = ':';
	}
	return at;
}

char *write_time(char *at, uint64_t ns)
{
	uint32_t micros = (uint32_t)(ns % NSC_NS_PER_SEC / 1000);
	uint32_t seconds = (uint32_t)(ns / NSC_NS_PER_SEC % 86400);

	at = write_pair(at, seconds / 3600);
	*at++ = ':';
	at = write_pair(at, seconds / 60 % 60);
	*at++ = ':';
	at = write_pair(at, seconds % 60);
	*at++ = '.';
	at = write_pair(at, micros / 10000);
	at = write_pair(at, micros / 100 % 100);
	return write_pair(at, micros % 100);
}

/* --- bounded ---------------------------------------------------------------------------------- */

void print_bytes(struct print *p, const char *text, size_t n)
{
	if (p->full) /* what was dropped leaves no hole: nothing comes after it */
		return;
	if ((size_t)(p->end - p->at) < n) {
		n = (size_t)(p->end - p->at);
		p->full = true;
	}
	memcpy(p->at, text, n);
	p->at += n;
}

void print_text(struct print *p, const char *text)
{
	print_bytes(p, text, strlen(text));
}

void print_char(struct print *p, char c)
{
	print_bytes(p, &c, 1);
}

void print_spaces(struct print *p, unsigned n)
{
	while (n--)
		print_char(p, ' ');
}

void print_u64(struct print *p, uint64_t value)
{
	char digits[PRINT_U64_MAX];

	print_bytes(p, digits, (size_t)(write_u64(digits, value) - digits));
}

void print_hex(struct print *p, uint64_t value, unsigned digits)
{
	char text[16];

	digits = NSC_MIN(digits, sizeof(text));
	for (unsigned i = digits; i-- > 0; value >>= 4)
		text[i] = "0123456789abcdef"[value & 15];
	print_bytes(p, "0x", 2);
	print_bytes(p, text, digits);
}

/* --- escapes ---------------------------------------------------------------------------------- */

/* One byte as text: 1, 2 or 4 characters. */
static unsigned escape_byte(char at[4], uint8_t byte)
{
	if (byte >= 0x20 && byte < 0x7f && byte != '\\') {
		at[0] = (char)byte;
		return 1;
	}
	at[0] = '\\';
	if (byte == '\\') {
		at[1] = '\\';
		return 2;
	}
	at[1] = 'x';
	write_hex(at + 2, byte);
	return 4;
}

void print_escaped(struct print *p, const uint8_t *bytes, size_t n)
{
	char text[4];

	for (size_t i = 0; i < n; i++) {
		unsigned length = escape_byte(text, bytes[i]);

		if (p->full || (size_t)(p->end - p->at) < length) {
			p->full = true;
			return;
		}
		memcpy(p->at, text, length);
		p->at += length;
	}
}

size_t nsc_escape_text(const uint8_t *bytes, size_t length, char *out, size_t room)
{
	struct print p = { .at = out, .end = out + room };

	print_escaped(&p, bytes, length);
	return (size_t)(p.at - out);
}

/* A printable character inside a JSON string that may stand inside HTML. */
static unsigned json_char(char at[6], char c)
{
	switch (c) {
	case '"':
	case '\\':
		at[0] = '\\';
		at[1] = c;
		return 2;
	case '<':
	case '>':
	case '&':
	case '\'':
		memcpy(at, "\\u00", 4);
		write_hex(at + 4, (uint8_t)c);
		return 6;
	default:
		at[0] = c;
		return 1;
	}
}

size_t nsc_escape_json(const uint8_t *bytes, size_t length, char *out, size_t room)
{
	char text[4], json[4 * 6];
	size_t used = 0;

	for (size_t i = 0; i < length; i++) {
		unsigned n = escape_byte(text, bytes[i]), m = 0;

		for (unsigned k = 0; k < n; k++)
			m += json_char(json + m, text[k]);
		if (room - used < m)
			break;
		memcpy(out + used, json, m);
		used += m;
	}
	return used;
}
