/* naming.c: see naming.h. */
#include "naming.h"
#include "cli.h"
#include "elf.h"
#include "own_malloc.h"
#include "owners.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void set_name(struct region *region, enum region_kind kind, const char *name)
{
  region->kind = kind;
  snprintf(region->name, sizeof region->name, "%s", name);
}

static bool is_file(const struct area *area) { return area->path[0] == '/'; }
static bool is_plain(const struct area *area) { return !area->path[0]; }
static bool is_writable(const struct area *area) { return area->permissions[1] == 'w'; }

const char *naming_base(const char *path)
{
  const char *slash = strrchr(path, '/');
  return slash && slash[1] ? slash + 1 : path;
}

/* The area directly below number i, or above; NULL if there is a gap. */
static const struct area *below(const struct naming *naming, size_t i)
{
  const struct area *list = naming->areas->list;
  return i > 0 && list[i - 1].end == list[i].start ? &list[i - 1] : NULL;
}
static const struct area *above(const struct naming *naming, size_t i)
{
  const struct area *list = naming->areas->list;
  return i + 1 < naming->areas->count && list[i + 1].start == list[i].end ? &list[i + 1] : NULL;
}

/* A file is a library if any part of it is executable. */
static bool is_library(const struct naming *naming, const char *path)
{
  for (size_t i = 0; i < naming->executable_areas_n; i++)
    if (!strcmp(naming->areas->list[naming->executable_areas[i]].path, path))
      return true;
  return false;
}

static bool text_lies_below(const struct naming *naming, size_t i)
{
  for (size_t k = 0; k < naming->executable_areas_n && naming->executable_areas[k] < i; k++)
    if (!strcmp(naming->areas->list[naming->executable_areas[k]].path, naming->executable))
      return true;
  return false;
}

static void name_file(const struct naming *naming, size_t i, struct region *region)
{
  const struct area *area = &naming->areas->list[i];
  if (strcmp(area->path, naming->executable) != 0)
    set_name(region, is_library(naming, area->path) ? REGION_LIBRARY : REGION_FILE, naming_base(area->path));
  else if (area->permissions[2] == 'x')
    set_name(region, REGION_PROGRAM, "text");
  else if (is_writable(area))
    set_name(region, REGION_PROGRAM, "data");
  else
    set_name(region, REGION_PROGRAM, text_lies_below(naming, i) ? "constants" : "headers");
}

/* The size that C libraries give to the stack of a thread, give or take what the kernel has joined with it. */
static bool is_usual_stack(const struct area *area) { return (area->end - area->start) >> 16 == (8u << 20) >> 16; }

