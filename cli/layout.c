/* layout.c: see layout.h. Names each area (naming.h), joins those that belong together, and puts the gaps in between. */
#include "layout.h"
#include "areas.h"
#include "cli.h"
#include "naming.h"
#include "owners.h"
#include "process.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *region_kind_name(enum region_kind kind)
{
  static const char *const names[REGION_KINDS] = {"gap",  "program", "break", "brim",  "mapping",
                                                  "file", "library", "stack", "kernel"};
  return names[kind];
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
  *gap = (struct region){.start = start, .end = end, .bytes = end - start, .kind = REGION_GAP};
  snprintf(gap->name, sizeof gap->name, "%s", gap_name(lower, upper));
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
  naming_name(naming, i, &region);
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

bool layout_read(struct layout *layout, FILE *smaps, const char *executable, pid_t pid, bool brief)
{
  struct areas areas = areas_read(smaps);
  struct naming naming = naming_begin(&areas, executable, pid);
  unsigned char *owners = pid && naming.on_brim && !naming.brim_is_named ? owners_read(pid, &areas) : NULL;
  naming.owners = owners;
  *layout = (struct layout){.pid = pid, .on_brim = naming.on_brim, .brim_is_known = naming.brim_is_named || owners};
  layout->regions = calloc(2 * areas.count + 1, sizeof *layout->regions);
  if (!layout->regions)
    exit(fail(EX_OSERR, "out of memory"));
  snprintf(layout->program, sizeof layout->program, "%s", naming_base(naming.executable));
  for (size_t i = 0; i < areas.count; i++)
    /* vsyscall, which every process shows, is a page in the kernel's half; a gap of 16 EiB up to it would say nothing. */
    if (strcmp(areas.list[i].path, "[vsyscall]") != 0)
      add_area(layout, &naming, i, brief);
  naming_end(&naming);
  free(owners);
  areas_free(&areas);
  return layout->count > 0 && areas.with_sizes;
}

int layout_of(struct layout *layout, pid_t pid, bool brief)
{
  char path[64], executable[EXECUTABLE_MAX];
  pid_t shown = process_with_memory(pid);
  bool is_known = process_executable(shown, executable);
  snprintf(path, sizeof path, "/proc/%d/smaps", (int)shown);
  FILE *smaps = fopen(path, "re");
  if (!smaps)
    return errno == ENOENT ? ESRCH : errno;
  bool found = layout_read(layout, smaps, is_known ? executable : NULL, shown, brief);
  layout->pid = pid;
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
