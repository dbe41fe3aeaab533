/* huge.c: a large heap grows by huge pages where the system gives them on request: a fraction of the faults, and hardly
 * more memory. Large blocks get them where the last one was filled, and only there. BRIM_HUGE_PAGES=0 never takes huge pages, =2
 * takes them even where the system is slow to give them, as it may be in a virtual machine. */
#define _GNU_SOURCE
#include "tap.h"
#include "proc.h"
#include <malloc.h>

enum { BYTES = 64 << 20, BLOCK = 1000 };

struct growth {
  size_t faults, resident, mappings; /* entries for the break heap in the kernel's list */
};

static size_t heap_mappings(void)
{
  size_t count = 0;
  for (const char *at = proc_text("/proc/self/maps"); (at = strstr(at, "[heap]")); at++)
    count++;
  return count;
}

/* The work of this program when it is started with an argument, in a process of its own. */
static int fill(void)
{
  static char *block[BYTES / BLOCK];
  size_t rss = rss_bytes(), faults = minor_faults();
  for (int i = 0; i < BYTES / BLOCK; i++)
    memset(block[i] = malloc(BLOCK), 1, BLOCK);
  struct growth growth = {minor_faults() - faults, rss_bytes() - rss, heap_mappings()};
  return write(1, &growth, sizeof growth) != sizeof growth;
}

static struct growth growth_with(const char *huge_pages)
{
  struct growth growth = {0, 0, 0};
  int ends[2];
  if (pipe(ends))
    exit(71);
  pid_t child = fork();
  if (child == 0) {
    setenv("BRIM_HUGE_PAGES", huge_pages, 1);
    dup2(ends[1], 1);
    execl("/proc/self/exe", "huge", "fill", (char *)NULL);
    _exit(71);
  }
  close(ends[1]);
  int status = 0;
  bool whole = read(ends[0], &growth, sizeof growth) == sizeof growth;
  close(ends[0]);
  waitpid(child, &status, 0);
  ok(whole && status == 0, "a heap of %d MiB grows, BRIM_HUGE_PAGES=%s", BYTES >> 20, huge_pages);
  return growth;
}

/* Faults of a large block with fresh pages, of which every `step`-th byte is written. */
static size_t faults_of_block(size_t step, size_t *resident)
{
  malloc_trim(0);
  size_t rss = rss_bytes(), faults = minor_faults();
  char *block = malloc(BYTES);
  for (size_t i = 0; i < BYTES; i += step)
    block[i] = 1;
  faults = minor_faults() - faults;
  *resident = rss_bytes() - rss;
  free(block);
  return faults;
}

static void large_blocks(size_t pages, bool given)
{
  enum { SPARSE = 1 << 20, WRITTEN = BYTES / SPARSE };
  size_t resident, first = faults_of_block(1, &resident), second = faults_of_block(1, &resident);
  diag("%zu pages filled: %zu faults, then %zu", pages, first, second);
  ok(first >= pages && (!given || second < pages / 4), "the block after one that was filled has huge pages, if any");
  faults_of_block(SPARSE, &resident);
  size_t faults = faults_of_block(SPARSE, &resident);
  ok(faults < 2 * WRITTEN && resident < (size_t)WRITTEN * 16384,
     "the one after a sparse one has not: %zu KiB resident", resident >> 10);
}

int main(int argc, char **argv)
{
  (void)argv;
  if (argc > 1)
    return fill();
  start_with("BRIM_HUGE_PAGES", "2");
  free(malloc(1 << 20));
  size_t unasked = proc_field("/proc/self/smaps_rollup", "AnonHugePages:");
  ok(unasked == 0, "a small program has none, also where the system gives them unasked: %zu KiB", unasked >> 10);

  size_t pages = BYTES / (size_t)sysconf(_SC_PAGESIZE);
  struct growth small = growth_with("0"), huge = growth_with("2");
  diag("faults %zu and %zu, resident %zu and %zu KiB", small.faults, huge.faults, small.resident >> 10,
       huge.resident >> 10);
  const char *mode_file = "/sys/kernel/mm/transparent_hugepage/enabled";
  bool is_always = strstr(proc_text(mode_file), "[always]") != NULL;
  bool given = is_always || strstr(proc_text(mode_file), "[madvise]");
  if (!given)
    skip("huge pages are not given here");
  else
    ok(small.faults > pages * 9 / 10 && huge.faults < small.faults / 2, "with huge pages, a fraction of the faults");
  ok(huge.resident < small.resident + small.resident / 10, "and not much more memory");
  ok(huge.mappings < BYTES / (8 << 20), "the kernel keeps the heap as %zu mappings", huge.mappings);
  if (is_always)
    skip("large blocks get huge pages unasked: nothing to compare with");
  else
    large_blocks(pages, given);
  return done_testing();
}
