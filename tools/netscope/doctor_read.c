/* SPDX-License-Identifier: MIT
 *
 * Small files, lists of cores, and the ioctl: everything by which a check looks at the machine.
 */
#include "tools/netscope/doctor_checks.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/ethtool.h>
#include <linux/landlock.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { PATH_BYTES = 512 };

/* --- files ------------------------------------------------------------------------------------ */

FILE *nsc_open_file(const char *root, const char *path)
{
	char whole[2 * PATH_BYTES];

	snprintf(whole, sizeof(whole), "%s/%s", root, path);
	return fopen(whole, "re");
}

static bool doctor_read_line(const char *root, const char *path, char *text, size_t size)
{
	FILE *file = nsc_open_file(root, path);
	bool any = file && fgets(text, (int)size, file);

	if (file)
		fclose(file);
	if (!any)
		*text = '\0';
	text[strcspn(text, "\n")] = '\0';
	return *text;
}

bool nsc_read_line(const char *root, char *text, size_t size, const char *format, ...)
{
	char path[PATH_BYTES];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(path, sizeof(path), format, arguments);
	va_end(arguments);
	return doctor_read_line(root, path, text, size);
}

bool nsc_read_number(const char *root, long long *value, const char *format, ...)
{
	char path[PATH_BYTES], text[64], *end;
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(path, sizeof(path), format, arguments);
	va_end(arguments);
	if (!doctor_read_line(root, path, text, sizeof(text)))
		return false;
	*value = strtoll(text, &end, 10);
	return end != text && !*end;
}

bool nsc_read_field(const char *root, const char *path, const char *name, char *text, size_t size)
{
	FILE *file = nsc_open_file(root, path);
	char line[1024];
	size_t length = strlen(name);
	bool found = false;

	while (file && !found && fgets(line, sizeof(line), file)) {
		const char *value = line + length;

		found = !strncmp(line, name, length);
		if (found)
			value += strspn(value, " \t");
		if (found)
			snprintf(text, size, "%.*s", (int)strcspn(value, "\n"), value);
	}
	if (file)
		fclose(file);
	return found;
}

/* --- cores ------------------------------------------------------------------------------------ */

bool nsc_cpus_parse(struct nsc_cpus *cpus, const char *text)
{
	memset(cpus, 0, sizeof(*cpus));
	while (*text) {
		char *end;
		unsigned long from = strtoul(text, &end, 10), to = from;

		if (end == text)
			return false;
		if (*end == '-')
			to = strtoul(end + 1, &end, 10);
		if (from > to || to >= NSC_CPUS_MAX || (*end && *end != ','))
			return false;
		for (; from <= to; from++)
			CPU_SET_S(from, sizeof(cpus->set), cpus->set);
		text = end + (*end == ',');
	}
	return true;
}

unsigned nsc_cpus_count(const struct nsc_cpus *cpus)
{
	return (unsigned)CPU_COUNT_S(sizeof(cpus->set), cpus->set);
}

bool nsc_cpus_have(const struct nsc_cpus *cpus, unsigned cpu)
{
	return CPU_ISSET_S(cpu, sizeof(cpus->set), cpus->set);
}

bool nsc_cpus_overlap(const struct nsc_cpus *a, const struct nsc_cpus *b)
{
	struct nsc_cpus both;

	CPU_AND_S(sizeof(both.set), both.set, a->set, b->set);
	return nsc_cpus_count(&both);
}

bool nsc_cpus_usable(const struct nsc_checkup *checkup, struct nsc_cpus *cpus)
{
	char text[1024];

	return nsc_read_field(checkup->probe->proc, "self/status", "Cpus_allowed_list:", text, sizeof(text)) &&
	       nsc_cpus_parse(cpus, text);
}

/* --- findings --------------------------------------------------------------------------------- */

void nsc_found(struct nsc_doctor_finding *finding, enum nsc_doctor_level level, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(finding->found, sizeof(finding->found), format, arguments);
	va_end(arguments);
	finding->level = level;
}

void nsc_fix(struct nsc_doctor_finding *finding, const char *format, ...)
{
	va_list arguments;

	if (finding->level == NSC_DOCTOR_OK)
		return;
	va_start(arguments, format);
	vsnprintf(finding->fix, sizeof(finding->fix), format, arguments);
	va_end(arguments);
}

/* --- this machine ----------------------------------------------------------------------------- */

static int ethtool_here(void *context, const char *interface, void *command)
{
	struct ifreq request = { .ifr_data = command };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), status = 0;

	(void)context;
	if (fd < 0)
		return -errno;
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", interface);
	if (ioctl(fd, SIOCETHTOOL, &request))
		status = -errno;
	close(fd);
	return status;
}

static int landlock_here(void *context)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

	(void)context;
	return version < 0 ? -errno : (int)version;
}

const struct nsc_doctor_probe nsc_doctor_here = {
	.sys = "/sys",
	.proc = "/proc",
	.root = "",
	.ethtool = ethtool_here,
	.landlock = landlock_here,
};

bool nsc_ask(const struct nsc_checkup *checkup, void *command)
{
	return !checkup->probe->ethtool(checkup->probe->context, checkup->interface, command);
}
