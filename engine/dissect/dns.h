/* SPDX-License-Identifier: MIT
 *
 * What the files of the DNS dissector share. Offsets count from data; `base` is where the message starts, for names
 * point to other names from there.
 */
#ifndef NETSCOPE_DISSECT_DNS_H
#define NETSCOPE_DISSECT_DNS_H

#include "engine/dissect/dissect.h"
#include "engine/names/dns_name.h"

enum { DNS_RECORD_HEADER = 10 }; /* behind the name */

enum {
	DNS_A = 1,
	DNS_NS = 2,
	DNS_CNAME = 5,
	DNS_SOA = 6,
	DNS_PTR = 12,
	DNS_MX = 15,
	DNS_TXT = 16,
	DNS_AAAA = 28,
	DNS_SRV = 33,
	DNS_DNAME = 39,
	DNS_OPT = 41,
};

extern const struct nsc_value_name dns_type_names[];

/* Adds the name as a field; where it ends, or 0 when it is damaged or `behind` bytes more are not there (then nothing
 * is added, as tshark does). */
uint64_t dns_name_add(struct dissect *s, const struct nsc_field_type *type, uint64_t base, uint64_t at,
		      uint32_t behind);

/* Adds the fields of one record behind its name, where its header is (the caller has seen it); where it ends, or 0. */
uint64_t dns_record_add(struct dissect *s, uint64_t base, uint64_t at, bool multicast);

/* For a packet line: the data of the record in group `record`, or its type's name. */
void dns_record_line(struct line *l, uint16_t record);

#endif
