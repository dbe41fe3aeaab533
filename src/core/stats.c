#include "core/stats.h"
#include "base/print.h"
#include "base/texts.h"
#include "core/bins.h"
#include "core/heap.h"
#include "core/large.h"
#include "core/meta.h"
#include "core/options.h"
#include "core/runs.h"
#include "os/os.h"

static uint64_t bin_bytes(struct heap *heap)
{
  return load_relaxed(&heap->open_bytes) + load_relaxed(&heap->mail_bytes) + brimi_bins_bytes(heap, 0);
}

/* Returns the bytes of blocks that are not FREE. */
static uint64_t read_heaps(struct stats *stats)
{
  uint64_t used = 0;
  for (struct heap *heap = brimi_heap_first(); heap; heap = brimi_heap_next(heap)) {
    stats->heaps++;
    used += load_relaxed(&heap->used_bytes);
    stats->heap_cached += bin_bytes(heap);
    stats->calls_malloc += load_relaxed(&heap->calls[CALL_MALLOC]);
    stats->calls_calloc += load_relaxed(&heap->calls[CALL_CALLOC]);
    stats->calls_realloc += load_relaxed(&heap->calls[CALL_REALLOC]);
    stats->calls_aligned += load_relaxed(&heap->calls[CALL_ALIGNED]);
    stats->calls_free += load_relaxed(&heap->calls[CALL_FREE]);
  }
  return used;
}

void brimi_stats_read(struct stats *stats)
{
  struct runs_usage runs;
  struct large_usage large;
  struct os_usage usage;
  *stats = (struct stats){0};
  uint64_t used = read_heaps(stats);
  brimi_runs_usage(&runs);
  brimi_large_usage(&large);
  brimi_os_usage(&usage);
  stats->break_heap = runs.break_bytes;
  stats->mapped_heap = runs.mapped_bytes;
  stats->heap_free = runs.free_bytes;
  stats->heap_free_resident = runs.dirty_bytes;
  stats->mappings = large.mapped_bytes;
  stats->mapping_count = large.mapped_n;
  stats->mappings_cached = large.cached_bytes;
  brimi_stats_derive(stats, used, large.break_bytes);
  stats->metadata = brimi_meta_bytes();
  stats->resident = usage.resident;
  stats->resident_peak = usage.resident_peak;
  stats->page_faults = usage.minor_faults;
  stats->page_faults_major = usage.major_faults;
  stats->calls_brk = brimi_os_calls(OS_BRK);
  stats->calls_mmap = brimi_os_calls(OS_MMAP);
  stats->calls_munmap = brimi_os_calls(OS_MUNMAP);
  stats->calls_mremap = brimi_os_calls(OS_MREMAP);
  stats->calls_madvise = brimi_os_calls(OS_MADVISE);
}

/* The name and the help of each row, one behind the other. */
static const char texts[] =
#define STAT(name, unit, help) #name "\0" help "\0"
#include "core/stats.def"
#undef STAT
    ;
static const uint8_t units[] = {
#define STAT(name, unit, help) BRIM_STAT_##unit,
#include "core/stats.def"
#undef STAT
};
enum { ROWS = sizeof units };

size_t brim_stats(struct brim_stat *rows, size_t capacity)
{
  union {
    struct stats stats;
    uint64_t rows[ROWS];
  } values;
  _Static_assert(sizeof values.stats == sizeof values.rows, "one number a row");
  brimi_stats_read(&values.stats);
  const char *name = texts;
  for (size_t i = 0; i < ROWS && i < capacity; i++) {
    const char *help = brimi_texts_at(name, 1);
    rows[i] = (struct brim_stat){name, units[i], values.rows[i], help};
    name = brimi_texts_at(help, 1);
  }
  return ROWS;
}

void brimi_stats_print_text(struct text *out)
{
  struct brim_stat rows[ROWS];
  size_t count = brim_stats(rows, ROWS);
  brimi_print(out, "brim " BRIM_VERSION_STRING " statistics of %s, process %zu (bytes, unless they are counts)\n",
              brimi_os_program(), (size_t)brimi_os_process());
  for (size_t i = 0; i < count; i++)
    brimi_print(out, "  %-20s%14zu  %s\n", rows[i].name, (size_t)rows[i].value, rows[i].help);
}

void brimi_stats_print_json(struct text *out)
{
  struct brim_stat rows[ROWS];
  size_t count = brim_stats(rows, ROWS);
  brimi_print(out, "{\"version\": \"" BRIM_VERSION_STRING "\", \"process\": %zu", (size_t)brimi_os_process());
  for (size_t i = 0; i < count; i++)
    brimi_print(out, ", \"%s\": %zu", rows[i].name, (size_t)rows[i].value);
  brimi_print(out, "}\n");
}

void brimi_stats_print_xml(struct text *out)
{
  struct brim_stat rows[ROWS];
  size_t count = brim_stats(rows, ROWS);
  brimi_print(out, "<malloc version=\"brim " BRIM_VERSION_STRING "\">\n");
  for (size_t i = 0; i < count; i++) {
    const char *format = rows[i].unit == BRIM_STAT_BYTES ? "<total type=\"%s\" size=\"%zu\"/>\n"
                                                         : "<count type=\"%s\" count=\"%zu\"/>\n";
    brimi_print(out, format, rows[i].name, (size_t)rows[i].value);
  }
  brimi_print(out, "</malloc>\n");
}

void brimi_stats_report(void)
{
  char buffer[STATS_TEXT_MAX];
  struct text out = TEXT(buffer);
  if (brimi_options.stats == STATS_JSON)
    brimi_stats_print_json(&out);
  else
    brimi_stats_print_text(&out);
  brimi_os_write_kept(buffer, out.length);
}
