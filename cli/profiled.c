/* profiled.c: see profiled.h. The file that libbrim-profile.so fills in is a memfd. The program opens it through /proc, so that
 * it inherits no open file. */
#define _GNU_SOURCE
#include "profiled.h"
#include "cli.h"
#include "naming.h"
#include "observe.h"
#include "own_malloc.h"
#include "preload.h"
#include "process.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Room for so many stacks: more than samples have, and more than most programs have. */
enum { SITES_MAX = 1 << 17 };

/* ---- Before the program ------------------------------------------------------------------------------------------ */

static int make_file(const struct profile_request *request, struct profiled *profiled)
{
  char path[64];
  uint32_t sites = request->blocks_max < SITES_MAX ? request->blocks_max : SITES_MAX;
  int file = memfd_create("brim profile", MFD_CLOEXEC);
  if (file < 0 || ftruncate(file, (off_t)profile_file_bytes(sites)))
    return fail(EX_OSERR, "can't make the file of the profile: %s", strerror(errno));
  void *mapped = mmap(NULL, profile_file_bytes(sites), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (mapped == MAP_FAILED)
    return fail(EX_OSERR, "can't map the file of the profile: %s", strerror(errno));
  profiled->profile = mapped;
  *profiled->profile = (struct profile){
      .magic = PROFILE_MAGIC, .rate = request->rate, .sites_max = sites, .blocks_max = request->blocks_max};
  snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)getpid(), file);
  return setenv(PROFILE_VARIABLE, path, 1) ? fail(EX_OSERR, "%s", strerror(errno)) : 0;
}

/* Puts both libraries into LD_PRELOAD, the one that records in front. */
static int preload_both(const char *program)
{
  char path[PATH_MAX], beside[PATH_MAX + 32];
  const char *library;
  int code = preload_require(&library);
  if (code)
    return code;
  snprintf(beside, sizeof beside, "%.*s/libbrim-profile.so", (int)(naming_base(library) - library - 1), library);
  if (access(beside, R_OK))
    return fail(EX_OSFILE, "there is no '%s': it is not built where the compiler has no unwinder for its C library",
                beside);
  if ((code = program_require(program, path)) || (code = preload_check(library, path)) ||
      (code = preload_set(library)))
    return code;
  return preload_set(beside);
}

/* ---- While it runs ----------------------------------------------------------------------------------------------- */

/* The text of a file of /proc, whose size is not known beforehand; to be freed. */
static char *read_text(pid_t pid, const char *name)
{
  char path[64], *text = NULL;
  size_t bytes = 0;
  snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
  FILE *file = fopen(path, "re");
  if (!file)
    return NULL;
  if (getdelim(&text, &bytes, '\0', file) <= 0) {
    free(text);
    text = NULL;
  }
  fclose(file);
  return text;
}

/* Called for several ends of threads; the last call counts, as the program's memory goes with that thread. */
static void look_at_end(struct profiled *profiled, pid_t tid)
{
  char path[64], target[PATH_MAX];
  char *maps = read_text(tid, "maps");
  if (!maps)
    return;
  profiled->was_seen = true;
  profiled->has_library = strstr(maps, "/libbrim-profile.so") != NULL;
  symbols_free(profiled->symbols);
  profiled->symbols = symbols_create(maps);
  snprintf(path, sizeof path, "/proc/%d/exe", (int)tid);
  ssize_t length = readlink(path, target, sizeof target - 1);
  target[length > 0 ? length : 0] = 0;
  snprintf(profiled->program, sizeof profiled->program, "%s", naming_base(target));
  profiled->own_malloc = own_malloc(path) != OWN_MALLOC_NONE;
  profiled->has_children = process_has_children(tid);
}

static void visit(enum moment moment, pid_t tid, void *context)
{
  struct profiled *profiled = context;
  if (moment == MOMENT_TRACED) {
    profiled->pid = profiled->profile->pid = tid;
  } else if (moment == MOMENT_EXEC) {
    profiled->profile->is_on = profiled->profile->is_short = false;
  } else {
    look_at_end(profiled, tid);
  }
}

