/* SPDX-License-Identifier: MIT
 *
 * Which machine, which kernel, which compiler: without it a figure means nothing.
 */
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "perf/bench.h"

struct bench_machine bench_machine;

/* First line of a file, or "unknown". */
static void machine_read_line(const char *path, char *line, size_t size)
{
	FILE *file = fopen(path, "re");

	if (!file || !fgets(line, (int)size, file))
		snprintf(line, size, "unknown");
	line[strcspn(line, "\n")] = '\0';
	if (file)
		fclose(file);
}

static void read_cpu(char *cpu, size_t size)
{
	FILE *file = fopen("/proc/cpuinfo", "re");
	char line[256];

	snprintf(cpu, size, "unknown");
	while (file && fgets(line, sizeof(line), file)) {
		char *value = strchr(line, ':');

		if (strncmp(line, "model name", 10) || !value)
			continue;
		snprintf(cpu, size, "%.*s", (int)strcspn(value + 2, "\n"), value + 2);
		break;
	}
	if (file)
		fclose(file);
}

/* The makefile keeps the flags of a variant beside its programs. */
static void read_flags(char *flags, size_t size)
{
	char path[4096 + 8];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 8);

	snprintf(flags, size, "unknown");
	if (n <= 0)
		return;
	path[n] = '\0';
	strcat(dirname(path), "/flags");
	machine_read_line(path, flags, size);
}

void bench_machine_read(struct bench_machine *machine)
{
	struct utsname name;
	char brackets[64];
	char *mode;

	read_cpu(machine->cpu, sizeof(machine->cpu));
	machine->cores = sysconf(_SC_NPROCESSORS_ONLN);
	snprintf(machine->kernel, sizeof(machine->kernel), "%.90s", uname(&name) ? "unknown" : name.release);
	machine_read_line("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", machine->governor,
			  sizeof(machine->governor));
	machine_read_line("/sys/kernel/mm/transparent_hugepage/enabled", brackets, sizeof(brackets));
	mode = strchr(brackets, '['); /* always [madvise] never */
	mode = mode ? mode + 1 : brackets;
	snprintf(machine->thp, sizeof(machine->thp), "%.*s", (int)strcspn(mode, "]"), mode);
	snprintf(machine->compiler, sizeof(machine->compiler), "%s", __VERSION__);
	read_flags(machine->flags, sizeof(machine->flags));
	if (getloadavg(&machine->load, 1) < 1)
		machine->load = NAN;
}
