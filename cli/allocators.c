/* allocators.c: finds allocators. A process of ours is started under each and says where its malloc lies. */
#define _GNU_SOURCE
#include "allocators.h"
#include "cli.h"
#include "elf.h"
#include "measure.h"
#include "naming.h"
#include "preload.h"
#include "process.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct peer {
  const char *name, *soname;
};
static const struct peer peers[] = {
#define PEER(name, soname) {name, soname},
#include "peers.def"
#undef PEER
};
enum { PEERS = sizeof peers / sizeof peers[0] };

/* What the probe prints for a library that carries no version. */
#define NO_VERSION "unversioned"

/* The C library's file: the one that holds printf. */
static const char *c_library(void)
{
  static char path[PATH_MAX];
  Dl_info info;
  if (!path[0] && dladdr(dlsym(RTLD_DEFAULT, "printf"), &info) && info.dli_fname)
    if (!realpath(info.dli_fname, path))
      path[0] = '\0';
  return path;
}

/* Starts this command under the allocator and reads where malloc lies there. */
static bool probe(struct allocator *allocator)
{
  char *argv[] = {(char *)own_path(), "compare", "--which", NULL};
  struct run_request request = {.argv = argv, .preload = allocator->preload, .keep_output = true, .timeout_s = 10};
  struct run_result result;
  run_measured(&request, &result);
  bool works = !result.failure[0] &&
               sscanf(result.output, "%4095[^\t]\t%47[^\n]", allocator->library, allocator->version) == 2;
  run_result_free(&result);
  return works;
}

static bool is_listed(const struct allocator_list *list, const char *name)
{
  for (size_t i = 0; i < list->count; i++)
    if (!strcmp(list->row[i].name, name))
      return true;
  return false;
}

/* Probes the allocator and appends it. `wanted`: its absence is worth a line. */
static bool append(struct allocator_list *list, const char *name, const char *preload, bool wanted)
{
  if (is_listed(list, name))
    return true;
  if (list->count == ALLOCATORS_MAX) {
    fail(0, "%s: there is room for %d allocators only; left out", name, ALLOCATORS_MAX);
    return false;
  }
  if (strpbrk(preload, " :")) {
    fail(0, "%s: LD_PRELOAD can't hold the path '%s', which has a space or a colon; left out", name, preload);
    return false;
  }
  struct allocator *row = &list->row[list->count];
  snprintf(row->name, sizeof row->name, "%s", name);
  snprintf(row->preload, sizeof row->preload, "%s", preload);
  bool is_system = !preload[0] || !strcmp(preload, c_library());
  if (!probe(row)) {
    if (wanted)
      fail(0, "%s: no program starts with %s preloaded; left out", name, preload);
    return false;
  }
  if (!is_system && !strcmp(row->library, c_library())) {
    if (wanted)
      fail(0, "%s: %s was not loaded or does not replace malloc; left out", name, preload);
    return false;
  }
  list->count++;
  return true;
}

static bool append_system(struct allocator_list *list)
{
  bool is_glibc = !strncmp(naming_base(c_library()), "libc.so", 7);
  return append(list, is_glibc ? "glibc" : "system", is_glibc ? c_library() : "", true);
}

static bool append_brim(struct allocator_list *list, bool wanted)
{
  const char *path = preload_library();
  if (path)
    return append(list, "brim", path, true);
  if (wanted)
    fail(0, "brim: there is no libbrim.so beside %s nor in " BRIM_LIBDIR "; left out", own_path());
  return false;
}

/* Returns whether `name` is a peer that we know of. */
static bool append_peer(struct allocator_list *list, const char *name, bool wanted)
{
  bool known = false;
  for (size_t i = 0; i < PEERS; i++) {
    if (strcmp(peers[i].name, name) != 0)
      continue;
    known = true;
    if (append(list, name, peers[i].soname, false))
      return true;
  }
  if (known && wanted)
    fail(0, "%s: not installed; left out", name);
  return known;
}

static void append_all(struct allocator_list *list)
{
  append_system(list);
  append_brim(list, true);
  for (size_t i = 0; i < PEERS; i++)
    append_peer(list, peers[i].name, false);
}

/* Whether the loader could take the file; says why not. */
static bool is_library(const char *name, const char *path)
{
  struct image own, image;
  image_read(own_path(), &own);
  image_read(path, &image);
  if (image.kind != IMAGE_ELF) {
    fail(0, "%s: %s is no library; left out", name, path);
    return false;
  }
  if (image.elf_class != own.elf_class || image.byte_order != own.byte_order || image.machine != own.machine) {
    char theirs[32];
    snprintf(theirs, sizeof theirs, "%s", machine_name(&image));
    fail(0, "%s: %s is built for %s, not for %s; left out", name, path, theirs, machine_name(&own));
    return false;
  }
  return true;
}

