/* SPDX-License-Identifier: MIT
 *
 * Vendors give the same thing different names. Which of them a database uses is looked up once, in its first records.
 *
 * Answers are kept by address: flows share a few addresses, and a look-up of three members costs half a microsecond.
 */
#include "netscope/geo.h"

#include <errno.h>
#include <maxminddb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "engine/base/geo_copy.h"

enum { GEO_COUNTRY, GEO_ASN, GEO_ORG, GEO_MEMBERS };

#define GEO_PATH_MAX 3 /* words, and NULL */
#define GEO_PATHS_MAX 6

static const char *const geo_paths[GEO_MEMBERS][GEO_PATHS_MAX][GEO_PATH_MAX] = {
	[GEO_COUNTRY] = { { "country", "iso_code" }, { "country_code" }, { "country" } },
	[GEO_ASN] = { { "autonomous_system_number" },
		      { "traits", "autonomous_system_number" },
		      { "asn" },
		      { "as_number" },
		      { "asn", "asn" } },
	[GEO_ORG] = { { "autonomous_system_organization" },
		      { "traits", "autonomous_system_organization" },
		      { "as_name" },
		      { "as_org" },
		      { "org" },
		      { "asn", "name" } },
};

enum { /* of a database, to find out which names it uses */
       LOOK_NODES = 1 << 18,
       LOOK_RECORDS = 4096,
       TREE_DEPTH = 128,
};

struct geo_file {
	MMDB_s db;
	const char *const *path[GEO_MEMBERS]; /* NULL: has none of it */
};

enum { CACHE_BITS = 13, CACHE_ENTRIES = 1 << CACHE_BITS };

struct geo_entry {
	uint8_t addr[16]; /* IPv4 in the first 4, the rest 0 */
	struct nsc_geo geo;
	uint8_t ip_version; /* 0: empty */
};

static struct {
	struct geo_file file[NSC_GEO_FILES_MAX];
	pthread_mutex_t mutex; /* over the cache */
	struct geo_entry cache[CACHE_ENTRIES];
} geo = { .mutex = PTHREAD_MUTEX_INITIALIZER };

uint32_t nsc_geo_files;

/* --- members of a record ---------------------------------------------------------------------- */

static void geo_read_country(const MMDB_entry_data_s *data, struct nsc_geo *out)
{
	char letter[2];

	if (data->type != MMDB_DATA_TYPE_UTF8_STRING || data->data_size != 2)
		return;
	for (unsigned i = 0; i < 2; i++) {
		letter[i] = (char)(data->utf8_string[i] & ~('a' ^ 'A'));
		if (letter[i] < 'A' || letter[i] > 'Z')
			return;
	}
	memcpy(out->country, letter, sizeof(letter));
}

/* "AS64500" or "64500". */
static uint32_t geo_number_of(const char *text, uint32_t n)
{
	uint64_t number = 0;
	uint32_t at = n > 2 && text[0] == 'A' && text[1] == 'S' ? 2 : 0;

	for (; at < n; at++) {
		if (text[at] < '0' || text[at] > '9')
			return 0;
		number = number * 10 + (uint64_t)(text[at] - '0');
		if (number > UINT32_MAX)
			return 0;
	}
	return (uint32_t)number;
}

static void geo_read_asn(const MMDB_entry_data_s *data, struct nsc_geo *out)
{
	switch (data->type) {
	case MMDB_DATA_TYPE_UINT16:
		out->asn = data->uint16;
		break;
	case MMDB_DATA_TYPE_UINT32:
		out->asn = data->uint32;
		break;
	case MMDB_DATA_TYPE_UINT64:
		out->asn = data->uint64 <= UINT32_MAX ? (uint32_t)data->uint64 : 0;
		break;
	case MMDB_DATA_TYPE_INT32:
		out->asn = data->int32 > 0 ? (uint32_t)data->int32 : 0;
		break;
	case MMDB_DATA_TYPE_UTF8_STRING:
		out->asn = geo_number_of(data->utf8_string, data->data_size);
		break;
	default:
		break;
	}
}

