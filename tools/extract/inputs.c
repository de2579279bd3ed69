/* SPDX-License-Identifier: MIT */
#include "tools/extract/inputs.h"

#include "netscope/rx.h"
#include "tools/netscope/settings.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

static size_t inputs_ends_with(const char *name, size_t length, const char *const *ends)
{
	for (; *ends; ends++) {
		size_t n = strlen(*ends);

		if (length > n && !strncasecmp(name + length - n, *ends, n))
			return n;
	}
	return 0;
}

bool nsc_inputs_takes(const char *name)
{
	static const char *const compressed[] = { ".gz", ".zst", ".xz", ".bz2", ".lz4", NULL };
	static const char *const captures[] = { ".pcap", ".pcapng", ".cap", NULL };
	size_t length = strlen(name);

	if (name[0] == '.')
		return false;
	length -= inputs_ends_with(name, length, compressed);
	while (length && name[length - 1] >= '0' && name[length - 1] <= '9')
		length--;
	length -= length && name[length - 1] == '.'; /* "a.pcap.000000.gz" */
	return inputs_ends_with(name, length, captures) > 0;
}

static int inputs_add(struct nsc_inputs *inputs, const char *folder, const char *name, struct nsc_error *error)
{
	const char *between = *folder && folder[strlen(folder) - 1] != '/' ? "/" : "";
	char *path;

	if (inputs->n == NSC_RX_FILES_MAX)
		return nsc_fail(error, -E2BIG, "there are more than %u capture files: name fewer at a time",
				NSC_RX_FILES_MAX);
	if (asprintf(&path, "%s%s%s", folder, between, name) < 0)
		return nsc_fail(error, -ENOMEM, "no memory for the names of the capture files");
	inputs->path[inputs->n++] = path;
	return 0;
}

static int inputs_by_name(const void *x, const void *y)
{
	return strcmp(*(char *const *)x, *(char *const *)y);
}

static bool is_file_in(const char *folder, const char *name)
{
	struct stat found;
	char *path;
	bool is_file;

	if (asprintf(&path, "%s/%s", folder, name) < 0)
		return false;
	is_file = !stat(path, &found) && S_ISREG(found.st_mode) && found.st_size;
	free(path);
	return is_file;
}

/* One that is empty was begun a moment ago, and holds no packet. */
static int inputs_add_folder(struct nsc_inputs *inputs, const char *folder, struct nsc_error *error)
{
	DIR *open = opendir(folder);
	uint32_t first = inputs->n;
	const struct dirent *entry;
	int status = 0;

	if (!open)
		return nsc_fail(error, -errno, "cannot look into '%s': %s", folder, strerror(errno));
	while (!status && (entry = readdir(open)))
		if (nsc_inputs_takes(entry->d_name) && is_file_in(folder, entry->d_name))
			status = inputs_add(inputs, folder, entry->d_name, error);
	closedir(open);
	if (!status && inputs->n == first)
		return nsc_fail(error, -ENOENT, "'%s' holds no capture file (.pcap, .pcapng, .cap)", folder);
	qsort(inputs->path + first, inputs->n - first, sizeof(*inputs->path), inputs_by_name);
	return status;
}

static int inputs_add_path(struct nsc_inputs *inputs, const char *path, struct nsc_error *error)
{
	struct stat found;

	if (!strcmp(path, "-"))
		return nsc_fail(error, -EINVAL, "netscope extract reads files that have a name, not standard input");
	if (stat(path, &found))
		return nsc_fail(error, -errno, "cannot open '%s': %s", path, strerror(errno));
	if (S_ISDIR(found.st_mode))
		return inputs_add_folder(inputs, path, error);
	if (!S_ISREG(found.st_mode))
		return nsc_fail(error, -EINVAL, "'%s' is no regular file: netscope extract reads a part of each", path);
	return inputs_add(inputs, "", path, error);
}

int nsc_inputs_read(struct nsc_inputs *inputs, const char *paths, struct nsc_error *error)
{
	int status = 0;

	*inputs = (struct nsc_inputs){ .path = calloc(NSC_RX_FILES_MAX, sizeof(char *)) };
	if (!inputs->path)
		return nsc_fail(error, -ENOMEM, "no memory for the names of the capture files");
	for (; *paths && !status; paths = nsc_path_next(paths))
		status = inputs_add_path(inputs, paths, error);
	return status;
}

void nsc_inputs_close(struct nsc_inputs *inputs)
{
	for (uint32_t i = 0; i < inputs->n; i++)
		free(inputs->path[i]);
	free(inputs->path);
	*inputs = (struct nsc_inputs){ 0 };
}
