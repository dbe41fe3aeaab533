/* numbers.c: mallinfo2 and its kin follow every allocation, and count break heap and mappings apart. */
#define _GNU_SOURCE
#include "tap.h"
#include "proc.h"
#include "api/names.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>

/* A mapping that was in use before may be larger than the block in it: by an eighth, or up to the end of a huge page. */
static bool is_growth(size_t grown, size_t usable)
{
  size_t room = usable < THRESHOLD ? 0 : usable / 8 + (2 << 20);
  return grown >= usable && grown <= usable + room;
}

static void follow_every_block(void)
{
  size_t wrong_up = 0, wrong_down = 0, wrong_sum = 0, count = 0;
  for (size_t n = 1; n < 20 << 20; n += n / 10 + 1, count++) {
    struct mallinfo2 before = mallinfo2();
    void *block = malloc(n);
    struct mallinfo2 with = mallinfo2();
    size_t usable = malloc_usable_size(block);
    free(block);
    struct mallinfo2 after = mallinfo2();
    wrong_up += !is_growth(with.uordblks - before.uordblks, usable);
    wrong_down += after.uordblks != before.uordblks;
    wrong_sum += with.arena + with.hblkhd != with.uordblks + with.fordblks;
  }
  ok(!wrong_up, "uordblks grows by the usable size of each of %zu blocks (%zu do not)", count, wrong_up);
  ok(!wrong_down, "and falls back when it is freed (%zu do not)", wrong_down);
  ok(!wrong_sum, "break heap and mappings are what is used and what is free (%zu are not)", wrong_sum);
}

/* Freed mappings are kept for a while, and count as free; after a trim only live ones are left. */
static void tell_mappings_apart(void)
{
  enum { N = 20 };
  void *block[N];
  malloc_trim(0);
  struct mallinfo2 before = mallinfo2();
  size_t bytes = 0;
  for (size_t i = 0; i < N; i++) {
    block[i] = malloc(THRESHOLD + i * 100000);
    bytes += malloc_usable_size(block[i]);
  }
  struct mallinfo2 with = mallinfo2();
  ok(with.hblks == before.hblks + N && with.hblkhd == before.hblkhd + bytes, "hblks and hblkhd are %d mappings more",
     N);
  ok(with.arena == before.arena, "and arena is as before");
  for (int i = 0; i < N; i++)
    free(block[i]);
  malloc_trim(0);
  struct mallinfo2 after = mallinfo2();
  ok(after.hblks == before.hblks && after.hblkhd == before.hblkhd, "freed and trimmed, they are gone");
}

static void *allocate_and_leave(void *blocks)
{
  for (int i = 0; i < 1000; i++)
    ((void **)blocks)[i] = malloc(1000);
  return NULL;
}

static void count_blocks_of_every_thread(void)
{
  static void *blocks[1000];
  pthread_t thread;
  struct mallinfo2 before = mallinfo2();
  pthread_create(&thread, NULL, allocate_and_leave, blocks);
  pthread_join(thread, NULL);
  struct mallinfo2 with = mallinfo2();
  size_t live = 1000 * malloc_usable_size(blocks[0]);
  /* pthread_create keeps a few small blocks of its own (the thread's TLS vector). */
  ok(with.uordblks >= before.uordblks + live && with.uordblks <= before.uordblks + live + 4096,
     "blocks of a thread that has ended count");
  for (int i = 0; i < 1000; i++)
    free(blocks[i]);
  struct mallinfo2 after = mallinfo2();
  ok(after.uordblks <= before.uordblks + 4096, "and no longer when another thread has freed them");
}

static void arena_is_the_break_heap(void)
{
  enum { N = 2000 };
  static void *blocks[N];
  for (int i = 0; i < N; i++)
    blocks[i] = malloc(10000);
  struct mallinfo2 info = mallinfo2();
  size_t from_kernel = (uintptr_t)sbrk(0) - heap_start();
  ok(info.arena >= N * (size_t)10000 && info.arena <= from_kernel, "arena, %zu, is at most the break heap, %zu",
     (size_t)info.arena, from_kernel);
  ok(from_kernel - info.arena < 1 << 20, "and not much less");
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  struct mallinfo narrow = mallinfo();
#pragma GCC diagnostic pop
  ok((size_t)narrow.arena == info.arena && (size_t)narrow.uordblks == info.uordblks,
     "mallinfo says what mallinfo2 says");
  for (int i = 0; i < N; i++)
    free(blocks[i]);
}

/* What `print` writes to stderr or to a stream, in `text`. */
static size_t captured(void (*print)(FILE *), char *text, size_t capacity)
{
  FILE *file = tmpfile();
  int saved = dup(2);
  dup2(fileno(file), 2);
  print(file);
  fflush(file);
  dup2(saved, 2);
  close(saved);
  ssize_t n = pread(fileno(file), text, capacity - 1, 0);
  fclose(file);
  text[n < 0 ? 0 : n] = 0;
  return n < 0 ? 0 : (size_t)n;
}

static int info_result;
static void print_stats(FILE *unused) { (void)unused, malloc_stats(); }
static void print_info(FILE *file) { info_result = malloc_info(0, file); }

