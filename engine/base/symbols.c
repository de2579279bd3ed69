/* SPDX-License-Identifier: MIT
 *
 * ELF tables of symbols, put into one sorted list. What a file says of itself is checked against its size: a file that
 * is damaged, or is being replaced, has no functions.
 */
#include "engine/base/symbols.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_MAX_BYTES = 256, FIRST_ROOM = 1024 };

struct symbol {
	uint64_t begin, end; /* addresses */
	uint32_t name;
	uint32_t rank; /* of several at one address the lowest is taken */
};

struct symbol_module {
	uint64_t begin, end; /* of its code */
	uint32_t name;
};

struct nsc_symbols {
	struct symbol *symbol; /* in order of addresses */
	uint32_t n, room;
	struct symbol_module *module;
	uint32_t modules, module_room;
	char *text; /* all names, each ended by NUL */
	size_t length, text_room;
	uint32_t *at; /* where each name begins */
	uint32_t names, at_room;
	uint32_t *slot; /* a hash table of numbers + 1, at most half full; 0 = free */
	uint32_t slots; /* a power of two */
	bool full;      /* there was no memory */
};

/* --- names ------------------------------------------------------------------------------------ */

size_t nsc_symbols_length(const char *name)
{
	static const char *const suffix[] = {
		"lto_priv", "constprop", "isra", "part", "cold", "resolver", "localalias"
	};
	size_t length = strlen(name);

	for (;;) {
		size_t end = length, dot;
		bool known = false;

		for (dot = end; dot && name[dot - 1] >= '0' && name[dot - 1] <= '9'; dot--)
			;
		if (dot < end && dot && name[dot - 1] == '.')
			end = dot - 1; /* ".0" behind a suffix */
		for (dot = end; dot && name[dot - 1] != '.'; dot--)
			;
		if (dot < 2) /* the name itself remains */
			return length;
		for (size_t i = 0; i < NSC_ARRAY_LEN(suffix); i++)
			known |= strlen(suffix[i]) == end - dot && !memcmp(name + dot, suffix[i], end - dot);
		if (!known && strncmp(name + dot, "arch_", 5) != 0)
			return length;
		length = dot - 1;
	}
}

bool nsc_symbols_is_nameless(const char *name)
{
	return name[0] == '[' && strcmp(name, "[kernel]") != 0;
}

/* Room for one more; false without memory. */
static bool symbols_grow(void **array, uint32_t n, uint32_t *room, size_t size)
{
	uint32_t wanted = *room ? *room * 2 : FIRST_ROOM;
	void *grown = n < *room ? *array : reallocarray(*array, wanted, size);

	if (!grown)
		return false;
	if (n >= *room)
		*room = wanted;
	*array = grown;
	return true;
}

static uint32_t symbols_hash(const char *name, size_t length)
{
	uint32_t hash = 2166136261u; /* FNV-1a */

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ (uint8_t)name[i]) * 16777619u;
	return hash;
}

static bool symbols_rehash(struct nsc_symbols *s)
{
	uint32_t slots = s->slots ? s->slots * 2 : 2 * FIRST_ROOM;
	uint32_t *slot = calloc(slots, sizeof(*slot));

	if (!slot)
		return false;
	for (uint32_t i = 0; i < s->names; i++) {
		const char *name = s->text + s->at[i];
		uint32_t at = symbols_hash(name, strlen(name)) & (slots - 1);

		while (slot[at])
			at = (at + 1) & (slots - 1);
		slot[at] = i + 1;
	}
	free(s->slot);
	s->slot = slot;
	s->slots = slots;
	return true;
}

static bool symbols_add_text(struct nsc_symbols *s, const char *name, size_t length)
{
	if (s->length + length + 1 > s->text_room) {
		size_t room = NSC_MAX(2 * s->text_room, (size_t)64 * FIRST_ROOM);
		char *text = realloc(s->text, room);

		if (!text)
			return false;
		s->text = text;
		s->text_room = room;
	}
	memcpy(s->text + s->length, name, length);
	s->text[s->length + length] = '\0';
	s->length += length + 1;
	return true;
}

