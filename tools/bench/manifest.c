/* SPDX-License-Identifier: MIT
 *
 * See manifest.h. What the doctor finds about the machine is in it, whole in JSON, the warnings on the terminal.
 */
#include "tools/bench/manifest.h"

#include "engine/base/memory.h"
#include "tools/bench/measure.h"
#include "tools/netscope/options.h"
#include "tools/netscope/version.h"

#include <elf.h>
#include <errno.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { VERSION_SECONDS = 10 };
enum { NOTES_MAX = 1 << 16, HEADERS_MAX = 128 };

/* --- build id --------------------------------------------------------------------------------- */

static void build_id_of_notes(char build_id[NSC_BENCH_BUILD_ID], const uint8_t *notes, size_t length)
{
	ElfW(Nhdr) note;

	for (size_t at = 0; length - at >= sizeof(note);) {
		const uint8_t *name, *value;
		size_t size;

		memcpy(&note, notes + at, sizeof(note));
		if (note.n_namesz > NOTES_MAX || note.n_descsz > NOTES_MAX)
			return;
		size = sizeof(note) + (note.n_namesz + 3u) / 4 * 4 + (note.n_descsz + 3u) / 4 * 4;
		if (size > length - at)
			return;
		name = notes + at + sizeof(note);
		value = name + (note.n_namesz + 3u) / 4 * 4;
		at += size;
		if (note.n_type != NT_GNU_BUILD_ID || note.n_namesz != 4 || memcmp(name, "GNU", 4) != 0)
			continue;
		for (size_t i = 0; i < note.n_descsz && 2 * i + 2 < NSC_BENCH_BUILD_ID; i++)
			snprintf(build_id + 2 * i, 3, "%02x", value[i]);
		return;
	}
}

static void build_id_of_file(char build_id[NSC_BENCH_BUILD_ID], FILE *file)
{
	ElfW(Ehdr) header;
	ElfW(Phdr) part;

	if (fread(&header, sizeof(header), 1, file) != 1 || memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 ||
	    header.e_phentsize != sizeof(part))
		return;
	for (unsigned i = 0; i < NSC_MIN(header.e_phnum, HEADERS_MAX) && !build_id[0]; i++) {
		uint8_t *notes;

		if (fseek(file, (long)(header.e_phoff + i * sizeof(part)), SEEK_SET) ||
		    fread(&part, sizeof(part), 1, file) != 1)
			return;
		if (part.p_type != PT_NOTE || part.p_filesz > NOTES_MAX || fseek(file, (long)part.p_offset, SEEK_SET))
			continue;
		notes = malloc(part.p_filesz + 1);
		if (notes && fread(notes, 1, part.p_filesz, file) == part.p_filesz)
			build_id_of_notes(build_id, notes, part.p_filesz);
		free(notes);
	}
}

void nsc_bench_build_id(char build_id[NSC_BENCH_BUILD_ID], const char *path)
{
	FILE *file = fopen(path, "re");

	build_id[0] = '\0';
	if (!file)
		return;
	build_id_of_file(build_id, file);
	fclose(file);
}

/* --- reading ---------------------------------------------------------------------------------- */

static void manifest_read_program(struct nsc_bench_program *program)
{
	ssize_t n = readlink("/proc/self/exe", program->path, sizeof(program->path) - 1);

	program->path[n > 0 ? n : 0] = '\0';
	snprintf(program->version, sizeof(program->version), "%s", NSC_VERSION);
	nsc_bench_build_id(program->build_id, "/proc/self/exe");
}