/* Whether some number in `text` is `value`. */
static bool names_number(const char *text, size_t value)
{
  char digits[32];
  int length = snprintf(digits, sizeof digits, "%zu", value);
  for (const char *at = text; (at = strstr(at, digits)); at++)
    if ((at == text || at[-1] < '0' || at[-1] > '9') && (at[length] < '0' || at[length] > '9'))
      return true;
  return false;
}

static void printed_numbers(void)
{
  static char text[1 << 16];
  void *block = malloc(7 << 20);
  size_t mapped = mallinfo2().hblkhd;
  captured(print_stats, text, sizeof text);
  ok(names_number(text, mapped), "malloc_stats names the %zu bytes in mappings", mapped);
  captured(print_info, text, sizeof text);
  ok(info_result == 0 && strstr(text, "<malloc") && strstr(text, "</malloc>") && names_number(text, mapped),
     "malloc_info writes XML with them");
  ok(malloc_info(1, stdout) == EINVAL, "malloc_info(1) is EINVAL");
  free(block);
}

static void parameters(void)
{
  ok(mallopt(M_MMAP_THRESHOLD, THRESHOLD) == 1, "mallopt(M_MMAP_THRESHOLD)");
  ok(mallopt(M_TRIM_THRESHOLD, 1 << 20) == 1, "mallopt(M_TRIM_THRESHOLD)");
  ok(mallopt(M_ARENA_MAX, 2) == 1 && mallopt(M_MMAP_MAX, 1000) == 1 && mallopt(M_TOP_PAD, 4096) == 1,
     "the other parameters are accepted");
  ok(mallopt(M_ARENA_MAX, 0) == 1 && mallopt(M_ARENA_MAX, 1 << 20) == 1 && mallopt(M_ARENA_MAX, -1) == 1,
     "as many arenas as there need be");
  ok(mallopt(M_MXFAST, 0) == 1 && mallopt(M_PERTURB, 1) == 1 && mallopt(M_TRIM_THRESHOLD, -1) == 1 &&
         mallopt(M_MMAP_MAX, 0) == 1 && mallopt(M_ARENA_TEST, 1) == 1 && mallopt(M_CHECK_ACTION, 3) == 1,
     "what glibc takes is taken");
  size_t mappings = mallinfo2().hblks;
  mallopt(M_MMAP_THRESHOLD, 32 << 10);
  void *block = malloc(64 << 10);
  ok(mallinfo2().hblks == mappings + 1, "a lower M_MMAP_THRESHOLD puts 64 KiB into a mapping");
  free(block);
  malloc_trim(0);
  mappings = mallinfo2().hblks;
  ok(mallopt(M_MMAP_THRESHOLD, 0) == 1, "M_MMAP_THRESHOLD may be 0");
  block = malloc(2000);
  ok(mallinfo2().hblks == mappings + 1, "and puts small blocks into mappings");
  free(block);
  malloc_trim(0);
  ok(mallopt(M_MMAP_THRESHOLD, -1) == 1, "and the highest there is");
  block = malloc(2 << 20);
  ok(mallinfo2().hblks == mappings, "and puts large ones into the heap");
  free(block);
}

static atomic_bool is_over;

static void *grow_and_trim(void *unused)
{
  enum { N = 50 };
  void *blocks[N];
  while (!is_over) {
    for (int i = 0; i < N; i++)
      blocks[i] = malloc(900000);
    for (int i = 0; i < N; i++)
      free(blocks[i]);
    malloc_trim(0);
  }
  return unused;
}

/* Counts are taken at different moments, while other threads change them. */
static void none_is_below_zero(void)
{
  enum { THREADS = 3, LOOKS = 20000 };
  pthread_t threads[THREADS];
  size_t below = 0;
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  for (int i = 0; i < THREADS; i++)
    pthread_create(&threads[i], NULL, grow_and_trim, NULL);
  for (int i = 0; i < LOOKS; i++) {
    struct mallinfo2 info = mallinfo2();
    below += (info.arena | info.hblkhd | info.fsmblks | info.uordblks | info.fordblks | info.keepcost) > PTRDIFF_MAX;
  }
  is_over = true;
  for (int i = 0; i < THREADS; i++)
    pthread_join(threads[i], NULL);
  mallopt(M_MMAP_THRESHOLD, THRESHOLD);
  ok(!below, "no number goes below zero while the heap grows and shrinks (%zu of %d times)", below, LOOKS);
}

static void trim(void)
{
  enum { N = 20000 };
  static void *blocks[N];
  for (int i = 0; i < N; i++)
    memset(blocks[i] = malloc(1000), 1, 1000);
  for (int i = 0; i < N; i++)
    free(blocks[i]);
  malloc_trim(0);
  ok(malloc_trim(0) == 0, "malloc_trim is 0 when nothing is left to give back");
}

int main(void)
{
  free(malloc(1));
  follow_every_block();
  tell_mappings_apart();
  /* Before there are threads: until then the break is used even beside another malloc. */
  if (heap_start())
    arena_is_the_break_heap();
  else
    skip("no [heap] in /proc/self/maps: no break here");
  count_blocks_of_every_thread();
  printed_numbers();
  none_is_below_zero();
  trim();
  parameters();
  return done_testing();
}
