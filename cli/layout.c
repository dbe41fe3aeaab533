/* layout.c: see layout.h. Three passes: name every area, join what belongs together, put the gaps in between. */
#include "layout.h"
#include "areas.h"
#include "cli.h"
#include "elf.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { THREADS_MAX = 4096 };

/* What the naming of one area needs to know about the others. */
struct naming {
  const struct areas *areas;
  const char *executable;
  struct thread *threads;
  size_t threads_n;
  bool on_brim, brim_is_named;
};

const char *region_kind_name(enum region_kind kind)
{
  static const char *const names[REGION_KINDS] = {"gap",  "program", "break", "brim",  "mapping",
                                                  "file", "library", "stack", "kernel"};
  return names[kind];
}

static void set_name(struct region *region, enum region_kind kind, const char *name)
{
  region->kind = kind;
  snprintf(region->name, sizeof region->name, "%s", name);
}

static bool is_file(const struct area *area) { return area->path[0] == '/'; }
static bool is_plain(const struct area *area) { return !area->path[0]; }
static bool is_writable(const struct area *area) { return area->permissions[1] == 'w'; }

static const char *base_name(const char *path)
{
  const char *slash = strrchr(path, '/');
  return slash && slash[1] ? slash + 1 : path;
}

/* The area directly below number i, or NULL if there is a gap. */
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
  for (size_t i = 0; i < naming->areas->count; i++)
    if (naming->areas->list[i].permissions[2] == 'x' && !strcmp(naming->areas->list[i].path, path))
      return true;
  return false;
}

static bool text_lies_below(const struct naming *naming, size_t i)
{
  while (i-- > 0)
    if (naming->areas->list[i].permissions[2] == 'x' && !strcmp(naming->areas->list[i].path, naming->executable))
      return true;
  return false;
}

static void name_file(const struct naming *naming, size_t i, struct region *region)
{
  const struct area *area = &naming->areas->list[i];
  if (strcmp(area->path, naming->executable) != 0)
    set_name(region, is_library(naming, area->path) ? REGION_LIBRARY : REGION_FILE, base_name(area->path));
  else if (area->permissions[2] == 'x')
    set_name(region, REGION_PROGRAM, "text");
  else if (is_writable(area))
    set_name(region, REGION_PROGRAM, "data");
  else
    set_name(region, REGION_PROGRAM, text_lies_below(naming, i) ? "constants" : "headers");
}

/* The size that a C library gives to the stack of a thread, give or take what the kernel has joined with it. */
static bool is_usual_stack(const struct area *area) { return (area->end - area->start) >> 16 == (8u << 20) >> 16; }

/* The thread that has its stack in number i: by its stack pointer, or, where the kernel does not tell it, by the look of
 * a stack (writable memory above a small guard), which is why such a name says "probably". The stack of a thread that has
 * ended is kept for the next one: without other threads, only the usual size tells it from other guarded memory. */
static bool name_thread_stack(const struct naming *naming, size_t i, struct region *region)
{
  const struct area *area = &naming->areas->list[i];
  bool all_known = true;
  for (size_t t = 0; t < naming->threads_n; t++) {
    uint64_t sp = naming->threads[t].stack_pointer;
    all_known &= sp != 0;
    if (sp < area->start || sp >= area->end)
      continue;
    region->kind = REGION_STACK;
    snprintf(region->name, sizeof region->name, "stack of thread %d", (int)naming->threads[t].tid);
    return true;
  }
  const struct area *guard = below(naming, i);
  bool may_be = naming->threads_n < 2 ? is_usual_stack(area) : !all_known || is_usual_stack(area);
  if (!may_be || !guard || !is_plain(guard) || memcmp(guard->permissions, "---", 3) != 0 ||
      guard->end - guard->start > 65536 || !is_writable(area))
    return false;
  set_name(region, REGION_STACK, "thread stack, probably");
  return true;
}