/* A faulty program may have overwritten the file: puts the counts that we rely on within bounds. */
static void mend(struct profile *profile, uint32_t sites_max)
{
  profile->sites_max = sites_max;
  if (profile->sites_n > sites_max)
    profile->sites_n = sites_max;
  for (uint32_t i = 0; i < profile->sites_n; i++)
    if (profile->sites[i].depth > PROFILE_DEPTH)
      profile->sites[i].depth = PROFILE_DEPTH;
}

int profiled_run(const struct profile_request *request, struct profiled *profiled)
{
  *profiled = (struct profiled){0};
  snprintf(profiled->program, sizeof profiled->program, "%s", naming_base(request->argv[0]));
  int code = preload_both(request->argv[0]);
  if (!code)
    code = make_file(request, profiled);
  if (code)
    return code;
  uint32_t sites_max = profiled->profile->sites_max;
  struct observation how = {.visit = visit, .context = profiled};
  profiled->code = observe(request->argv, &how, NULL);
  mend(profiled->profile, sites_max);
  /* The tools that run next must not be profiled. */
  unsetenv("LD_PRELOAD");
  unsetenv(PROFILE_VARIABLE);
  if (profiled->code < 0)
    return EX_UNAVAILABLE;
  if (!profiled->symbols)
    profiled->symbols = symbols_create(strdup(""));
  return profiled->symbols ? 0 : fail(EX_OSERR, "%s", strerror(ENOMEM));
}

void profiled_free(struct profiled *profiled)
{
  symbols_free(profiled->symbols);
  if (profiled->profile)
    munmap(profiled->profile, profile_file_bytes(profiled->profile->sites_max));
}

/* ---- What was recorded ------------------------------------------------------------------------------------------- */

struct profile_sum profiled_sum(const struct profiled *profiled, const struct profile_site *site,
                                enum measure measure)
{
  return measure == BY_TOTAL  ? site->total
         : measure == BY_PEAK ? profile_at_peak(profiled->profile, site)
                              : site->live;
}

struct profile_sum profiled_all(const struct profiled *profiled, enum measure measure)
{
  struct profile_sum all = {0, 0};
  for (uint32_t i = 0; i < profiled->profile->sites_n; i++) {
    struct profile_sum sum = profiled_sum(profiled, &profiled->profile->sites[i], measure);
    all.bytes += sum.bytes;
    all.blocks += sum.blocks;
  }
  return all;
}

uint64_t profiled_blocks(struct profile_sum sum) { return (sum.blocks + PROFILE_BLOCK / 2) / PROFILE_BLOCK; }

/* Whether a function does nothing but allocate for its caller. */
static bool is_allocator(const char *function)
{
  static const char *const names[] = {"malloc",
                                      "calloc",
                                      "realloc",
                                      "reallocarray",
                                      "aligned_alloc",
                                      "posix_memalign",
                                      "__libc_malloc",
                                      "memalign",
                                      "valloc",
                                      "operator new(",
                                      "operator new[](",
                                      "__gnu_cxx::new_allocator<",
                                      "std::__new_allocator<",
                                      "std::allocator<",
                                      "std::allocator_traits<",
                                      "__rust_alloc",
                                      "__rust_alloc_zeroed",
                                      "__rust_realloc",
                                      "__rdl_alloc",
                                      "__rdl_alloc_zeroed",
                                      "__rdl_realloc",
                                      "__rustc::",
                                      "alloc::alloc::",
                                      "<alloc::alloc::Global",
                                      "alloc::raw_vec::",
                                      "<alloc::raw_vec::",
                                      "std::alloc::",
                                      "hashbrown::raw::",
                                      "<hashbrown::raw::"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    size_t length = strlen(names[i]);
    if (!strncmp(function, names[i], length) && (!function[length] || strpbrk(names[i], "(<:")))
      return true;
  }
  return false;
}

size_t profiled_places(const struct profiled *profiled, const struct profile_site *site, uint32_t depth,
                       const struct place **places, size_t capacity)
{
  size_t count = 0;
  for (uint32_t i = 0; i < site->depth && i < depth; i++) {
    const struct symbol *symbol = symbols_find(profiled->symbols, site->stack[i]);
    for (size_t j = 0; symbol && j < symbol->places_n && count < capacity; j++)
      if (count || !is_allocator(symbol->places[j].function))
        places[count++] = &symbol->places[j];
  }
  return count;
}
