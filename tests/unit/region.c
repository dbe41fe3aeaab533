/* region.c: bump arenas from each of the three sources: alignment, growth, marks, exhaustion, and what they say about
 * themselves. */
#include <brim/region.h>

#include "tap.h"

#include <errno.h>
#include <sys/resource.h>

static const size_t page = 4096;

static const char *const source_names[] = {"break", "mapping", "buffer"};

static bool adds_up(const struct brim_region *region)
{
  struct brim_region_usage u = brim_region_usage(region);
  return u.used + u.free + u.overhead == u.reserved && u.chunks > 0;
}

static bool same_usage(struct brim_region_usage a, struct brim_region_usage b)
{
  return a.used == b.used && a.free == b.free && a.overhead == b.overhead && a.reserved == b.reserved &&
         a.chunks == b.chunks;
}

static struct brim_region *region_over(enum brim_region_source source, size_t first, size_t max)
{
  static char buffer[32 << 20];
  struct brim_region_options options = {.source = source, .first_chunk = first, .max_chunk = max};
  if (source == BRIM_REGION_BUFFER) {
    options.buffer = buffer + 3; /* misaligned on purpose */
    options.buffer_bytes = sizeof buffer - 3;
  }
  return brim_region_create(&options);
}

static void test_alignment(enum brim_region_source source)
{
  struct brim_region *region = region_over(source, 0, 0);
  bool aligned = true, sums = true, contains = true;
  for (size_t alignment = 1; alignment <= 1 << 20; alignment *= 2)
    for (size_t size = 0; size < 40; size += 13) {
      char *block = brim_region_alloc_aligned(region, alignment, size);
      aligned &= block && (uintptr_t)block % alignment == 0;
      memset(block, 0x5a, size);
      sums &= adds_up(region);
      contains &= brim_region_contains(region, block);
    }
  ok(aligned, "%s: alignments from 1 to 1 MiB", source_names[source]);
  ok(sums, "%s: the usage adds up after each of them", source_names[source]);
  ok(contains, "%s: each block is contained", source_names[source]);
  int outside;
  ok(!brim_region_contains(region, &outside) && !brim_region_contains(region, NULL) &&
         !brim_region_contains(region, region),
     "%s: the stack, NULL and the bookkeeping are not", source_names[source]);
  errno = 0;
  ok(!brim_region_alloc_aligned(region, 48, 1) && errno == EINVAL, "%s: alignment 48 is EINVAL",
     source_names[source]);
  errno = 0;
  ok(!brim_region_alloc_aligned(region, 0, 1) && errno == EINVAL, "%s: alignment 0 is EINVAL", source_names[source]);
  brim_region_destroy(region);
}

static void test_small_blocks(enum brim_region_source source)
{
  struct brim_region *region = region_over(source, 0, 0);
  char *a = brim_region_alloc(region, 0), *b = brim_region_alloc(region, 0);
  ok(a && b && a != b && (uintptr_t)a % 16 == 0 && (uintptr_t)b % 16 == 0, "%s: blocks of size 0 differ",
     source_names[source]);
  char *c = brim_region_alloc_aligned(region, 1, 5), *d = brim_region_alloc_aligned(region, 1, 5);
  ok(d == c + 5, "%s: blocks aligned to 1 lie side by side", source_names[source]);
  ok(brim_region_expand(region, d, 5, 100) && brim_region_alloc_aligned(region, 1, 1) == d + 100,
     "%s: the last block grows in place", source_names[source]);
  struct brim_region_usage before = brim_region_usage(region);
  ok(!brim_region_expand(region, c, 5, 6) && !brim_region_expand(region, d + 100, 1, SIZE_MAX) &&
         same_usage(before, brim_region_usage(region)),
     "%s: another block, or one too large for the chunk, does not", source_names[source]);
  ok(brim_region_expand(region, c, 5, 1) && brim_region_expand(region, d + 100, 1, 0) &&
         same_usage(before, brim_region_usage(region)),
     "%s: shrinking always works", source_names[source]);
  brim_region_destroy(region);
}