static uint32_t symbols_intern(struct nsc_symbols *s, const char *name, size_t length)
{
	uint32_t at, begin = (uint32_t)s->length;

	length = NSC_MIN(length, (size_t)NAME_MAX_BYTES);
	if (s->names * 2 >= s->slots && !symbols_rehash(s))
		s->full = true;
	if (s->full)
		return NSC_SYMBOLS_UNKNOWN;
	for (at = symbols_hash(name, length) & (s->slots - 1); s->slot[at]; at = (at + 1) & (s->slots - 1)) {
		const char *other = s->text + s->at[s->slot[at] - 1];

		if (!strncmp(other, name, length) && !other[length])
			return s->slot[at] - 1;
	}
	if (!symbols_grow((void **)&s->at, s->names, &s->at_room, sizeof(*s->at)) ||
	    !symbols_add_text(s, name, length)) {
		s->full = true;
		return NSC_SYMBOLS_UNKNOWN;
	}
	s->at[s->names] = begin;
	s->slot[at] = ++s->names;
	return s->names - 1;
}

uint32_t nsc_symbols_add(struct nsc_symbols *s, const char *name)
{
	return symbols_intern(s, name, strlen(name));
}

const char *nsc_symbols_name(const struct nsc_symbols *s, uint32_t name)
{
	return s->text + s->at[name];
}

uint32_t nsc_symbols_names(const struct nsc_symbols *s)
{
	return s->names;
}

/* --- files ------------------------------------------------------------------------------------ */

/* Of aliases the plainest name: no underscore before it, then the shortest. */
static uint32_t symbol_rank(const char *name, size_t length)
{
	uint32_t underscores = (uint32_t)strspn(name, "_");

	return underscores * 4096 + (uint32_t)NSC_MIN(length, (size_t)4095);
}

static void symbols_add_function(struct nsc_symbols *s, const char *name, uint64_t begin, uint64_t size)
{
	size_t length = nsc_symbols_length(name);

	if (!length)
		return;
	if (!symbols_grow((void **)&s->symbol, s->n, &s->room, sizeof(*s->symbol))) {
		s->full = true;
		return;
	}
	s->symbol[s->n++] = (struct symbol){
		.begin = begin,
		.end = begin + size,
		.name = symbols_intern(s, name, length),
		.rank = symbol_rank(name, strlen(name)),
	};
}

static bool elf_holds(uint64_t offset, uint64_t length, size_t size)
{
	return offset <= size && length <= size - offset;
}

static const Elf64_Shdr *elf_sections(const uint8_t *file, size_t size)
{
	const Elf64_Ehdr *head = (const void *)file;

	if (size < sizeof(*head) || memcmp(head->e_ident, ELFMAG, SELFMAG) || head->e_ident[EI_CLASS] != ELFCLASS64 ||
	    head->e_shentsize != sizeof(Elf64_Shdr) || head->e_shoff % alignof(Elf64_Shdr) ||
	    !elf_holds(head->e_shoff, (uint64_t)head->e_shnum * sizeof(Elf64_Shdr), size))
		return NULL;
	return (const void *)(file + head->e_shoff);
}

/* The table with all functions when the file was not stripped, else that of those that it exports. */
static const Elf64_Shdr *elf_symbol_table(const uint8_t *file, size_t size)
{
	const Elf64_Shdr *section = elf_sections(file, size), *found = NULL;
	uint32_t n = section ? ((const Elf64_Ehdr *)(const void *)file)->e_shnum : 0;

	for (uint32_t i = 0; i < n; i++) {
		if (section[i].sh_type != SHT_SYMTAB && (section[i].sh_type != SHT_DYNSYM || found))
			continue;
		if (section[i].sh_link < n && section[section[i].sh_link].sh_type == SHT_STRTAB &&
		    section[i].sh_offset % alignof(Elf64_Sym) == 0 &&
		    elf_holds(section[i].sh_offset, section[i].sh_size, size) &&
		    elf_holds(section[section[i].sh_link].sh_offset, section[section[i].sh_link].sh_size, size))
			found = &section[i];
	}
	return found;
}

static void symbols_read(struct nsc_symbols *s, const uint8_t *file, size_t size, uint64_t base)
{
	const Elf64_Shdr *table = elf_symbol_table(file, size), *texts;
	const Elf64_Sym *symbol;
	const char *text;

	if (!table)
		return;
	texts = &elf_sections(file, size)[table->sh_link];
	text = (const char *)file + texts->sh_offset;
	if (!texts->sh_size || text[texts->sh_size - 1])
		return;
	symbol = (const void *)(file + table->sh_offset);
	for (uint64_t i = 0; i < table->sh_size / sizeof(*symbol); i++) {
		unsigned type = ELF64_ST_TYPE(symbol[i].st_info);

		if ((type == STT_FUNC || type == STT_GNU_IFUNC) && symbol[i].st_shndx &&
		    symbol[i].st_name < texts->sh_size)
			symbols_add_function(s, text + symbol[i].st_name, base + symbol[i].st_value, symbol[i].st_size);
	}
}

