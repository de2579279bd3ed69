/* SPDX-License-Identifier: MIT */
#include "engine/text/pcapng_section.h"

#include "netscope/interfaces.h"

static bool section_knows(const struct nsc_pcapng_section *s, uint32_t i, const struct nsc_packet_record *record,
			  enum nsc_pcapng_clock clock)
{
	uint32_t at = i % NSC_PCAPNG_KNOWN;

	return s->interface[at].linktype == record->linktype && s->interface[at].name == record->interface &&
	       s->interface[at].clock == clock;
}

uint8_t *nsc_pcapng_section_add(struct nsc_pcapng_section *s, uint8_t *at, const struct nsc_packet_record *record)
{
	enum nsc_pcapng_clock clock = nsc_pcapng_clock_of(record->ts_ns, true);
	uint32_t oldest = s->n > NSC_PCAPNG_KNOWN ? s->n - NSC_PCAPNG_KNOWN : 0, i = s->n;

	while (i > oldest && !section_knows(s, i - 1, record, clock))
		i--;
	if (i > oldest)
		return nsc_pcapng_put_packet(at, record, i - 1, clock);
	at = nsc_pcapng_put_named_interface(at, record->linktype, clock, 0, nsc_interface_name(record->interface));
	s->interface[s->n % NSC_PCAPNG_KNOWN].linktype = record->linktype;
	s->interface[s->n % NSC_PCAPNG_KNOWN].name = record->interface;
	s->interface[s->n % NSC_PCAPNG_KNOWN].clock = (uint8_t)clock;
	return nsc_pcapng_put_packet(at, record, s->n++, clock);
}