static void geo_read_org(const MMDB_entry_data_s *data, struct nsc_geo *out)
{
	uint32_t n = data->data_size;

	if (data->type != MMDB_DATA_TYPE_UTF8_STRING || !n)
		return;
	if (n > NSC_GEO_ORG_MAX)
		for (n = NSC_GEO_ORG_MAX; n && ((uint8_t)data->utf8_string[n] & 0xc0) == 0x80;)
			n--;
	out->as_org = n ? data->utf8_string : NULL;
	out->as_org_length = (uint8_t)n;
}

static bool geo_has(const struct nsc_geo *out, unsigned member)
{
	return member == GEO_COUNTRY ? out->country[0] : member == GEO_ASN ? out->asn != 0 : out->as_org_length != 0;
}

/* Reads one member by the words of its path; true when `out` has it now. */
static bool geo_read(const MMDB_entry_s *entry, const char *const *path, unsigned member, struct nsc_geo *out)
{
	MMDB_entry_s start = *entry;
	MMDB_entry_data_s data;

	if (MMDB_aget_value(&start, &data, path) != MMDB_SUCCESS || !data.has_data)
		return false;
	if (member == GEO_COUNTRY)
		geo_read_country(&data, out);
	else if (member == GEO_ASN)
		geo_read_asn(&data, out);
	else
		geo_read_org(&data, out);
	return geo_has(out, member);
}

/* --- what a database has: its first records, as far as they are needed ------------------------- */

/* False when nothing is left to find out. */
static bool geo_look_at(struct geo_file *file, const MMDB_entry_s *entry)
{
	bool wanted = false;

	for (unsigned member = 0; member < GEO_MEMBERS; member++) {
		for (unsigned i = 0; !file->path[member] && i < GEO_PATHS_MAX && geo_paths[member][i][0]; i++) {
			struct nsc_geo found = { .asn = 0 };

			if (geo_read(entry, geo_paths[member][i], member, &found))
				file->path[member] = geo_paths[member][i];
		}
		wanted |= !file->path[member];
	}
	return wanted;
}

/* Depth first, from the smallest address on. A broken tree may have circles: the walk has an end all the same. */
static void geo_look(struct geo_file *file)
{
	uint32_t stack[TREE_DEPTH + 1], n = 1, records = 0;

	stack[0] = 0;
	for (uint32_t nodes = 0; n && nodes < LOOK_NODES && records < LOOK_RECORDS; nodes++) {
		MMDB_search_node_s node;

		if (MMDB_read_node(&file->db, stack[--n], &node) != MMDB_SUCCESS)
			continue;
		if (node.right_record_type == MMDB_RECORD_TYPE_SEARCH_NODE && n <= TREE_DEPTH)
			stack[n++] = (uint32_t)node.right_record;
		if (node.left_record_type == MMDB_RECORD_TYPE_SEARCH_NODE && n <= TREE_DEPTH)
			stack[n++] = (uint32_t)node.left_record;
		if (node.left_record_type == MMDB_RECORD_TYPE_DATA) {
			records++;
			if (!geo_look_at(file, &node.left_record_entry))
				return;
		}
		if (node.right_record_type == MMDB_RECORD_TYPE_DATA) {
			records++;
			if (!geo_look_at(file, &node.right_record_entry))
				return;
		}
	}
}

/* --- opening ---------------------------------------------------------------------------------- */

static int geo_map(struct geo_file *file, const char *path, struct nsc_error *error)
{
	int fd = nsc_geo_copy(path, error), failed;
	char name[32];

	if (fd < 0)
		return fd;
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	failed = MMDB_open(name, MMDB_MODE_MMAP, &file->db);
	close(fd);
	if (failed == MMDB_FILE_OPEN_ERROR || failed == MMDB_IO_ERROR || failed == MMDB_OUT_OF_MEMORY_ERROR)
		return nsc_fail(error, -EIO, "--geoip %.300s: its copy in memory cannot be opened: %s", path,
				MMDB_strerror(failed));
	if (failed)
		return nsc_fail(error, -EINVAL, "--geoip %.300s: is a broken MMDB file: %s", path,
				MMDB_strerror(failed));
#ifdef MADV_POPULATE_READ
	madvise((void *)(uintptr_t)file->db.file_content, (size_t)file->db.file_size, MADV_POPULATE_READ);
#endif
	return 0;
}

