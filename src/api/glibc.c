/* glibc.c: glibc's own calls, with numbers that are true. */
#define _GNU_SOURCE
#include "api/names.h"
#include "base/print.h"
#include "core/alloc.h"
#include "core/init.h"
#include "core/options.h"
#include "core/purge.h"
#include "core/stats.h"
#include "core/reentry.h"
#include "os/os.h"

#include <brim/brim.h>
#include <errno.h>
#include <limits.h>

/* As in glibc's <malloc.h>, which other libcs lack. */
struct mallinfo {
  int arena, ordblks, smblks, hblks, hblkhd, usmblks, fsmblks, uordblks, fordblks, keepcost;
};
struct mallinfo2 {
  size_t arena, ordblks, smblks, hblks, hblkhd, usmblks, fsmblks, uordblks, fordblks, keepcost;
};
enum { GLIBC_M_MMAP_THRESHOLD = -3, GLIBC_M_ARENA_MAX = -8 };

struct mallinfo2 brim_mallinfo2(void)
{
  struct stats stats;
  brimi_init();
  brimi_stats_read(&stats);
  size_t arena = stats.break_heap + stats.mapped_heap;
  return (struct mallinfo2){.arena = arena,
                            .hblks = stats.mapping_count,
                            .hblkhd = stats.mappings,
                            .fsmblks = stats.heap_cached,
                            .uordblks = stats.heap_live + stats.mappings_live,
                            .fordblks =
                                stats.heap_cached + stats.heap_in_slabs + stats.heap_free + stats.mappings_cached,
                            .keepcost = stats.heap_free_resident};
}

static int clamped(size_t n) { return n > INT_MAX ? INT_MAX : (int)n; }

struct mallinfo brim_mallinfo(void)
{
  struct mallinfo2 wide = brim_mallinfo2();
  return (struct mallinfo){.arena = clamped(wide.arena),
                           .hblks = clamped(wide.hblks),
                           .hblkhd = clamped(wide.hblkhd),
                           .fsmblks = clamped(wide.fsmblks),
                           .uordblks = clamped(wide.uordblks),
                           .fordblks = clamped(wide.fordblks),
                           .keepcost = clamped(wide.keepcost)};
}

int brim_malloc_trim(size_t pad)
{
  brimi_init();
  if (!brimi_enter())
    return 0;
  size_t bytes = brimi_purge_all(pad);
  brimi_leave();
  return bytes != 0;
}

int brim_mallopt(int parameter, int value)
{
  brimi_init();
  if (parameter == GLIBC_M_MMAP_THRESHOLD)
    brimi_set_threshold((unsigned)value);
  else if (parameter == GLIBC_M_ARENA_MAX)
    brimi_options_set("HOSTS", (unsigned)value);
  return 1;
}

void brim_malloc_stats(void)
{
  char buffer[STATS_TEXT_MAX];
  struct text out = TEXT(buffer);
  brimi_init();
  brimi_stats_print_text(&out);
  brimi_os_write(buffer, out.length);
}

int brim_malloc_info(int options, FILE *stream)
{
  char buffer[STATS_TEXT_MAX];
  struct text out = TEXT(buffer);
  if (options != 0)
    return EINVAL;
  brimi_init();
  brimi_stats_print_xml(&out);
  return fputs(buffer, stream) < 0 ? errno : 0;
}

ALSO(mallinfo2, brim_mallinfo2)
ALSO(mallinfo, brim_mallinfo)
ALSO(malloc_trim, brim_malloc_trim)
ALSO(mallopt, brim_mallopt)
ALSO(malloc_stats, brim_malloc_stats)
ALSO(malloc_info, brim_malloc_info)
