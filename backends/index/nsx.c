/* SPDX-License-Identifier: MIT */
#include "backends/index/nsx.h"

#include <endian.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

static_assert(__BYTE_ORDER == __LITTLE_ENDIAN, "structs are written as they lie");

uint32_t nsc_nsx_block_crc(uint64_t id, uint64_t number, const uint8_t payload[NSC_NSX_PAYLOAD])
{
	const uint64_t words[] = { id, number };
	uLong crc = crc32(0, (const Bytef *)words, sizeof(words));

	return (uint32_t)crc32(crc, payload, NSC_NSX_PAYLOAD);
}

int nsc_nsx_edge_crc(int fd, uint64_t size, bool end, uint32_t *crc)
{
	uint8_t bytes[NSC_NSX_EDGE];
	size_t want = (size_t)NSC_MIN(size, (uint64_t)NSC_NSX_EDGE), done = 0;
	uint64_t from = end ? size - want : 0;

	while (done < want) {
		ssize_t n = pread(fd, bytes + done, want - done, (off_t)(from + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -ESTALE;
		done += (size_t)n;
	}
	*crc = (uint32_t)crc32(0, bytes, (uInt)want);
	return 0;
}

uint32_t nsc_nsx_text_crc(const char *text)
{
	return text && *text ? (uint32_t)crc32(0, (const Bytef *)text, (uInt)strlen(text)) : 0;
}