/* NAME=/path/to/lib.so, or NAME@VERSION=... */
static bool append_file(struct allocator_list *list, char *word, char *equals)
{
  char path[PATH_MAX], *at = memchr(word, '@', (size_t)(equals - word));
  *equals = '\0';
  if (at)
    *at = '\0';
  if (!word[0] || strlen(word) >= ALLOCATOR_NAME_MAX)
    return fail(false, "the name in '%s=%s' must have 1 to %d letters", word, equals + 1, ALLOCATOR_NAME_MAX - 1);
  if (word[strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+-")])
    return fail(false, "the name '%s' may hold letters, digits and . _ + - only", word);
  if (is_listed(list, word))
    return fail(false, "there are two allocators named '%s'; give one of them another name", word);
  if (!equals[1])
    return fail(false, "'%s=' must go on with the path of a library", word);
  if (!realpath(equals + 1, path)) {
    fail(0, "%s: there is no file %s; left out", word, equals + 1);
    return true;
  }
  if (!is_library(word, path))
    return true;
  struct allocator *row = &list->row[list->count];
  if (append(list, word, path, true) && at && !strcmp(row->version, NO_VERSION))
    snprintf(row->version, sizeof row->version, "%s", at + 1);
  return true;
}

static bool append_word(struct allocator_list *list, char *word)
{
  char *equals = strchr(word, '=');
  if (equals)
    return append_file(list, word, equals);
  if (!strcmp(word, "all"))
    append_all(list);
  else if (!strcmp(word, "system") || !strcmp(word, "glibc"))
    append_system(list);
  else if (!strcmp(word, "brim"))
    append_brim(list, true);
  else if (!append_peer(list, word, true))
    return fail(false, "'%s' is no known allocator; give its library as %s=/path/to/lib.so", word, word);
  return true;
}

bool allocators_add(struct allocator_list *list, const char *text)
{
  if (!text[strspn(text, ",")])
    return fail(false, "--with names no allocator; 'all' is every one that is found");
  char *words = strdup(text), *next = words, *word;
  bool good = words != NULL;
  while (good && (word = strsep(&next, ",")))
    good = !word[0] || append_word(list, word);
  free(words);
  return good;
}

const struct allocator *allocators_named(const struct allocator_list *list, const char *name)
{
  for (size_t i = 0; i < list->count; i++)
    if (!strcmp(list->row[i].name, name) || (!strcmp(name, "system") && !strcmp(list->row[i].library, c_library())))
      return &list->row[i];
  return NULL;
}

/* ---- The other side: what a probed process prints ---- */

/* The symbol, if it lies in that very file: dlsym() finds those of the library's dependencies too. */
static void *find_symbol(void *library, const char *file, const char *name)
{
  Dl_info info;
  void *symbol = dlsym(library, name);
  return symbol && dladdr(symbol, &info) && !strcmp(info.dli_fname, file) ? symbol : NULL;
}

static bool version_from_symbols(void *library, const char *file, char *text, size_t size)
{
  void *symbol;
  if ((symbol = find_symbol(library, file, "brim_version"))) {
    int v = ((int (*)(void))symbol)();
    return snprintf(text, size, "%d.%d.%d", v / 10000, v / 100 % 100, v % 100) > 0;
  }
  if ((symbol = find_symbol(library, file, "mi_version"))) {
    /* Older releases use one digit for each part, newer ones two. */
    int v = ((int (*)(void))symbol)();
    int unit = v < 10000 ? 10 : 100;
    return snprintf(text, size, "%d.%d.%d", v / unit / unit, v / unit % unit, v % unit) > 0;
  }
  if ((symbol = find_symbol(library, file, "tc_version"))) {
    const char *version = ((const char *(*)(int *, int *, const char **))symbol)(NULL, NULL, NULL);
    return snprintf(text, size, "%s", version + strcspn(version, "0123456789")) > 0;
  }
  if ((symbol = find_symbol(library, file, "mallctl"))) {
    const char *version[1] = {"?"}; /* mallctl writes a pointer */
    size_t bytes = sizeof version;
    ((int (*)(const char *, void *, size_t *, void *, size_t))symbol)("version", version, &bytes, NULL, 0);
    return snprintf(text, size, "%.*s", (int)strcspn(version[0], "-"), version[0]) > 0;
  }
  if ((symbol = find_symbol(library, file, "gnu_get_libc_version")))
    return snprintf(text, size, "%s", ((const char *(*)(void))symbol)()) > 0;
  return false;
}

int print_own_allocator(void)
{
  Dl_info info;
  char path[PATH_MAX], version[48];
  void *address = dlsym(RTLD_DEFAULT, "malloc");
  if (!address || !dladdr(address, &info) || !realpath(info.dli_fname, path))
    return fail(EX_SOFTWARE, "the dynamic linker does not say where malloc lies");
  void *library = dlopen(info.dli_fname, RTLD_LAZY | RTLD_NOLOAD);
  /* A library that has no symbol for its version often has it in its file name. */
  if (!library || !version_from_symbols(library, info.dli_fname, version, sizeof version)) {
    const char *suffix = strstr(naming_base(path), ".so.");
    snprintf(version, sizeof version, "%s", suffix ? suffix + 4 : NO_VERSION);
  }
  printf("%s\t%s\n", path, version);
  return 0;
}

void allocators_warn_of_settings(void)
{
  static const char *const prefixes[] = {"MALLOC_",   "GLIBC_TUNABLES", "MIMALLOC_", "TCMALLOC_", "BRIM_",
                                         "SNMALLOC_", "TBB_",           "_RJEM_",    "LD_PRELOAD"};
  for (char **entry = environ; *entry; entry++)
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++)
      if (!strncmp(*entry, prefixes[i], strlen(prefixes[i])))
        fail(0, "note: %s is set and may change what is measured", *entry);
}
