/* SPDX-License-Identifier: MIT
 *
 * Findings for a person and for a program.
 */
#include "tools/netscope/doctor.h"

#include "engine/text/escape.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

enum { SCHEMA_VERSION = 1 };

static const struct {
	const char *name, *mark, *color;
} levels[NSC_DOCTOR_LEVELS] = {
	[NSC_DOCTOR_OK] = { "ok", "ok", "\x1b[32m" },
	[NSC_DOCTOR_NOTE] = { "note", "note", "\x1b[36m" },
	[NSC_DOCTOR_WARNING] = { "warning", "WARN", "\x1b[33m" },
	[NSC_DOCTOR_UNKNOWN] = { "unknown", "?", "\x1b[2m" },
};

struct shown {
	char text[NSC_ESCAPE_GROWTH * 512];
};

/* A finding may quote an interface's name or a line of a system's file. */
static struct shown doctor_shown(const char *text)
{
	struct shown s;

	nsc_escape_terminal(text, s.text, sizeof(s.text));
	return s;
}

static void print_finding(FILE *out, const struct nsc_doctor_finding *finding, bool color)
{
	bool good = finding->level == NSC_DOCTOR_OK || finding->level == NSC_DOCTOR_UNKNOWN;

	fprintf(out, "%s%-4s%s  %-15s %s\n", color ? levels[finding->level].color : "", levels[finding->level].mark,
		color ? "\x1b[0m" : "", finding->name,
		finding->found[0] ? doctor_shown(finding->found).text : "not known");
	if (!good)
		fprintf(out, "      %-15s %s\n", "", doctor_shown(finding->why).text);
	if (!good && finding->fix[0])
		fprintf(out, "      %-15s fix: %s\n", "", doctor_shown(finding->fix).text);
}

static void print_part(FILE *out, const struct nsc_doctor *doctor, const char *interface, bool color)
{
	for (uint32_t i = 0; i < doctor->n; i++)
		if (doctor->finding[i].interface == interface)
			print_finding(out, &doctor->finding[i], color);
}

void nsc_doctor_print(FILE *out, const struct nsc_doctor *doctor, bool color)
{
	unsigned n[NSC_DOCTOR_LEVELS] = { 0 };

	fputs("machine\n", out);
	print_part(out, doctor, NULL, color);
	for (uint32_t i = 0; i < doctor->interfaces; i++) {
		fprintf(out, "\ninterface %s\n", doctor_shown(doctor->interface[i]).text);
		print_part(out, doctor, doctor->interface[i], color);
	}
	for (uint32_t i = 0; i < doctor->n; i++)
		n[doctor->finding[i].level]++;
	fprintf(out, "\n%u warnings, %u notes, %u ok, %u unknown; nothing was changed\n", n[NSC_DOCTOR_WARNING],
		n[NSC_DOCTOR_NOTE], n[NSC_DOCTOR_OK], n[NSC_DOCTOR_UNKNOWN]);
}

static void add_text(cJSON *to, const char *name, const char *text)
{
	if (text && *text)
		cJSON_AddStringToObject(to, name, text);
	else
		cJSON_AddNullToObject(to, name);
}

static cJSON *json_of(const struct nsc_doctor_finding *finding)
{
	cJSON *object = cJSON_CreateObject();

	cJSON_AddStringToObject(object, "name", finding->name);
	cJSON_AddStringToObject(object, "about", finding->interface ? "interface" : "machine");
	add_text(object, "interface", finding->interface);
	cJSON_AddStringToObject(object, "level", levels[finding->level].name);
	add_text(object, "found", finding->found);
	add_text(object, "why", finding->why);
	add_text(object, "fix", finding->fix);
	return object;
}

char *nsc_doctor_json(const struct nsc_doctor *doctor)
{
	cJSON *root = cJSON_CreateObject(), *findings;
	char *text;

	cJSON_AddNumberToObject(root, "schema_version", SCHEMA_VERSION);
	add_text(root, "interface", doctor->interfaces ? doctor->interface[0] : NULL);
	findings = cJSON_AddArrayToObject(root, "findings");
	for (uint32_t i = 0; i < doctor->n; i++)
		cJSON_AddItemToArray(findings, json_of(&doctor->finding[i]));
	text = cJSON_Print(root);
	cJSON_Delete(root);
	return text;
}