/* glibc keeps the heap of a second arena in a reservation of 64 MiB, aligned to 64 MiB, opened from below. */
static bool is_glibc_arena(const struct naming *naming, size_t i)
{
  const uint64_t arena = 64u << 20;
  const struct area *area = &naming->areas->list[i], *rest = above(naming, i);
  return area->start % arena == 0 && is_writable(area) && rest && is_plain(rest) && rest->end - area->start == arena;
}

static bool is_brim_library(const struct area *area) { return !strncmp(base_name(area->path), "libbrim", 7); }
static bool is_brim_named(const struct area *area) { return !strncmp(area->path, "[anon:brim: ", 12); }

/* Whether number i is the part of a data segment that the file below it does not fill. Where the kernel shows it as one
 * with a mapping above it, it is what most of it is. */
static bool is_bss(const struct naming *naming, size_t i)
{
  const struct area *area = &naming->areas->list[i], *data = below(naming, i), *lowest = data;
  if (!data || !is_file(data) || !is_writable(data) || !is_writable(area))
    return false;
  for (size_t k = i - 1; (data = below(naming, k)) && !strcmp(data->path, lowest->path); k--)
    lowest = data;
  uint64_t loaded = image_loaded_bytes(lowest->path);
  return !loaded || (area->start + area->end) / 2 <= lowest->start + loaded;
}

/* Memory that only Brim is likely to have mapped, by its look: no guard below it, and as large as what Brim maps. */
static bool looks_like_brim(const struct naming *naming, size_t i)
{
  const struct area *area = &naming->areas->list[i], *lower = below(naming, i);
  bool guarded = lower && is_plain(lower) && !is_writable(lower);
  return naming->on_brim && !naming->brim_is_named && !strcmp(area->permissions, "rw-p") && !guarded &&
         area->end - area->start >= 128u << 10;
}

