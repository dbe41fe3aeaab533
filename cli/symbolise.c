/* symbolise.c: see symbolise.h. The tool is run once for each file. It reads addresses and prints, for each of them, the address
 * and then two lines for each place: function and file:line. */
#define _GNU_SOURCE
#include "symbolise.h"
#include "elf.h"
#include "naming.h"
#include "preload.h"
#include "rust_name.h"

#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* A part of a file that is mapped. */
struct mapping {
  uint64_t start, end, offset;
  const char *path;
};

struct symbols {
  char *maps; /* holds the paths */
  struct mapping *mappings;
  size_t mappings_n;
  struct symbol *list;
  size_t count, capacity;
  size_t sorted_n; /* the first so many are in order of address, each once */
  bool lacks_tool;
};

/* ---- What is mapped ---------------------------------------------------------------------------------------------- */

/* Parses a line of maps, without its newline. False if it is not of a file. */
static bool parse_mapping(char *line, struct mapping *mapping)
{
  unsigned long long start, end, offset;
  char *path = strchr(line, '/');
  if (!path || sscanf(line, "%llx-%llx %*s %llx", &start, &end, &offset) != 3)
    return false;
  *mapping = (struct mapping){start, end, offset, path};
  return true;
}

static void read_mappings(struct symbols *symbols)
{
  size_t lines = 1;
  for (const char *c = symbols->maps; *c; c++)
    lines += *c == '\n';
  symbols->mappings = calloc(lines, sizeof *symbols->mappings);
  char *rest = symbols->maps, *line;
  while (symbols->mappings && (line = strsep(&rest, "\n")))
    symbols->mappings_n += parse_mapping(line, &symbols->mappings[symbols->mappings_n]);
}

static const struct mapping *mapping_at(const struct symbols *symbols, uint64_t address)
{
  for (size_t i = 0; i < symbols->mappings_n; i++)
    if (address >= symbols->mappings[i].start && address < symbols->mappings[i].end)
      return &symbols->mappings[i];
  return NULL;
}

struct symbols *symbols_create(char *maps)
{
  struct symbols *symbols = calloc(1, sizeof *symbols);
  if (!symbols || !maps) {
    free(symbols);
    free(maps);
    return NULL;
  }
  symbols->maps = maps;
  read_mappings(symbols);
  return symbols;
}

void symbols_free(struct symbols *symbols)
{
  for (size_t i = 0; symbols && i < symbols->count; i++) {
    struct symbol *symbol = &symbols->list[i];
    for (size_t j = 0; j < symbol->places_n; j++) {
      free(symbol->places[j].function);
      free(symbol->places[j].file);
    }
    free(symbol->places);
  }
  if (symbols) {
    free(symbols->list);
    free(symbols->mappings);
    free(symbols->maps);
  }
  free(symbols);
}

/* ---- What the tool prints ---------------------------------------------------------------------------------------- */

static void add_place(struct symbol *symbol, char *function, char *file, unsigned line)
{
  struct place *grown = function ? realloc(symbol->places, (symbol->places_n + 1) * sizeof *grown) : NULL;
  if (!grown) {
    free(function);
    free(file);
    return;
  }
  symbol->places = grown;
  symbol->places[symbol->places_n++] = (struct place){function, file, line};
}

/* "FILE:LINE", with ? for what is not known, and maybe a remark after it. */
static char *parse_place(const char *text, unsigned *line)
{
  const char *colon = strrchr(text, ':');
  *line = colon ? (unsigned)strtoul(colon + 1, NULL, 10) : 0;
  if (!colon || !strncmp(text, "??", 2))
    return NULL;
  return strndup(text, (size_t)(colon - text));
}

/* Gives each symbol its places. The symbols are in the order in which the tool was asked. */
static void read_places(FILE *tool, struct symbol *symbols, size_t count)
{
  char *function = NULL, *place = NULL;
  size_t function_bytes = 0, place_bytes = 0, next = 0;
  while (getline(&function, &function_bytes, tool) > 0) {
    function[strcspn(function, "\n")] = 0;
    if (!strncmp(function, "0x", 2)) {
      next++;
      continue;
    }
    if (!*function || getline(&place, &place_bytes, tool) <= 0)
      continue;
    place[strcspn(place, "\n")] = 0;
    unsigned line;
    char *file = parse_place(place, &line);
    rust_name_tidy(function);
    if (next && next <= count && (file || strcmp(function, "??") != 0))
      add_place(&symbols[next - 1], strdup(function), file, line);
    else
      free(file);
  }
  free(function);
  free(place);
}

/* ---- The tool ---------------------------------------------------------------------------------------------------- */

enum { TOOL_WORDS = 8 };
/* The first one that is installed; both print in the same form. Only LLVM's knows where a function ends: without debug
 * information, binutils' names the function that comes before the address. */
static char *const *find_tool(void)
{
  static char *const tools[][TOOL_WORDS] = {
      {"llvm-symbolizer", "--output-style=GNU", "-a", "-f", "-C", "-i", "-e", NULL},
      {"addr2line", "-a", "-f", "-C", "-i", "-e", NULL},
  };
  char path[PATH_MAX];
  for (size_t i = 0; i < sizeof tools / sizeof tools[0]; i++)
    if (!program_find(tools[i][0], path))
      return tools[i];
  return NULL;
}

