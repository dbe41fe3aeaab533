/* limits.c: the limits of a process: address space (ulimit -v), data (ulimit -d), number of mappings. Out of memory is
 * NULL and ENOMEM; after frees the program goes on. */
#define _GNU_SOURCE
#include "tap.h"
#include "proc.h"
#include "refusal/workload.h"
#include <sys/resource.h>

static void limit(int what, size_t bytes)
{
  struct rlimit limit = {bytes, bytes};
  if (setrlimit(what, &limit))
    _exit(71);
}

/* What runs under a limit, in a process that has started under it. */
static int limited_work(void)
{
  work(1, 30000, 256 << 10, 8 << 20);
  static const size_t sizes[] = {100, 5000, 60000, 300000, 4 << 20};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
    if (!work_until_refused(sizes[i], (size_t)1 << 30))
      return WORK_NO_REFUSAL;
  work(2, 30000, 256 << 10, 8 << 20);
  return 0;
}

/* Starts this program anew under a limit. */
static int start_under(int what, size_t bytes)
{
  limit(what, bytes);
  execl("/proc/self/exe", "limits", "work", (char *)NULL);
  return 127;
}

static int under_address_space(void *bytes) { return start_under(RLIMIT_AS, *(size_t *)bytes); }
static int under_data(void *bytes) { return start_under(RLIMIT_DATA, *(size_t *)bytes); }

static bool goes_well(int (*act)(void *), size_t bytes, const char *name)
{
  struct ending end = ended_as(act, &bytes, 100);
  if (ok(!end.signal && !end.code && !end.text[0], "%s of %zu MiB", name, bytes >> 20))
    return true;
  diag("signal %d, exit code %d, stderr: %.300s", end.signal, end.code, end.text);
  return false;
}

/* Limits from low to high, in small steps. A process that can't be loaded ends with 127 (by the loader) or is killed in exec;
 * one that has started must cope. */
static void sweep_address_space(size_t own)
{
  size_t crashed = 0, wrong = 0, ran = 0, first = 0;
  for (size_t bytes = 2 << 20; bytes < own + (24 << 20); bytes += 460 << 10) {
    struct ending end = ended_as(under_address_space, &bytes, 60);
    bool loaded = !strstr(end.text, "error while loading shared libraries") && end.code != 127 &&
                  !(end.signal == SIGKILL || (end.signal == SIGSEGV && !ran));
    if (!loaded)
      continue;
    first = first ? first : bytes;
    ran++;
    crashed += end.signal != 0;
    wrong += end.code > 0;
    if (end.signal || end.code)
      diag("ulimit -v %zu KiB: signal %d, exit code %d, stderr: %.200s", bytes >> 10, end.signal, end.code, end.text);
  }
  diag("the program's own %zu KiB; runs from %zu KiB on", own >> 10, first >> 10);
  ok(ran && !crashed && !wrong, "under each of %zu limits on the address space", ran);
}

/* Fills the table of mappings with single pages of alternating rights, which the kernel can't merge, until it refuses;
 * leaves `room`. */
static size_t fill_map_table(char **area, size_t room)
{
  size_t pages = 200000, made = 0;
  *area = mmap(NULL, pages * 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  while (made + 2 < pages && !mprotect(*area + (made + 1) * 4096, 4096, PROT_READ))
    made += 2;
  for (; room >= 2 && made; room -= 2, made -= 2)
    mprotect(*area + (made - 1) * 4096, 4096, PROT_NONE);
  return pages * 4096;
}

static int at_the_map_limit(void *room)
{
  char *area;
  work(1, 20000, 1 << 20, 64 << 20);
  malloc_trim(0);
  size_t before = rss_bytes();
  struct mallinfo2 info = mallinfo2();
  /* Live blocks and mappings from before the limit, which are freed once it is reached. */
  static void *large[300], *small[3000];
  for (int i = 0; i < 300; i++)
    memset(large[i] = malloc(300000), 1, 300000);
  for (int i = 0; i < 3000; i++)
    memset(small[i] = malloc(3000), 1, 3000);
  size_t filled = fill_map_table(&area, *(size_t *)room);
  for (int i = 0; i < 300; i += 2)
    free(large[i]);
  for (int i = 0; i < 3000; i += 2)
    free(small[i]);
  malloc_trim(0);
  work(3, 50000, 1 << 20, 64 << 20);
  for (int i = 1; i < 300; i += 2)
    free(large[i]);
  for (int i = 1; i < 3000; i += 2)
    free(small[i]);
  malloc_trim(0);
  size_t at_limit = rss_bytes();
  munmap(area, filled);
  work(4, 20000, 1 << 20, 64 << 20);
  malloc_trim(0);
  size_t after = rss_bytes();
  struct mallinfo2 info_after = mallinfo2();
  diag("resident %zu KiB, at the limit %zu KiB, after it %zu KiB; in mappings %zu KiB, then %zu KiB", before >> 10,
       at_limit >> 10, after >> 10, info.hblkhd >> 10, info_after.hblkhd >> 10);
  /* Nothing is lost for good: mappings whose munmap was refused go back once they can. */
  return after > before + (4 << 20) || info_after.hblkhd > info.hblkhd || info_after.uordblks != info.uordblks;
}

/* Small blocks until memory is out, all freed; then one block as large as most of them together. */
static int small_then_large(void)
{
  enum { ROOM = 200 << 20, SIZE = 5000 };
  static void *blocks[ROOM / SIZE];
  size_t n = 0;
  limit(RLIMIT_AS, vsz_bytes() + ROOM);
  if (malloc((size_t)2 * ROOM))
    return WORK_NO_REFUSAL;
  while (n < ROOM / SIZE && (blocks[n] = malloc(SIZE)))
    n++;
  while (n)
    free(blocks[--n]);
  return !malloc(ROOM / 4 * 3);
}

static int start_small_then_large(void *setting)
{
  if (putenv(setting))
    return 71;
  execl("/proc/self/exe", "limits", "small-then-large", (char *)NULL);
  return 127;
}

static void large_after_small(char *setting)
{
  struct ending end = ended_as(start_small_then_large, setting, 60);
  if (!ok(!end.signal && !end.code, "address space of small blocks that are freed serves a large one, with %s",
          setting))
    diag("signal %d, exit code %d, stderr: %.300s", end.signal, end.code, end.text);
}

int main(int argc, char **argv)
{
  if (argc > 1 && !strcmp(argv[1], "work"))
    return limited_work();
  if (argc > 1)
    return small_then_large();
  goes_well(under_address_space, vsz_bytes() + (64 << 20), "ulimit -v");
  goes_well(under_data, 32 << 20, "ulimit -d");
  large_after_small((char[]){"BRIM_BREAK=1"});
  large_after_small((char[]){"BRIM_BREAK=0"});
  sweep_address_space(vsz_bytes());
  for (size_t room = 0; room <= 64; room = room * 2 + 8) {
    struct ending end = ended_as(at_the_map_limit, &room, 100);
    if (!ok(!end.signal && !end.code, "with room for %zu mappings more, and after", room))
      diag("signal %d, exit code %d, stderr: %.300s", end.signal, end.code, end.text);
  }
  return done_testing();
}