static void name_plain(const struct naming *naming, size_t i, struct region *region)
{
  const struct area *area = &naming->areas->list[i], *lower = below(naming, i), *upper = above(naming, i);
  if (name_thread_stack(naming, i, region))
    return;
  if (is_bss(naming, i)) {
    name_file(naming, i - 1, region);
    if (region->kind == REGION_PROGRAM)
      set_name(region, REGION_PROGRAM, "bss");
    else if (is_brim_library(lower))
      set_name(region, REGION_BRIM, "Brim: metadata");
    if (region->kind != REGION_FILE)
      return;
  }
  struct region next = {0};
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

static void name_area(const struct naming *naming, size_t i, struct region *region)
{
  const char *path = naming->areas->list[i].path;
  if (is_file(&naming->areas->list[i]))
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

/* ---- joining ---- */

static bool is_mapped_object(const struct region *region)
{
  return region->kind == REGION_LIBRARY || region->kind == REGION_FILE;
}

/* Whether `next` is drawn as one with `last`, which lies below it. */
static bool belongs(const struct region *last, const struct region *next, bool brief)
{
  if (brief && is_mapped_object(last) && is_mapped_object(next))
    return true;
  if (last->end != next->start)
    return false;
  return last->kind == next->kind && (last->kind == REGION_KERNEL || !strcmp(last->name, next->name));
}

static void join(struct region *last, const struct region *next)
{
  if (strcmp(last->name, next->name) != 0)
    snprintf(last->name, sizeof last->name, "%s", last->kind == REGION_KERNEL ? "vvar, vdso" : "libraries, files");
  if (strcmp(last->permissions, next->permissions) != 0)
    strcpy(last->permissions, "");
  last->end = next->end;
  last->bytes += next->bytes;
  last->resident_bytes += next->resident_bytes;
  last->dirty_bytes += next->dirty_bytes;
  last->areas_n++;
}

static const char *gap_name(const struct region *lower, const struct region *upper)
{
  if (!lower)
    return "unmapped, NULL in it";
  if (lower->kind == REGION_BREAK)
    return "break may grow into it";
  if (upper->kind == REGION_STACK && !strcmp(upper->name, "stack"))
    return "stack may grow into it";
  return "unmapped";
}

static void add_gap(struct layout *layout, uint64_t end, const struct region *upper)
{
  const struct region *lower = layout->count ? &layout->regions[layout->count - 1] : NULL;
  uint64_t start = lower ? lower->end : 0;
  if (start >= end)
    return;
  struct region *gap = &layout->regions[layout->count++];
  *gap = (struct region){.start = start, .end = end, .bytes = end - start};
  set_name(gap, REGION_GAP, gap_name(lower, upper));
}

static void add_area(struct layout *layout, const struct naming *naming, size_t i, bool brief)
{
  const struct area *area = &naming->areas->list[i];
  struct region region = {.start = area->start,
                          .end = area->end,
                          .bytes = area->end - area->start,
                          .resident_bytes = area->resident_bytes,
                          .dirty_bytes = area->dirty_bytes,
                          .areas_n = 1};
  memcpy(region.permissions, area->permissions, sizeof region.permissions);
  name_area(naming, i, &region);
  layout->mapped_bytes += area->end - area->start;
  layout->resident_bytes += area->resident_bytes;
  layout->dirty_bytes += area->dirty_bytes;
  struct region *last = layout->count ? &layout->regions[layout->count - 1] : NULL;
  if (last && belongs(last, &region, brief)) {
    join(last, &region);
    return;
  }
  add_gap(layout, area->start, &region);
  layout->regions[layout->count++] = region;
}

/* ---- reading ---- */

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

bool layout_read(struct layout *layout, FILE *smaps, const char *executable, pid_t pid, bool brief)
{
  struct areas areas = areas_read(smaps);
  struct naming naming = {.areas = &areas,
                          .executable = executable ? executable : lowest_file(&areas),
                          .threads = calloc(THREADS_MAX, sizeof *naming.threads),
                          .brim_is_named = any(&areas, is_brim_named)};
  naming.on_brim = naming.brim_is_named || any(&areas, is_brim_library);
  *layout = (struct layout){.pid = pid, .on_brim = naming.on_brim, .brim_is_named = naming.brim_is_named};
  layout->regions = calloc(2 * areas.count + 1, sizeof *layout->regions);
  if (!naming.threads || !layout->regions)
    exit(fail(EX_OSERR, "out of memory"));
  if (pid)
    naming.threads_n = threads_read(pid, naming.threads, THREADS_MAX);
  snprintf(layout->program, sizeof layout->program, "%s", base_name(naming.executable));
  for (size_t i = 0; i < areas.count; i++)
    /* vsyscall is a page of the kernel's half that every process shows; a gap of 16 EiB would say nothing. */
    if (strcmp(areas.list[i].path, "[vsyscall]") != 0)
      add_area(layout, &naming, i, brief);
  free(naming.threads);
  areas_free(&areas);
  return layout->count > 0;
}

int layout_of(struct layout *layout, pid_t pid, bool brief)
{
  char path[64], executable[PATH_MAX];
  snprintf(path, sizeof path, "/proc/%d/exe", (int)pid);
  ssize_t length = readlink(path, executable, sizeof executable - 1);
  executable[length > 0 ? length : 0] = '\0';
  snprintf(path, sizeof path, "/proc/%d/smaps", (int)pid);
  FILE *smaps = fopen(path, "re");
  if (!smaps)
    return errno == ENOENT ? ESRCH : errno;
  bool found = layout_read(layout, smaps, length > 0 ? executable : NULL, pid, brief);
  int error = ferror(smaps) ? EIO : 0;
  fclose(smaps);
  if (found && !error)
    return 0;
  layout_free(layout);
  return error ? error : ESRCH;
}

void layout_free(struct layout *layout)
{
  free(layout->regions);
  *layout = (struct layout){0};
}

char layout_change(const struct layout *before, const struct region *region)
{
  for (size_t i = 0; i < before->count; i++) {
    const struct region *old = &before->regions[i];
    if (old->kind != region->kind || old->start >= region->end || old->end <= region->start)
      continue;
    bool same = old->start == region->start && old->end == region->end &&
                old->resident_bytes == region->resident_bytes && old->dirty_bytes == region->dirty_bytes;
    return same ? ' ' : '*';
  }
  return '+';
}
