/* SPDX-License-Identifier: MIT
 *
 * ELF tables of symbols: a sorted list for each file, made when the first of its addresses is looked up. Most programs
 * load thirty libraries and are seen in three of them, and reading all of them would take 8 ms. What a file says of
 * itself is checked against its size: a file that is damaged has no functions.
 */
#include "engine/base/symbols.h"

#include <dlfcn.h>
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
#include <unwind.h>

enum { NAME_MAX_BYTES = 256, FIRST_ROOM = 1024, NAMES_MAX = 1 << 18, TEXT_MAX = 8 << 20 };

struct symbol {
	uint64_t begin, end; /* addresses */
	const char *name;    /* in the file */
	uint32_t rank;       /* of several at one address the lowest is taken */
};

struct symbol_module {
	uint64_t begin, end; /* of its code */
	uint64_t base;
	uint32_t name;
	int fd; /* -1: it has been read, or there is nothing to read */
	uint8_t *file;
	size_t size;
	struct symbol *symbol; /* in order of addresses */
	uint32_t n, room;
};

struct nsc_symbols {
	struct symbol_module *module;
	uint32_t modules, module_room;
	char *text; /* all names, each ended by NUL: what is written stays where it is */
	size_t length;
	uint32_t *at; /* where each name begins; the same */
	uint32_t names;
	uint32_t *slot; /* a hash table of numbers + 1, at most half full; 0 = free */
	uint32_t slots; /* a power of two */
	bool full;      /* there was no memory at open */
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

static uint32_t symbols_intern(struct nsc_symbols *s, const char *name, size_t length)
{
	uint32_t at;

	length = NSC_MIN(length, (size_t)NAME_MAX_BYTES);
	if (s->names * 2 >= s->slots && !symbols_rehash(s))
		return NSC_SYMBOLS_UNKNOWN;
	for (at = symbols_hash(name, length) & (s->slots - 1); s->slot[at]; at = (at + 1) & (s->slots - 1)) {
		const char *other = s->text + s->at[s->slot[at] - 1];

		if (!strncmp(other, name, length) && !other[length])
			return s->slot[at] - 1;
	}
	if (s->names == NAMES_MAX || s->length + length + 1 > TEXT_MAX)
		return NSC_SYMBOLS_UNKNOWN;
	memcpy(s->text + s->length, name, length); /* fresh memory: the NUL is there */
	s->at[s->names] = (uint32_t)s->length;
	s->length += length + 1;
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
static uint32_t symbol_rank(const char *name)
{
	return (uint32_t)strspn(name, "_") * 4096 + (uint32_t)NSC_MIN(strlen(name), (size_t)4095);
}

static void module_add(struct symbol_module *m, const char *name, uint64_t begin, uint64_t size)
{
	if (symbols_grow((void **)&m->symbol, m->n, &m->room, sizeof(*m->symbol)))
		m->symbol[m->n++] = (struct symbol){ begin, begin + size, name, symbol_rank(name) };
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

/* Whether the unwinder of exceptions knows that this address is of the function that begins there. It takes an address
 * of return, which may be the first byte behind a call. */
static bool function_holds(uint64_t begin, uint64_t address)
{
	return _Unwind_FindEnclosingFunction((void *)(uintptr_t)(address + 1)) == (void *)(uintptr_t)begin;
}

/* Bytes of a function that begins here; 0 = that is not known. */
static uint64_t function_size(uint64_t begin)
{
	enum { MOST = 1 << 16 };
	uint64_t low = 0, high = MOST;

	if (!function_holds(begin, begin))
		return 0;
	while (high - low > 1) { /* `low` is in it, `high` is not */
		uint64_t middle = low + (high - low) / 2;

		if (function_holds(begin, begin + middle))
			low = middle;
		else
			high = middle;
	}
	return high;
}

/* The memcpy of this machine has a name that libc does not export; the loader knows where it is. */
static void module_add_chosen(struct symbol_module *m, const char *name)
{
	uint64_t begin = (uint64_t)(uintptr_t)dlsym(RTLD_DEFAULT, name);
	uint64_t size = begin >= m->begin && begin < m->end ? function_size(begin) : 0;

	if (size)
		module_add(m, name, begin, size);
}

static void module_parse(struct symbol_module *m)
{
	const Elf64_Shdr *table = elf_symbol_table(m->file, m->size), *texts;
	const Elf64_Sym *symbol;
	const char *text;

	if (!table)
		return;
	texts = &elf_sections(m->file, m->size)[table->sh_link];
	text = (const char *)m->file + texts->sh_offset;
	if (!texts->sh_size || text[texts->sh_size - 1])
		return;
	symbol = (const void *)(m->file + table->sh_offset);
	for (uint64_t i = 0; i < table->sh_size / sizeof(*symbol); i++) {
		unsigned type = ELF64_ST_TYPE(symbol[i].st_info);
		const char *name = text + NSC_MIN((uint64_t)symbol[i].st_name, texts->sh_size - 1);

		if ((type != STT_FUNC && type != STT_GNU_IFUNC) || !symbol[i].st_shndx || !*name)
			continue;
		module_add(m, name, m->base + symbol[i].st_value, symbol[i].st_size);
		if (type == STT_GNU_IFUNC && table->sh_type == SHT_DYNSYM)
			module_add_chosen(m, name);
	}
}

static int symbol_compare(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;

	if (x->begin != y->begin)
		return x->begin < y->begin ? -1 : 1;
	return x->rank < y->rank ? -1 : x->rank > y->rank;
}

/* One function for each address; one of no size, from an assembler, goes on up to the next, or to the end of the code.
 */
static void module_settle(struct symbol_module *m)
{
	uint32_t n = 0;

	if (m->n)
		qsort(m->symbol, m->n, sizeof(*m->symbol), symbol_compare);
	for (uint32_t i = 0; i < m->n; i++) {
		if (n && m->symbol[n - 1].begin == m->symbol[i].begin) {
			m->symbol[n - 1].end = NSC_MAX(m->symbol[n - 1].end, m->symbol[i].end);
			continue;
		}
		m->symbol[n++] = m->symbol[i];
	}
	m->n = n;
	for (uint32_t i = 0; i < n; i++)
		if (m->symbol[i].end == m->symbol[i].begin)
			m->symbol[i].end = i + 1 < n ? m->symbol[i + 1].begin : m->end;
}

/* The file stays mapped: it is what runs, so nobody writes it. */
static void module_read(struct symbol_module *m)
{
	struct stat st;
	void *file = MAP_FAILED;

	if (m->fd < 0)
		return;
	if (!fstat(m->fd, &st) && S_ISREG(st.st_mode) && st.st_size > 0)
		file = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, m->fd, 0);
	close(m->fd);
	m->fd = -1;
	if (file == MAP_FAILED)
		return;
	m->file = file;
	m->size = (size_t)st.st_size;
	module_parse(m);
	module_settle(m);
}

static void module_close(const struct symbol_module *m)
{
	if (m->fd >= 0)
		close(m->fd);
	if (m->file)
		munmap(m->file, m->size);
	free(m->symbol);
}

/* --- the list of files ------------------------------------------------------------------------ */

static int symbols_visit(struct dl_phdr_info *info, size_t size, void *context)
{
	struct nsc_symbols *s = context;
	bool own = !info->dlpi_name[0];
	const char *path = own ? program_invocation_short_name : info->dlpi_name, *slash = strrchr(path, '/');
	struct symbol_module module = { .base = info->dlpi_addr, .begin = UINT64_MAX, .fd = -1 };
	char name[NAME_MAX_BYTES];

	for (unsigned i = 0; i < info->dlpi_phnum; i++) {
		const Elf64_Phdr *part = &info->dlpi_phdr[i];
		uint64_t begin = info->dlpi_addr + part->p_vaddr;

		if (part->p_type != PT_LOAD || !(part->p_flags & PF_X))
			continue;
		module.begin = NSC_MIN(module.begin, begin);
		module.end = NSC_MAX(module.end, begin + part->p_memsz);
	}
	if (module.begin >= module.end)
		return 0;
	if (!symbols_grow((void **)&s->module, s->modules, &s->module_room, sizeof(*s->module))) {
		s->full = true;
		return 1;
	}
	snprintf(name, sizeof(name), "[%.200s]", slash ? slash + 1 : path);
	module.name = nsc_symbols_add(s, name);
	if (own || strchr(info->dlpi_name, '/')) /* the kernel's code for clocks has none */
		module.fd = open(own ? "/proc/self/exe" : info->dlpi_name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	s->module[s->modules++] = module;
	return 0;
}

static void *symbols_map(size_t bytes)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

int nsc_symbols_open(struct nsc_symbols **symbols, struct nsc_error *error)
{
	struct nsc_symbols *s = calloc(1, sizeof(*s));

	if (s) {
		s->text = symbols_map(TEXT_MAX);
		s->at = symbols_map(NAMES_MAX * sizeof(*s->at));
		s->full = !s->text || !s->at;
	}
	if (s && !s->full) {
		nsc_symbols_add(s, "[unknown]");
		s->full = !s->names;
		dl_iterate_phdr(symbols_visit, s);
	}
	if (!s || s->full) {
		nsc_symbols_close(s);
		return nsc_fail(error, -ENOMEM, "no memory for the names of functions");
	}
	*symbols = s;
	return 0;
}

uint32_t nsc_symbols_find(struct nsc_symbols *s, uint64_t address)
{
	struct symbol_module *m = NULL;
	uint32_t low = 0, high;

	for (uint32_t i = 0; i < s->modules && !m; i++)
		if (address >= s->module[i].begin && address < s->module[i].end)
			m = &s->module[i];
	if (!m)
		return NSC_SYMBOLS_UNKNOWN;
	module_read(m);
	for (high = m->n; low < high;) {
		uint32_t middle = low + (high - low) / 2;

		if (m->symbol[middle].begin <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low || address >= m->symbol[low - 1].end)
		return m->name;
	return symbols_intern(s, m->symbol[low - 1].name, nsc_symbols_length(m->symbol[low - 1].name));
}

void nsc_symbols_close(struct nsc_symbols *s)
{
	if (!s)
		return;
	for (uint32_t i = 0; i < s->modules; i++)
		module_close(&s->module[i]);
	free(s->module);
	if (s->text)
		munmap(s->text, TEXT_MAX);
	if (s->at)
		munmap(s->at, NAMES_MAX * sizeof(*s->at));
	free(s->slot);
	free(s);
}
