/* SPDX-License-Identifier: MIT
 *
 * Does a filter let a flow through? Runs on workers, for the records that the sweep passes.
 */
#include <ctype.h>
#include <string.h>

#include "netscope/geo.h"
#include "netscope/query.h"

static bool match_network(const struct nsc_filter_value *want, const uint8_t addr[16], uint8_t ip_version)
{
	unsigned bytes = want->prefix / 8, bits = want->prefix % 8;

	if (want->ip_version != ip_version || memcmp(want->address, addr, bytes))
		return false;
	return !bits || !((want->address[bytes] ^ addr[bytes]) >> (8 - bits));
}

static bool match_compare(enum nsc_filter_op op, const struct nsc_filter_value *want, uint64_t have)
{
	switch (op) {
	case NSC_OP_LT:
		return have < want->low;
	case NSC_OP_LE:
		return have <= want->low;
	case NSC_OP_GT:
		return have > want->low;
	case NSC_OP_GE:
		return have >= want->low;
	default:
		return have >= want->low && have <= want->high;
	}
}

/* One end of the flow against one value; b: the end b. */
static bool match_end(const struct nsc_filter_term *term, const struct nsc_filter_value *want,
		      const struct nsc_flow_record *record, bool b)
{
	if (term->column->kind == NSC_COLUMN_ADDRESS)
		return match_network(want, b ? record->addr_b : record->addr_a, record->ip_version);
	return match_compare(term->op, want, b ? record->port_b : record->port_a);
}

static bool match_side(const struct nsc_filter_term *term, const struct nsc_filter_value *want,
		       const struct nsc_flow_record *record)
{
	bool b = (record->client == NSC_CLIENT_B) == (term->column->end == NSC_SIDE_CLIENT);

	if (term->column->end == NSC_SIDE_EITHER)
		return match_end(term, want, record, false) || match_end(term, want, record, true);
	return match_end(term, want, record, b);
}

/* `*` stands for any characters, also none. What stands between two stars is taken where it is found first, so that the
 * work grows with the lengths and not with their product: names and filters may be made to cost much. */
static bool match_pattern(const char *want, size_t want_length, const char *have, size_t length)
{
	const char *star = memchr(want, '*', want_length), *found;
	size_t part = star ? (size_t)(star - want) : want_length;

	if (part > length || memcmp(want, have, part))
		return false;
	if (!star)
		return part == length;
	for (;;) {
		have += part;
		length -= part;
		want_length -= (size_t)(star + 1 - want);
		want = star + 1;
		star = memchr(want, '*', want_length);
		if (!star)
			return want_length <= length && !memcmp(want, have + length - want_length, want_length);
		part = (size_t)(star - want);
		found = memmem(have, length, want, part);
		if (!found)
			return false;
		length -= (size_t)(found - have);
		have = found;
	}
}

static bool match_part(const struct nsc_column *column, const char *want, size_t want_length, const char *have,
		       size_t length)
{
	if (match_pattern(want, want_length, have, length))
		return true;
	return column->below && length > want_length && (want[0] == '.' || have[length - want_length - 1] == '.') &&
	       !memcmp(want, have + length - want_length, want_length);
}

static bool match_any_part(const struct nsc_flow_filter *filter, const struct nsc_filter_term *term, const char *text,
			   const char *end)
{
	const char *part;

	for (; text < end; text = part + 1) {
		part = memchr(text, ';', (size_t)(end - text));
		part = part ? part : end;
		for (unsigned i = 0; i < term->n; i++) {
			const struct nsc_filter_value *want = &filter->value[term->first + i];

			if (match_part(term->column, filter->text + want->low, want->high, text, (size_t)(part - text)))
				return true;
		}
	}
	return false;
}

static bool match_text(const struct nsc_flow_filter *filter, const struct nsc_filter_term *term,
		       const struct nsc_flow_record *record)
{
	char small[NSC_NAME_MAX];
	struct nsc_named named;
	const char *text;
	uint32_t length;

	nsc_flow_named(record, &named);
	length = term->column->text(record, &named, &text);
	for (uint32_t i = 0; i < length; i++)
		small[i] = (char)tolower((unsigned char)text[i]);
	return length && match_any_part(filter, term, small, small + length) == (term->op != NSC_OP_NE);
}

/* Each end is looked up once for a term. What is known of neither matches no term, nor its negation. */
static bool match_place(const struct nsc_flow_filter *filter, const struct nsc_filter_term *term,
			const struct nsc_flow_record *record)
{
	struct nsc_geo geo[2];
	bool known = false, any = false;

	nsc_flow_geo(record, geo);
	for (unsigned end = 0; end < 2; end++) {
		uint64_t have = term->column->place(&geo[end]);

		known |= have != 0;
		for (unsigned i = 0; i < term->n && have && !any; i++)
			any = match_compare(term->op, &filter->value[term->first + i], have);
	}
	return known && any == (term->op != NSC_OP_NE);
}

static bool match_term(const struct nsc_flow_filter *filter, const struct nsc_filter_term *term,
		       const struct nsc_flow_record *record, const struct nsc_flow_moment *moment)
{
	bool ends = term->column->end != NSC_SIDE_NONE, any = false;
	struct nsc_flow_key_value have;

	if (term->column->kind == NSC_COLUMN_TEXT)
		return match_text(filter, term, record);
	if (term->column->place)
		return match_place(filter, term, record);
	if (ends ? term->column->end != NSC_SIDE_EITHER && record->client == NSC_CLIENT_NONE
		 : !term->column->value(record, moment, &have))
		return false;
	for (unsigned i = 0; i < term->n && !any; i++) {
		const struct nsc_filter_value *want = &filter->value[term->first + i];

		any = ends ? match_side(term, want, record) : match_compare(term->op, want, have.word[0]);
	}
	return term->op == NSC_OP_NE ? !any : any;
}

bool nsc_flow_filter_match_terms(const struct nsc_flow_filter *filter, uint32_t first, uint32_t end,
				 const struct nsc_flow_record *record, const struct nsc_flow_moment *moment)
{
	for (uint32_t i = first; i < end; i++)
		if (match_term(filter, &filter->term[i], record, moment) == filter->term[i].negated)
			return false;
	return true;
}

bool nsc_flow_filter_match(const struct nsc_flow_filter *filter, const struct nsc_flow_record *record,
			   const struct nsc_flow_moment *moment)
{
	return nsc_flow_filter_match_terms(filter, 0, filter->n, record, moment);
}
