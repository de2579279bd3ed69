/* SPDX-License-Identifier: MIT
 *
 * The first number of /proc/self/statm: pages mapped.
 */
#include "tools/netscope/memory.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

uint64_t nsc_memory_mapped(void)
{
	int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	char text[128] = "";

	if (fd < 0)
		return 0;
	if (read(fd, text, sizeof(text) - 1) <= 0)
		text[0] = '\0';
	close(fd);
	return strtoull(text, NULL, 10) * (uint64_t)sysconf(_SC_PAGESIZE);
}