/* Fills a region with blocks of 1000 bytes and follows the chunk that each step adds. */
static void test_growth(enum brim_region_source source)
{
  const size_t max = 16 * page;
  struct brim_region *region = region_over(source, page, max);
  struct brim_region_usage before = brim_region_usage(region);
  ok(before.chunks == 1 && before.reserved == page && before.used == 0, "%s: the first chunk is a page",
     source_names[source]);
  size_t expected = 2 * page;
  bool doubles = true, sums = true;
  for (int i = 0; i < 500; i++) {
    doubles &= brim_region_alloc(region, 1000) != NULL;
    struct brim_region_usage now = brim_region_usage(region);
    if (now.chunks != before.chunks) {
      doubles &= now.reserved - before.reserved == expected;
      expected = expected < max ? expected * 2 : max;
    }
    sums &= adds_up(region);
    before = now;
  }
  ok(doubles && expected == max, "%s: chunks double up to the bound", source_names[source]);
  ok(sums, "%s: the usage adds up on the way", source_names[source]);

  size_t large = 10 * max;
  char *block = brim_region_alloc(region, large);
  struct brim_region_usage now = brim_region_usage(region);
  ok(block && now.chunks == before.chunks + 1 && now.reserved - before.reserved == large + page,
     "%s: a request above the bound has a chunk of its own", source_names[source]);
  memset(block, 1, large);
  before = now;
  while (brim_region_usage(region).chunks == before.chunks)
    if (!brim_region_alloc(region, 1000))
      break;
  ok(brim_region_usage(region).reserved - before.reserved == max, "%s: after it chunks are of the bound again",
     source_names[source]);
  before = brim_region_usage(region);
  errno = 0;
  ok(!brim_region_alloc(region, hide_size(SIZE_MAX)) && errno == ENOMEM &&
         !brim_region_alloc(region, hide_size(PTRDIFF_MAX)) && same_usage(before, brim_region_usage(region)),
     "%s: impossible sizes are ENOMEM and change nothing", source_names[source]);
  brim_region_destroy(region);
}

static void test_marks(enum brim_region_source source)
{
  struct brim_region *region = region_over(source, page, 4 * page), *other = region_over(source, page, page);
  char *first = brim_region_alloc(region, 100);
  memset(first, 7, 100);
  struct brim_region_mark mark = brim_region_mark(region);
  struct brim_region_usage at_mark = brim_region_usage(region);
  char *second = brim_region_alloc(region, 100);
  for (int i = 0; i < 100; i++)
    memset(brim_region_alloc(region, 900), i, 900);
  struct brim_region_mark ahead = brim_region_mark(region);
  size_t reserved = brim_region_usage(region).reserved;

  errno = 0;
  ok(brim_region_rewind(region, mark) && errno == 0 && adds_up(region), "%s: rewind", source_names[source]);
  ok(brim_region_usage(region).used == at_mark.used && brim_region_usage(region).reserved == reserved,
     "%s: what was used at the mark is used, all chunks are kept", source_names[source]);
  ok(brim_region_contains(region, first) && !brim_region_contains(region, second) && first[99] == 7,
     "%s: what came before the mark is there, the rest is not", source_names[source]);
  ok(brim_region_alloc(region, 100) == second, "%s: the next block is where the first after the mark was",
     source_names[source]);
  ok(brim_region_rewind(region, brim_region_mark(region)), "%s: rewind to here", source_names[source]);

  struct brim_region_usage before = brim_region_usage(region);
  errno = 0;
  ok(!brim_region_rewind(region, ahead) && errno == EINVAL && same_usage(before, brim_region_usage(region)),
     "%s: a mark ahead is EINVAL and changes nothing", source_names[source]);
  if (source != BRIM_REGION_BUFFER) { /* the second region over the one buffer would be the first one again */
    errno = 0;
    ok(!brim_region_rewind(region, brim_region_mark(other)) && errno == EINVAL,
       "%s: so is the mark of another region", source_names[source]);
    brim_region_destroy(other);
  }
  brim_region_destroy(region);
}

static void test_reset(enum brim_region_source source)
{
  struct brim_region *region = region_over(source, page, 4 * page);
  char *first = brim_region_alloc(region, 100);
  for (int i = 0; i < 100; i++)
    brim_region_alloc(region, 900);
  brim_region_alloc(region, 100000);
  struct brim_region_usage full = brim_region_usage(region);
  brim_region_reset(region);
  struct brim_region_usage empty = brim_region_usage(region);
  ok(adds_up(region) && empty.used == 0 && empty.reserved == full.reserved && empty.chunks == full.chunks,
     "%s: reset forgets all and keeps the chunks", source_names[source]);
  ok(brim_region_alloc(region, 100) == first, "%s: and starts where it started", source_names[source]);
  for (int i = 0; i < 100; i++)
    brim_region_alloc(region, 900);
  brim_region_alloc(region, 100000);
  ok(same_usage(full, brim_region_usage(region)), "%s: the same requests find the same room", source_names[source]);
  brim_region_reset(region);
  size_t given = brim_region_trim(region);
  struct brim_region_usage trimmed = brim_region_usage(region);
  ok(adds_up(region) && trimmed.reserved + given == full.reserved && trimmed.chunks == 1 && trimmed.used == 0,
     "%s: trim gives the empty chunks back", source_names[source]);
  ok(brim_region_alloc(region, 100000) && adds_up(region), "%s: and the region goes on", source_names[source]);
  brim_region_destroy(region);
}

