/* SPDX-License-Identifier: MIT
 *
 * Resource records: type, class, time to live and the data of the types that people meet.
 */
#include "engine/dissect/dns.h"

enum { STRINGS_MAX = 64 };

const struct nsc_value_name dns_type_names[] = {
	{ 1, "A" },      { 2, "NS" },     { 5, "CNAME" },   { 6, "SOA" },    { 12, "PTR" },        { 13, "HINFO" },
	{ 15, "MX" },    { 16, "TXT" },   { 24, "SIG" },    { 25, "KEY" },   { 28, "AAAA" },       { 29, "LOC" },
	{ 33, "SRV" },   { 35, "NAPTR" }, { 39, "DNAME" },  { 41, "OPT" },   { 43, "DS" },         { 44, "SSHFP" },
	{ 46, "RRSIG" }, { 47, "NSEC" },  { 48, "DNSKEY" }, { 50, "NSEC3" }, { 51, "NSEC3PARAM" }, { 52, "TLSA" },
	{ 64, "SVCB" },  { 65, "HTTPS" }, { 99, "SPF" },    { 249, "TKEY" }, { 250, "TSIG" },      { 251, "IXFR" },
	{ 252, "AXFR" }, { 255, "ANY" },  { 256, "URI" },   { 257, "CAA" },  { 0, NULL },
};

static const struct nsc_value_name names_class[] = {
	{ 1, "IN" }, { 3, "CH" }, { 4, "HS" }, { 254, "none" }, { 255, "any" }, { 0, NULL },
};

static const struct nsc_field_type record_type = F_NAMED("dns.resp.type", "Type", 0, 2, dns_type_names);
static const struct nsc_field_type record_class = F_NAMED("dns.resp.class", "Class", 2, 2, names_class);
static const struct nsc_field_type record_class_multicast =
	FIELD("dns.resp.class", "Class", DEC, .at = 2, .size = 2, .bits = 0x7fff, .names = names_class);
static const struct nsc_field_type record_flush = F_FLAG("dns.resp.cache_flush", "Cache flush", 2, 2, 15);
static const struct nsc_field_type record_ttl = F_DEC("dns.resp.ttl", "Time to live", 4, 4);
static const struct nsc_field_type record_length = F_DEC("dns.resp.len", "Data length", 8, 2);
static const struct nsc_field_type record_data = F_BYTES("dns.data", "Data");

static const struct nsc_field_type edns[] = {
	F_DEC("dns.rr.udp_payload_size", "UDP payload size", 2, 2),
	F_HEX("dns.resp.ext_rcode", "Higher bits of the result", 4, 1),
	F_DEC("dns.resp.edns0_version", "EDNS version", 5, 1),
	F_HEX("dns.resp.z", "Flags", 6, 2),
};

static const struct nsc_field_type data_a = F_IPV4("dns.a", "Address", 0);
static const struct nsc_field_type data_aaaa = F_IPV6("dns.aaaa", "Address", 0);
static const struct nsc_field_type data_ns = F_TEXT("dns.ns", "Name server");
static const struct nsc_field_type data_cname = F_TEXT("dns.cname", "Canonical name");
static const struct nsc_field_type data_dname = F_TEXT("dns.dname", "Delegation");
static const struct nsc_field_type data_ptr = F_TEXT("dns.ptr.domain_name", "Name");
static const struct nsc_field_type data_mx_preference = F_DEC("dns.mx.preference", "Preference", 0, 2);
static const struct nsc_field_type data_mx = F_TEXT("dns.mx.mail_exchange", "Mail exchange");
static const struct nsc_field_type data_txt_length = F_DEC("dns.txt.length", "Length", 0, 1);
static const struct nsc_field_type data_txt = F_TEXT("dns.txt", "Text");
static const struct nsc_field_type data_soa_mname = F_TEXT("dns.soa.mname", "Primary server");
static const struct nsc_field_type data_soa_rname = F_TEXT("dns.soa.rname", "Responsible");
static const struct nsc_field_type data_soa[] = {
	F_DEC("dns.soa.serial_number", "Serial number", 0, 4),
	F_DEC("dns.soa.refresh_interval", "Refresh", 4, 4),
	F_DEC("dns.soa.retry_interval", "Retry", 8, 4),
	F_DEC("dns.soa.expire_limit", "Expire", 12, 4),
	F_DEC("dns.soa.minimum_ttl", "Minimum time to live", 16, 4),
};
static const struct nsc_field_type data_srv[] = {
	F_DEC("dns.srv.priority", "Priority", 0, 2),
	F_DEC("dns.srv.weight", "Weight", 2, 2),
	F_DEC("dns.srv.port", "Port", 4, 2),
};
static const struct nsc_field_type data_srv_target = F_TEXT("dns.srv.target", "Target");