int nsc_geo_open(const char *path, struct nsc_error *error)
{
	struct geo_file *file = &geo.file[nsc_geo_files];
	int status;

	if (nsc_geo_files == NSC_GEO_FILES_MAX)
		return nsc_fail(error, -E2BIG, "--geoip names more than %d files", NSC_GEO_FILES_MAX);
	memset(file, 0, sizeof(*file));
	status = geo_map(file, path, error);
	if (status)
		return status;
	geo_look(file);
	if (!file->path[GEO_COUNTRY] && !file->path[GEO_ASN] && !file->path[GEO_ORG]) {
		status = nsc_fail(error, -EINVAL,
				  "--geoip %.300s: has neither countries nor autonomous systems: its type is \"%.60s\"",
				  path, file->db.metadata.database_type);
		MMDB_close(&file->db);
		return status;
	}
	nsc_geo_files++;
	return 0;
}

void nsc_geo_close(void)
{
	while (nsc_geo_files)
		MMDB_close(&geo.file[--nsc_geo_files].db);
	memset(geo.cache, 0, sizeof(geo.cache));
}

/* --- looking up ------------------------------------------------------------------------------- */

static void geo_look_up(const uint8_t *addr, unsigned ip_version, struct nsc_geo *out)
{
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	const struct sockaddr *asked = ip_version == 4 ? (const void *)&v4 : (const void *)&v6;

	memcpy(&v4.sin_addr, addr, sizeof(v4.sin_addr));
	memcpy(&v6.sin6_addr, addr, sizeof(v6.sin6_addr));
	for (uint32_t i = 0; i < nsc_geo_files; i++) {
		struct geo_file *file = &geo.file[i];
		int failed;
		MMDB_lookup_result_s found = MMDB_lookup_sockaddr(&file->db, asked, &failed);

		for (unsigned member = 0; !failed && found.found_entry && member < GEO_MEMBERS; member++)
			if (file->path[member] && !geo_has(out, member))
				geo_read(&found.entry, file->path[member], member, out);
	}
}

static struct geo_entry *geo_slot(const uint8_t addr[16])
{
	uint64_t half[2];

	memcpy(half, addr, sizeof(half));
	return &geo.cache[((half[0] * 0x9e3779b97f4a7c15 ^ half[1]) * 0xbf58476d1ce4e5b9) >> (64 - CACHE_BITS)];
}

void nsc_geo_find(const uint8_t *addr, unsigned ip_version, struct nsc_geo *out)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	uint8_t key[16] = { 0 };
	struct geo_entry *entry;

	memset(out, 0, sizeof(*out));
	if (!nsc_geo_files)
		return;
	if (ip_version == 6 && !memcmp(addr, mapped, sizeof(mapped))) {
		addr += sizeof(mapped);
		ip_version = 4;
	}
	memcpy(key, addr, ip_version == 4 ? 4 : 16);
	entry = geo_slot(key);
	if (pthread_mutex_trylock(&geo.mutex)) { /* a worker may ask: it does not wait for who looks something up */
		geo_look_up(key, ip_version, out);
		return;
	}
	if (entry->ip_version != ip_version || memcmp(entry->addr, key, sizeof(key)) != 0) {
		memset(entry, 0, sizeof(*entry));
		geo_look_up(key, ip_version, &entry->geo);
		memcpy(entry->addr, key, sizeof(key));
		entry->ip_version = (uint8_t)ip_version;
	}
	*out = entry->geo;
	pthread_mutex_unlock(&geo.mutex);
}
