/* SPDX-License-Identifier: MIT
 *
 * See export.h. Fields of numbers are never quoted, and no field before packets_total holds a comma.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "perf/export.h"

#define COLUMN "packets_total"
#define LINE_MAX_BYTES 2048

/* The n-th field of the line, counted from 0; NULL when it has fewer. */
static const char *field(const char *line, unsigned n)
{
	while (line && n--) {
		line = strchr(line, ',');
		line = line ? line + 1 : NULL;
	}
	return line;
}

/* Its number, or -1. */
static int find_column(const char *header)
{
	int n = 0;

	for (const char *at = header; at; at = field(at, 1), n++)
		if (!strncmp(at, COLUMN, strlen(COLUMN)))
			return n;
	return -1;
}

uint64_t export_csv_packets(const char *path)
{
	FILE *file = fopen(path, "re");
	char line[LINE_MAX_BYTES];
	uint64_t packets = 0;
	int column = -1;

	if (file && fgets(line, sizeof(line), file))
		column = find_column(line);
	while (column >= 0 && fgets(line, sizeof(line), file)) {
		const char *text = field(line, (unsigned)column);

		packets += text ? strtoull(text, NULL, 10) : 0;
	}
	if (file)
		fclose(file);
	return packets;
}