static const struct nsc_field_type *name_field(uint16_t type)
{
	switch (type) {
	case DNS_NS:
		return &data_ns;
	case DNS_CNAME:
		return &data_cname;
	case DNS_DNAME:
		return &data_dname;
	case DNS_PTR:
		return &data_ptr;
	default:
		return NULL;
	}
}

static void add_table_at(struct dissect *s, const struct nsc_field_type *types, size_t n, uint64_t at)
{
	for (size_t i = 0; i < n; i++)
		add_at(s, &types[i], at + types[i].at);
}

static void add_soa(struct dissect *s, uint64_t base, uint64_t at)
{
	at = dns_name_add(s, &data_soa_mname, base, at, 0);
	if (at != 0)
		at = dns_name_add(s, &data_soa_rname, base, at, 0);
	if (at != 0)
		add_table_at(s, data_soa, NSC_ARRAY_LEN(data_soa), at);
}

static void add_strings(struct dissect *s, uint64_t at, uint64_t end)
{
	for (unsigned i = 0; i < STRINGS_MAX && at < end; i++) {
		uint32_t length = s->data[at];

		add_at(s, &data_txt_length, at);
		if (at + 1 + length > end)
			return;
		add_range(s, &data_txt, at + 1, length);
		at += 1 + length;
	}
}

/* The caller has made sure that the data is captured. */
static void add_data(struct dissect *s, uint64_t base, uint64_t at, uint16_t type, uint32_t length)
{
	const struct nsc_field_type *name = name_field(type);

	if (name) {
		dns_name_add(s, name, base, at, 0);
	} else if (type == DNS_A && length == 4) {
		add_at(s, &data_a, at);
	} else if (type == DNS_AAAA && length == 16) {
		add_at(s, &data_aaaa, at);
	} else if (type == DNS_MX && length > 2) {
		add_at(s, &data_mx_preference, at);
		dns_name_add(s, &data_mx, base, at + 2, 0);
	} else if (type == DNS_TXT) {
		add_strings(s, at, at + length);
	} else if (type == DNS_SOA) {
		add_soa(s, base, at);
	} else if (type == DNS_SRV && length > 6) {
		add_table_at(s, data_srv, NSC_ARRAY_LEN(data_srv), at);
		dns_name_add(s, &data_srv_target, base, at + 6, 0);
	} else if (length > 0) {
		add_range(s, &record_data, at, length);
	}
}

uint64_t dns_record_add(struct dissect *s, uint64_t base, uint64_t at, bool multicast)
{
	uint16_t type;
	uint32_t length;

	add_at(s, &record_type, at);
	type = nsc_load16(s->data + at);
	length = nsc_load16(s->data + at + 8);
	if (type == DNS_OPT) {
		add_table_at(s, edns, NSC_ARRAY_LEN(edns), at);
	} else {
		add_at(s, multicast ? &record_class_multicast : &record_class, at + 2);
		if (multicast)
			add_at(s, &record_flush, at + 2);
		add_at(s, &record_ttl, at + 4);
	}
	add_at(s, &record_length, at + 8);
	at += DNS_RECORD_HEADER;
	if (at + length > s->cap_end)
		return 0;
	add_data(s, base, at, type, length);
	return at + length;
}

static const struct nsc_field_type *const line_data[] = {
	&data_a, &data_aaaa, &data_cname, &data_ns, &data_ptr, &data_mx, &data_srv_target, &data_txt, &data_soa_mname,
};

void dns_record_line(struct line *l, uint16_t record)
{
	size_t i = 0;

	while (i < NSC_ARRAY_LEN(line_data) - 1 && !child(l->tree, record, line_data[i]))
		i++;
	line_print(l, record, "%n[ %v]", TYPES(&record_type, line_data[i]));
}