/* Starts the tool for a file. It reads from `input`; the stream has what it prints. NULL if that does not work. */
static FILE *start_tool(char *const *tool, const char *path, int input, pid_t *pid)
{
  char *argv[TOOL_WORDS + 2];
  size_t words = 0;
  for (; tool[words]; words++)
    argv[words] = tool[words];
  argv[words++] = (char *)(uintptr_t)path;
  argv[words] = NULL;
  int ends[2];
  if (pipe2(ends, O_CLOEXEC))
    return NULL;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  int error = posix_spawnp(pid, argv[0], &actions, NULL, argv, environ);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  FILE *output = error ? NULL : fdopen(ends[0], "r");
  if (!output)
    close(ends[0]);
  return output;
}

/* Looks up symbols of one file. */
static void ask_tool(char *const *tool, const char *path, struct symbol *symbols, const uint64_t *addresses,
                     size_t count)
{
  int input = memfd_create("addresses", MFD_CLOEXEC);
  FILE *list = input < 0 ? NULL : fdopen(input, "w");
  pid_t pid;
  if (!list)
    return;
  for (size_t i = 0; i < count; i++)
    fprintf(list, "0x%llx\n", (unsigned long long)addresses[i]);
  if (!fflush(list) && !fseek(list, 0, SEEK_SET)) {
    FILE *output = start_tool(tool, path, input, &pid);
    if (output) {
      read_places(output, symbols, count);
      fclose(output);
      waitpid(pid, NULL, 0);
    }
  }
  fclose(list);
}

/* ---- Symbols ----------------------------------------------------------------------------------------------------- */

/* By address; of equal ones, those that have been looked up come first. */
static int compare_symbols(const void *a, const void *b)
{
  const struct symbol *one = a, *other = b;
  if (one->address != other->address)
    return one->address < other->address ? -1 : 1;
  return !one->places_n - !other->places_n;
}

static void sort_and_unite(struct symbols *symbols)
{
  size_t kept = 0;
  if (symbols->count)
    qsort(symbols->list, symbols->count, sizeof *symbols->list, compare_symbols);
  for (size_t i = 0; i < symbols->count; i++)
    if (!kept || symbols->list[kept - 1].address != symbols->list[i].address)
      symbols->list[kept++] = symbols->list[i];
  symbols->count = symbols->sorted_n = kept;
}

/* Stacks have most addresses in common: dropping all but one of equal ones mostly makes room enough. */
static bool make_room(struct symbols *symbols)
{
  sort_and_unite(symbols);
  if (symbols->count < symbols->capacity / 2)
    return true;
  size_t capacity = symbols->capacity ? 2 * symbols->capacity : 1024;
  struct symbol *grown = reallocarray(symbols->list, capacity, sizeof *grown);
  if (!grown)
    return symbols->count < symbols->capacity;
  symbols->list = grown;
  symbols->capacity = capacity;
  return true;
}

void symbols_want(struct symbols *symbols, uint64_t address)
{
  if (symbols->count < symbols->capacity || make_room(symbols))
    symbols->list[symbols->count++] = (struct symbol){.address = address};
}

/* Where the tool knows nothing, the name is made of the file and the offset. */
static void name_by_offset(struct symbol *symbol, const struct mapping *mapping)
{
  char *name = NULL;
  unsigned long long at = symbol->address;
  if (mapping)
    at = at - mapping->start + mapping->offset;
  if (asprintf(&name, "%s%s0x%llx", mapping ? naming_base(mapping->path) : "", mapping ? "+" : "", at) > 0)
    add_place(symbol, name, NULL, 0);
}

/* Looks up the new ones from `first` on, as far as they are in one file. Returns how many to step over. */
static size_t make_some(struct symbols *symbols, size_t first, char *const *tool)
{
  const struct mapping *mapping = mapping_at(symbols, symbols->list[first].address), *at;
  uint64_t *addresses = calloc(symbols->count - first, sizeof *addresses);
  size_t count = 0;
  while (addresses && first + count < symbols->count && !symbols->list[first + count].places_n) {
    struct symbol *symbol = &symbols->list[first + count];
    at = mapping_at(symbols, symbol->address);
    if (!at != !mapping || (at && strcmp(at->path, mapping->path) != 0))
      break;
    symbol->module = at ? at->path : NULL;
    addresses[count++] = at ? image_address_of(at->path, symbol->address - at->start + at->offset) : 0;
  }
  if (mapping && tool && count)
    ask_tool(tool, mapping->path, &symbols->list[first], addresses, count);
  for (size_t i = first; i < first + count; i++)
    if (!symbols->list[i].places_n)
      name_by_offset(&symbols->list[i], mapping_at(symbols, symbols->list[i].address));
  free(addresses);
  return count ? count : 1;
}

void symbols_make(struct symbols *symbols)
{
  char *const *tool = find_tool();
  symbols->lacks_tool = !tool;
  sort_and_unite(symbols);
  for (size_t i = 0; i < symbols->count;)
    i += symbols->list[i].places_n ? 1 : make_some(symbols, i, tool);
}

const struct symbol *symbols_find(const struct symbols *symbols, uint64_t address)
{
  struct symbol key = {.address = address, .places_n = 1};
  const struct symbol *found =
      symbols->sorted_n ? bsearch(&key, symbols->list, symbols->sorted_n, sizeof *symbols->list, compare_symbols)
                        : NULL;
  return found && found->places_n ? found : NULL;
}

bool symbols_lack_tool(const struct symbols *symbols) { return symbols->lacks_tool; }