int nsc_bench_program_read(struct nsc_bench_program *program, const char *path, struct nsc_error *error)
{
	int fd = memfd_create("netscope-bench-version", 0);
	const char *argv[] = { path, "--version", NULL };
	struct child_result child;
	char output[32], line[NSC_BENCH_LAST_LINE], *version;

	snprintf(program->path, sizeof(program->path), "%s", path);
	nsc_bench_build_id(program->build_id, path);
	snprintf(output, sizeof(output), "/proc/self/fd/%d", fd);
	child_run(&child, argv, output, VERSION_SECONDS);
	nsc_bench_last_line(line, fd);
	if (fd >= 0)
		close(fd);
	version = strchr(line, ' ');
	snprintf(program->version, sizeof(program->version), "%.60s", version ? version + 1 : line);
	if (child.status < 0)
		return nsc_fail(error, -EINVAL, "--against %.400s: it cannot be run", path);
	return 0;
}

int nsc_bench_manifest_read(struct nsc_bench_manifest *manifest, struct nsc_error *error)
{
	struct nsc_memory_room room;
	time_t now = time(NULL);
	struct tm utc;

	manifest_read_program(&manifest->program);
	bench_machine_read(&manifest->machine);
	nsc_memory_room(&room, "");
	manifest->memory_bytes = room.bytes;
	manifest->usable_cores = nsc_cores_usable();
	strftime(manifest->began, sizeof(manifest->began), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
	return nsc_doctor_look(&manifest->doctor, &nsc_doctor_here, NULL, error);
}

/* --- writing ---------------------------------------------------------------------------------- */

static void manifest_add_text(cJSON *to, const char *name, const char *text)
{
	if (*text && strcmp(text, "unknown") != 0)
		cJSON_AddStringToObject(to, name, text);
	else
		cJSON_AddNullToObject(to, name);
}

void nsc_bench_program_json(cJSON *root, const char *name, const struct nsc_bench_program *program)
{
	cJSON *object = cJSON_AddObjectToObject(root, name);

	manifest_add_text(object, "path", program->path);
	manifest_add_text(object, "version", program->version);
	manifest_add_text(object, "build_id", program->build_id);
}

void nsc_bench_manifest_json(cJSON *root, const struct nsc_bench_manifest *manifest)
{
	const struct bench_machine *machine = &manifest->machine;
	char *doctor = nsc_doctor_json(&manifest->doctor);
	cJSON *object;

	cJSON_AddStringToObject(root, "began", manifest->began);
	nsc_bench_program_json(root, "program", &manifest->program);
	object = cJSON_AddObjectToObject(root, "machine");
	manifest_add_text(object, "cpu", machine->cpu);
	cJSON_AddNumberToObject(object, "cores", (double)machine->cores);
	cJSON_AddNumberToObject(object, "usable_cores", manifest->usable_cores);
	manifest_add_text(object, "kernel", machine->kernel);
	manifest_add_text(object, "governor", machine->governor);
	manifest_add_text(object, "huge_pages", machine->thp);
	cJSON_AddNumberToObject(object, "memory_bytes", (double)manifest->memory_bytes);
	cJSON_AddNumberToObject(object, "load_average", machine->load);
	manifest_add_text(object, "compiler", machine->compiler);
	cJSON_AddRawToObject(object, "doctor", doctor ? doctor : "null");
	free(doctor);
}

void nsc_bench_manifest_print(FILE *out, const struct nsc_bench_manifest *manifest)
{
	const struct bench_machine *machine = &manifest->machine;

	fprintf(out, "netscope %s, build %.16s; %s; %u of %ld cores; Linux %s\n", manifest->program.version,
		manifest->program.build_id[0] ? manifest->program.build_id : "without an id", machine->cpu,
		manifest->usable_cores, machine->cores, machine->kernel);
	fprintf(out, "governor %s; huge pages %s; load average %.2f; %.1f GiB of memory left\n", machine->governor,
		machine->thp, machine->load, (double)manifest->memory_bytes / (1 << 30));
	for (uint32_t i = 0; i < manifest->doctor.n; i++)
		if (manifest->doctor.finding[i].level == NSC_DOCTOR_WARNING)
			fprintf(out, "doctor: %s: %s\n", manifest->doctor.finding[i].name,
				manifest->doctor.finding[i].found);
}
