/* stack.c: a thread with the smallest stack that the C library allows allocates, asks for the statistics in every form, and ends
 * the program, which prints them. */
#define _GNU_SOURCE
#include "tap.h"
#include "api/names.h"
#include <limits.h>
#include <pthread.h>

/* A sanitizer's own frames need more. */
enum { STACK = 16384 * (TAP_SLOW > 1 ? 8 : 1) };

static void *allocate(void *unused)
{
  for (size_t n = 1; n < 4 << 20; n = n * 3 / 2 + 1) {
    char *block = realloc(malloc(n), n + n / 2), *aligned = aligned_alloc(8192, n);
    block[n] = aligned[n - 1] = 1;
    free(block);
    free(aligned);
  }
  malloc_trim(0);
  return unused;
}
static void *print_stats(void *unused)
{
  mallinfo2();
  malloc_stats();
  return unused;
}
static void *print_info(void *unused)
{
  malloc_info(0, stderr);
  return unused;
}
static void *end_program(void *unused)
{
  (void)unused;
  exit(0);
}

static int on_small_stack(void *(*act)(void *))
{
  pthread_t thread;
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  if (pthread_attr_setstacksize(&attributes, STACK > PTHREAD_STACK_MIN ? STACK : (size_t)PTHREAD_STACK_MIN) ||
      pthread_create(&thread, &attributes, act, NULL) || pthread_join(thread, NULL))
    return 71;
  return 0;
}

static int allocates(void *unused) { return (void)unused, on_small_stack(allocate); }
static int prints_stats(void *unused) { return (void)unused, on_small_stack(print_stats); }
static int prints_info(void *unused) { return (void)unused, on_small_stack(print_info); }
static int ends_with_stats(void *unused)
{
  (void)unused;
  setenv("BRIM_STATS", "1", 1);
  execl("/proc/self/exe", "stack", "end", (char *)NULL);
  return 127;
}

static void goes_well(int (*act)(void *), const char *last_word, const char *name)
{
  struct ending end = ended_as(act, NULL, 60);
  if (!ok(!end.signal && !end.code && strstr(end.text, last_word), "%s", name))
    diag("signal %d, exit code %d, stderr: %.500s", end.signal, end.code, end.text);
}

int main(int argc, char **argv)
{
  (void)argv;
  if (argc > 1)
    return on_small_stack(end_program);
  goes_well(allocates, "", "malloc, realloc, aligned_alloc and malloc_trim");
  goes_well(prints_stats, "calls_madvise", "mallinfo2 and malloc_stats");
  goes_well(prints_info, "</malloc>", "malloc_info");
  goes_well(ends_with_stats, "calls_madvise", "exit, under BRIM_STATS");
  return done_testing();
}