static void symbols_read_file(struct nsc_symbols *s, const char *path, uint64_t base)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct stat st;
	void *file = MAP_FAILED;

	if (fd < 0)
		return;
	if (!fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_size > 0)
		file = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (file == MAP_FAILED)
		return;
	symbols_read(s, file, (size_t)st.st_size, base);
	munmap(file, (size_t)st.st_size);
}

/* --- the list --------------------------------------------------------------------------------- */

static void symbols_add_module(struct nsc_symbols *s, const struct dl_phdr_info *info, const char *path)
{
	const char *slash = strrchr(path, '/');
	char name[NAME_MAX_BYTES];
	uint32_t number;

	snprintf(name, sizeof(name), "[%.200s]", slash ? slash + 1 : path);
	number = nsc_symbols_add(s, name);
	for (unsigned i = 0; i < info->dlpi_phnum; i++) {
		const Elf64_Phdr *part = &info->dlpi_phdr[i];

		if (part->p_type != PT_LOAD || !(part->p_flags & PF_X))
			continue;
		if (!symbols_grow((void **)&s->module, s->modules, &s->module_room, sizeof(*s->module))) {
			s->full = true;
			return;
		}
		s->module[s->modules++] = (struct symbol_module){
			.begin = info->dlpi_addr + part->p_vaddr,
			.end = info->dlpi_addr + part->p_vaddr + part->p_memsz,
			.name = number,
		};
	}
}

static int symbols_visit(struct dl_phdr_info *info, size_t size, void *context)
{
	struct nsc_symbols *s = context;
	bool own = !info->dlpi_name[0], file = own || strchr(info->dlpi_name, '/');

	symbols_add_module(s, info, own ? program_invocation_short_name : info->dlpi_name);
	if (file) /* the kernel's code for clocks has none */
		symbols_read_file(s, own ? "/proc/self/exe" : info->dlpi_name, info->dlpi_addr);
	return s->full;
}

static int symbol_compare(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;

	if (x->begin != y->begin)
		return x->begin < y->begin ? -1 : 1;
	return x->rank < y->rank ? -1 : x->rank > y->rank;
}

static const struct symbol_module *symbols_module(const struct nsc_symbols *s, uint64_t address)
{
	for (uint32_t i = 0; i < s->modules; i++)
		if (address >= s->module[i].begin && address < s->module[i].end)
			return &s->module[i];
	return NULL;
}

/* One function for each address; one of no size, from an assembler, goes on up to the next, or to the end of the code.
 */
static void symbols_settle(struct nsc_symbols *s)
{
	uint32_t n = 0;

	qsort(s->symbol, s->n, sizeof(*s->symbol), symbol_compare);
	for (uint32_t i = 0; i < s->n; i++) {
		if (n && s->symbol[n - 1].begin == s->symbol[i].begin) {
			s->symbol[n - 1].end = NSC_MAX(s->symbol[n - 1].end, s->symbol[i].end);
			continue;
		}
		s->symbol[n++] = s->symbol[i];
	}
	s->n = n;
	for (uint32_t i = 0; i < n; i++) {
		const struct symbol_module *module = symbols_module(s, s->symbol[i].begin);

		if (s->symbol[i].end == s->symbol[i].begin && module)
			s->symbol[i].end = i + 1 < n ? NSC_MIN(s->symbol[i + 1].begin, module->end) : module->end;
	}
}

int nsc_symbols_open(struct nsc_symbols **symbols, struct nsc_error *error)
{
	struct nsc_symbols *s = calloc(1, sizeof(*s));

	if (s) {
		nsc_symbols_add(s, "[unknown]");
		dl_iterate_phdr(symbols_visit, s);
	}
	if (!s || s->full) {
		nsc_symbols_close(s);
		return nsc_fail(error, -ENOMEM, "no memory for the names of functions");
	}
	if (s->n)
		symbols_settle(s);
	*symbols = s;
	return 0;
}

uint32_t nsc_symbols_find(const struct nsc_symbols *s, uint64_t address)
{
	const struct symbol_module *module;
	uint32_t low = 0, high = s->n;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (s->symbol[middle].begin <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (low && address < s->symbol[low - 1].end)
		return s->symbol[low - 1].name;
	module = symbols_module(s, address);
	return module ? module->name : NSC_SYMBOLS_UNKNOWN;
}

void nsc_symbols_close(struct nsc_symbols *s)
{
	if (!s)
		return;
	free(s->symbol);
	free(s->module);
	free(s->text);
	free(s->at);
	free(s->slot);
	free(s);
}