/* The first thread whose stack pointer lies there or above; threads_n if there is none. */
static size_t thread_from(const struct naming *naming, uint64_t address)
{
  size_t low = 0, high = naming->threads_n;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (naming->threads[middle].stack_pointer < address)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

/* Names number i if it is the stack of a thread: if a stack pointer lies in it, or, with "probably", if it looks like a stack
 * (writable memory above a small guard). If all stack pointers are known, or at most one thread, it must also have the usual
 * size: only that tells a stack that is kept after its thread has ended from other guarded memory. */
static bool name_thread_stack(const struct naming *naming, size_t i, struct region *region)
{
  const struct area *area = &naming->areas->list[i];
  size_t thread = thread_from(naming, area->start);
  if (thread < naming->threads_n && naming->threads[thread].stack_pointer < area->end) {
    region->kind = REGION_STACK;
    snprintf(region->name, sizeof region->name, "stack of thread %d", (int)naming->threads[thread].tid);
    return true;
  }
  bool all_known = !naming->threads_n || naming->threads[0].stack_pointer;
  const struct area *guard = below(naming, i);
  bool may_be = naming->threads_n < 2 ? is_usual_stack(area) : !all_known || is_usual_stack(area);
  if (!may_be || !guard || !is_plain(guard) || memcmp(guard->permissions, "---", 3) != 0 ||
      guard->end - guard->start > 65536 || !is_writable(area))
    return false;
  set_name(region, REGION_STACK, "thread stack, probably");
  return true;
}

/* glibc keeps the heap of a further arena in a reservation of 64 MiB, aligned to 64 MiB, and makes it writable from below. */
static bool is_glibc_arena(const struct naming *naming, size_t i)
{
  const uint64_t arena = 64u << 20;
  const struct area *area = &naming->areas->list[i], *rest = above(naming, i);
  return area->start % arena == 0 && is_writable(area) && rest && is_plain(rest) && rest->end - area->start == arena;
}

bool naming_is_brim(const char *path) { return !strncmp(naming_base(path), "libbrim", 7); }
static bool is_brim_library(const struct area *area) { return naming_is_brim(area->path); }
static bool is_brim_named(const struct area *area) { return !strncmp(area->path, "[anon:brim: ", 12); }

enum { BSS_PIECES = 16 }; /* pieces that madvise and mprotect may have cut a bss into */

/* Whether number i is bss: the part of a data segment that the file below does not fill. Sets *file to the file's number. If
 * the kernel shows the bss as one with a mapping above it, the larger part decides. */
static bool is_bss(const struct naming *naming, size_t i, size_t *file)
{
  const struct area *area = &naming->areas->list[i], *data = below(naming, i), *lowest;
  size_t k = i - 1;
  for (; data && is_plain(data) && i - k < BSS_PIECES; k--)
    data = below(naming, k);
  if (!data || !is_file(data) || !is_writable(data))
    return false;
  *file = k;
  for (lowest = data; (data = below(naming, k)) && !strcmp(data->path, lowest->path); k--)
    lowest = data;
  uint64_t loaded = image_loaded_bytes(lowest->path);
  return loaded ? (area->start + area->end) / 2 <= lowest->start + loaded : *file == i - 1 && is_writable(area);
}

/* Memory that only Brim is likely to have mapped, by its look: no guard below it, and as large as what Brim maps. */
static bool looks_like_brim(const struct naming *naming, size_t i)
{
  const struct area *area = &naming->areas->list[i], *lower = below(naming, i);
  bool guarded = lower && is_plain(lower) && !is_writable(lower);
  return naming->on_brim && !naming->brim_is_named && !naming->owners && !strcmp(area->permissions, "rw-p") &&
         !guarded && area->end - area->start >= 128u << 10;
}

/* Names number i by what Brim's records say of it. */
static bool name_owned(const struct naming *naming, size_t i, struct region *region)
{
  static const char *const names[] = {
      [OWNER_RECORDS] = "Brim: metadata", [OWNER_HEAP] = "Brim: heap", [OWNER_LARGE] = "Brim: large blocks"};
  const char *name = naming->owners ? names[naming->owners[i]] : NULL;
  if (name)
    set_name(region, REGION_BRIM, name);
  return name != NULL;
}

static void name_plain(const struct naming *naming, size_t i, struct region *region)
{
  const struct area *area = &naming->areas->list[i], *upper = above(naming, i);
  size_t file;
  if (name_thread_stack(naming, i, region))
    return;
  if (is_bss(naming, i, &file)) {
    name_file(naming, file, region);
    if (region->kind == REGION_PROGRAM)
      set_name(region, REGION_PROGRAM, "bss");
    else if (is_brim_library(&naming->areas->list[file]))
      set_name(region, REGION_BRIM, "Brim: metadata");
    if (region->kind != REGION_FILE)
      return;
  }
  struct region next = {0};
  if (name_owned(naming, i, region))
    return;
  if (looks_like_brim(naming, i))
    set_name(region, REGION_BRIM, "Brim's, probably");
  else if (area->permissions[0] != '-' || area->permissions[1] != '-')
    set_name(region, REGION_MAPPING, is_glibc_arena(naming, i) ? "glibc arena" : "mapping");
  else if (upper && is_plain(upper) && name_thread_stack(naming, i + 1, &next))
    set_name(region, REGION_STACK, "guard of a stack");
  else
    set_name(region, REGION_MAPPING, i && is_glibc_arena(naming, i - 1) ? "glibc arena, unused" : "no access");
}

/* Names by prctl(PR_SET_VMA_ANON_NAME): "[anon:brim: large]". */
static void name_named(const char *path, struct region *region)
{
  static const char brim[] = "[anon:brim: ";
  bool is_brim = !strncmp(path, brim, sizeof brim - 1);
  const char *colon = strchr(path, ':');
  char name[sizeof region->name];
  snprintf(name, sizeof name, "%s%s", is_brim ? "Brim: " : "", is_brim ? path + sizeof brim - 1 : colon + 1);
  name[strcspn(name, "]")] = '\0';
  if (is_brim && !strcmp(name, "Brim: large"))
    snprintf(name, sizeof name, "Brim: large blocks");
  set_name(region, is_brim ? REGION_BRIM : REGION_MAPPING, name);
}

/* Memory that processes share without a file, from MAP_SHARED with MAP_ANONYMOUS or from shmget. The kernel shows it as a
 * deleted file. */
static bool is_shared_memory(const char *path)
{
  return !strcmp(path, "/dev/zero (deleted)") ||
         (!strncmp(path, "/SYSV", 5) && strlen(path) == sizeof "/SYSV00000000 (deleted)" - 1);
}

void naming_name(const struct naming *naming, size_t i, struct region *region)
{
  const char *path = naming->areas->list[i].path;
  if (is_shared_memory(path))
    set_name(region, REGION_MAPPING, "shared memory");
  else if (!strcmp(path, "/anon_hugepage (deleted)"))
    set_name(region, REGION_MAPPING, "huge pages (hugetlb)");
  else if (is_file(&naming->areas->list[i]))
    name_file(naming, i, region);
  else if (!*path)
    name_plain(naming, i, region);
  else if (!strcmp(path, "[heap]"))
    set_name(region, REGION_BREAK, naming->on_brim ? "break heap (Brim)" : "heap (break)");
  else if (!strcmp(path, "[stack]"))
    set_name(region, REGION_STACK, "stack");
  else if (!strncmp(path, "[v", 2))
    set_name(region, REGION_KERNEL, !strcmp(path, "[vdso]") ? "vdso" : "vvar");
  else if (!strncmp(path, "[anon", 5) && strchr(path, ':'))
    name_named(path, region);
  else
    set_name(region, REGION_MAPPING, path);
}

static const char *lowest_file(const struct areas *areas)
{
  for (size_t i = 0; i < areas->count; i++)
    if (is_file(&areas->list[i]))
      return areas->list[i].path;
  return "";
}

static bool any(const struct areas *areas, bool (*is)(const struct area *))
{
  for (size_t i = 0; i < areas->count; i++)
    if (is(&areas->list[i]))
      return true;
  return false;
}

struct naming naming_begin(const struct areas *areas, const char *executable, pid_t pid)
{
  struct naming naming = {.areas = areas,
                          .executable = executable ? executable : lowest_file(areas),
                          .executable_areas = calloc(areas->count + 1, sizeof *naming.executable_areas),
                          .brim_is_named = any(areas, is_brim_named)};
  char live[32];
  if (!naming.executable_areas)
    exit(fail(EX_OSERR, "out of memory"));
  for (size_t i = 0; i < areas->count; i++)
    if (areas->list[i].permissions[2] == 'x')
      naming.executable_areas[naming.executable_areas_n++] = i;
  snprintf(live, sizeof live, "/proc/%d/exe", (int)pid);
  enum own_malloc whose = own_malloc(pid ? live : naming.executable);
  naming.on_brim =
      naming.brim_is_named || whose == OWN_MALLOC_BRIM || (whose != OWN_MALLOC_OTHER && any(areas, is_brim_library));
  if (pid)
    naming.threads_n = threads_read(pid, &naming.threads);
  return naming;
}

void naming_end(struct naming *naming)
{
  free(naming->executable_areas);
  free(naming->threads);
}