static void test_buffer(void)
{
  _Alignas(16) char buffer[1024];
  struct brim_region_options options = {.source = BRIM_REGION_BUFFER, .buffer = buffer, .buffer_bytes = 1024};
  struct brim_region *region = brim_region_create(&options);
  size_t free = brim_region_usage(region).free;
  ok(region && brim_region_usage(region).reserved == 1024 && free > 900, "buffer: it holds its own bookkeeping");
  char *whole = brim_region_alloc(region, free);
  ok(whole && whole >= buffer && whole + free == buffer + 1024, "buffer: all that is free can be had");
  struct brim_region_usage before = brim_region_usage(region);
  struct brim_region_mark mark = brim_region_mark(region);
  errno = 0;
  ok(!brim_region_alloc(region, 1) && errno == ENOMEM && same_usage(before, brim_region_usage(region)) &&
         mark.used == brim_region_mark(region).used,
     "buffer: when full, ENOMEM and the region as it was");
  brim_region_reset(region);
  ok(brim_region_alloc(region, free) == whole, "buffer: after a reset it can be had again");
  brim_region_destroy(region);

  options.buffer_bytes = 40;
  errno = 0;
  ok(!brim_region_create(&options) && errno == EINVAL, "buffer: too small is EINVAL");
}

static void test_options(void)
{
  char buffer[1024];
  const struct brim_region_options wrong[] = {
      {.source = BRIM_REGION_BUFFER},
      {.source = BRIM_REGION_BREAK, .buffer = buffer, .buffer_bytes = sizeof buffer},
      {.source = BRIM_REGION_MAPPING, .first_chunk = 1 << 20, .max_chunk = 4096},
      {.source = (enum brim_region_source)77},
  };
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    errno = 0;
    ok(!brim_region_create(&wrong[i]) && errno == EINVAL, "options %zu make no sense: EINVAL", i);
  }
  errno = 0;
  struct brim_region_options huge = {.source = BRIM_REGION_MAPPING, .first_chunk = SIZE_MAX};
  ok(!brim_region_create(&huge) && errno == ENOMEM, "a first chunk of SIZE_MAX is ENOMEM");
  struct brim_region *region = brim_region_create(NULL);
  ok(region && brim_region_usage(region).reserved == 4096, "NULL options: 4096 bytes to start with");
  brim_region_destroy(region);
  brim_region_destroy(NULL);
}

enum { NOT_REFUSED = 77 };

/* Under a limit on address space, requests fail in the end, and the region is then as it was before. Runs in a child, as the
 * limit stays. Returns the step that failed. */
static int run_out(void *argument)
{
  enum brim_region_source source = *(enum brim_region_source *)argument;
  struct brim_region *region = region_over(source, 0, 0);
  struct rlimit limit = {(rlim_t)1 << 26, (rlim_t)1 << 26};
  if (setrlimit(RLIMIT_AS, &limit))
    return 2;
  struct brim_region_usage before = brim_region_usage(region);
  int blocks = 0;
  while (brim_region_alloc(region, 100000)) {
    before = brim_region_usage(region);
    if (++blocks > 100000)
      return NOT_REFUSED;
  }
  if (errno != ENOMEM || !same_usage(before, brim_region_usage(region)) || !adds_up(region))
    return 4;
  brim_region_reset(region);
  if (!brim_region_alloc(region, 100000))
    return 5;
  brim_region_destroy(region);
  /* What was given back can be taken again. */
  region = region_over(source, 0, 0);
  for (int i = 0; i < blocks / 2; i++)
    if (!brim_region_alloc(region, 100000))
      return 6;
  return 0;
}

/* A sanitizer needs the address space for itself. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif

static void test_refusal(enum brim_region_source source)
{
  if (SANITIZED) {
    skip("%s: a sanitizer is in the way of refusals", source_names[source]);
    return;
  }
  struct ending end = ended_as(run_out, &source, 240); /* under an emulator it may take more than one minute */
  if (!end.signal && end.code == NOT_REFUSED)
    skip("%s: the limit has no effect here (an emulator)", source_names[source]);
  else
    ok(!end.signal && !end.code, "%s: refused, the region is as it was and goes on (signal %d, step %d)",
       source_names[source], end.signal, end.code);
}

int main(void)
{
  for (enum brim_region_source source = BRIM_REGION_BREAK; source <= BRIM_REGION_BUFFER; source++) {
    test_alignment(source);
    test_small_blocks(source);
    test_marks(source);
    if (source == BRIM_REGION_BUFFER)
      continue;
    test_growth(source);
    test_reset(source);
    test_refusal(source);
  }
  test_buffer();
  test_options();
  return done_testing();
}
