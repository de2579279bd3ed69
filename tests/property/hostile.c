/* SPDX-License-Identifier: MIT
 *
 * Hostile times, lengths, nesting and segments, inline and with 1, 2, 3 and 8 workers: every run ends, balances, does
 * no more rounds than packets ask for, and exports the same bytes. HOSTILE_SEED=number repeats one round,
 * HOSTILE_ROUNDS=n asks for more.
 */
#include "tests/property/hostile.h"

#include <signal.h>

enum { ROUNDS = 12, BYTES = 6000 };

static uint64_t number_from(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text && *text ? strtoull(text, NULL, 0) : otherwise;
}

/* splitmix64 */
static uint64_t next(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

/* How time goes on: mostly by small steps, seldom by a large one, and to its ends in the last eighth of the bytes. */
static uint8_t pick_time(uint64_t *state, bool late)
{
	static const uint8_t usual[] = { 0, 0, 1, 1, 1, 1, 1, 2 };

	return (late && next(state) % 16 == 0 ? next(state) % 8 : usual[next(state) % 8]) << 3;
}

static uint8_t *put_random(uint64_t *state, uint8_t *at, unsigned n)
{
	while (n--)
		*at++ = (uint8_t)next(state);
	return at;
}

static uint8_t *put_text(uint64_t *state, uint8_t *at)
{
	uint8_t n = next(state) % 24;

	*at++ = n;
	return put_random(state, at, n);
}

/* A query or an answer, of few ids and names. */
static uint8_t *put_dns(uint64_t *state, uint8_t *at)
{
	static const uint8_t message[] = { 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 'a', 0, 0, 1, 0, 1 };
	uint64_t word = next(state);

	*at++ = sizeof(message);
	memcpy(at, message, sizeof(message));
	at[1] = word & 3;
	at[2] |= word & 0x80;
	at[3] = word >> 8 & 3;
	at[5] = word >> 16 & 15 ? 1 : 0;
	at[13] = (uint8_t)('a' + (word >> 24 & 1));
	return at + sizeof(message);
}

/* What the template of a packet reads: hostile.h. Sixteen hosts, so that flows have many packets. */
static uint8_t *put_operands(uint64_t *state, uint8_t *at, unsigned template)
{
	if (template == 6)
		*at++ = (uint8_t)next(state); /* operands that are missing are other packets */
	if (template >= 1 && template <= 5)
		*at++ = next(state) &
			(next(state) & 3 ? 0x8f : 0xcf); /* some are fragments, whose operand is the next byte */
	if (template == 4 || template == 5)
		return next(state) & 3 ? put_dns(state, at) : put_text(state, at);
	if (template == 0)
		return put_text(state, at);
	return put_random(state, at, template == 2 ? 2 : template == 1 || template == 3 ? 6 : 0);
}

static uint8_t *put_packet(uint64_t *state, uint8_t *at, bool late)
{
	static const uint8_t time_bytes[8] = { 0, 1, 1, 8, 1, 1, 1, 1 };
	uint64_t word = next(state);
	uint8_t time = pick_time(state, late), operation = (word & 7) | time;

	operation |= (word >> 8 & 7 ? 0 : 0x40) | (word >> 16 & 15 ? 0 : 0x80);
	*at++ = operation;
	if (time == 2 << 3 && !late)
		*at++ = word >> 24 & 31; /* up to two seconds */
	else
		at = put_random(state, at, time_bytes[time >> 3]);
	at = put_random(state, at, (operation >> 7) + (operation >> 6 & 1));
	return put_operands(state, at, operation & 7);
}

static size_t make_bytes(uint64_t *state, uint8_t *bytes)
{
	static const uint64_t starts[] = { 0, 1700000000 * NSC_NS_PER_SEC, NSC_TIME_MAX - 5000000000,
					   UINT64_MAX - 5000000000 };
	uint64_t start_ns = starts[next(state) % 4];
	uint8_t *at = bytes;

	*at++ = 3 << 3 | 6; /* an ARP packet at that time */
	for (unsigned i = 0; i < 8; i++)
		*at++ = (uint8_t)(start_ns >> (56 - 8 * i));
	while (at < bytes + BYTES - 64)
		at = put_packet(state, at, at > bytes + BYTES / 8 * 7);
	return (size_t)(at - bytes);
}

static bool run_round(uint64_t seed, const char *folder)
{
	static const uint64_t ticks[] = { 1000000, 100000000, 1000000000, 3600000000000, 1ull << 62 };
	static const uint64_t timeouts[] = { 0, 1, 60000000000, INT64_MAX };
	static const uint64_t parts[] = { 0, 100000000, 3600000000000 };
	static const uint32_t workers[] = { 0, 1, 2, 3, 8 };
	static uint8_t bytes[BYTES];
	uint64_t state = seed;
	size_t n = make_bytes(&state, bytes);
	uint32_t snaplen = next(&state) & 3 ? 0 : 60;
	struct hostile_way way = {
		.detect = next(&state) & 1,
		.decap = next(&state) & 1,
		.shown = next(&state) & 1,
		.join = next(&state) & 1,
		.dedup = next(&state) & 1,
		.track = next(&state) & 1,
		.unanswered = next(&state) & 1,
		.key = next(&state) & (NSC_KEY_VLAN | NSC_KEY_TUNNEL),
		.part_ns = parts[next(&state) % NSC_ARRAY_LEN(parts)],
		.tick_ns = ticks[next(&state) % NSC_ARRAY_LEN(ticks)],
		.timeout_ns = timeouts[next(&state) % NSC_ARRAY_LEN(timeouts)],
	};
	struct hostile_result first = { .text = NULL };
	bool same = true;

	for (unsigned i = 0; i < NSC_ARRAY_LEN(workers); i++) {
		struct hostile_result result;

		way.workers = workers[i];
		hostile_run(hostile_open(bytes, n, 1 + next(&state) % 64, snaplen, false), &way, folder, &result);
		if (!i) {
			first = result;
			continue;
		}
		if (first.exact && result.exact)
			same &= first.length == result.length && !memcmp(first.text, result.text, first.length) &&
				first.ticks == result.ticks;
		free(result.text);
	}
	printf(same ? "# seed %llu: %zu bytes of flows, %llu ticks%s\n"
		    : "not ok - hostile, seed %llu: other flows than inline\n",
	       (unsigned long long)seed, first.length, (unsigned long long)first.ticks,
	       first.exact ? "" : ", a limit was hit");
	free(first.text);
	return same;
}

int main(void)
{
	uint64_t first = number_from("HOSTILE_SEED", 1),
		 rounds = number_from("HOSTILE_ROUNDS", getenv("HOSTILE_SEED") ? 1 : ROUNDS);
	unsigned failed = 0;
	char folder[4096];

	signal(SIGPIPE, SIG_IGN);
	hostile_folder(folder, sizeof(folder));
	for (uint64_t seed = first; seed < first + rounds; seed++)
		failed += !run_round(seed, folder);
	hostile_clean(folder);
	if (!failed)
		printf("ok - hostile packets, inline and with 1, 2, 3 and 8 workers\n");
	return failed != 0;
}
