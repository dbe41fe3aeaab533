/* short.c: 100,000 threads that live for a moment leave no growth, whoever frees their blocks. */
#define _GNU_SOURCE
#include "tap.h"
#include "proc.h"
#include "api/names.h"
#include <pthread.h>

enum { AT_ONCE = 8, BLOCKS = 50 };

/* A few blocks of many sizes, most freed by the thread itself, one in ten left for whoever joins it. */
static void *work(void *unused)
{
  (void)unused;
  void *own[BLOCKS];
  void **left = calloc(BLOCKS / 10 + 1, sizeof *left);
  for (int i = 0; i < BLOCKS; i++)
    memset(own[i] = malloc((size_t)(i * i * 3 + 1)), i, (size_t)(i * i * 3 + 1));
  for (int i = 0; i < BLOCKS; i++)
    if (i % 10)
      free(own[i]);
    else
      left[i / 10] = own[i];
  return left;
}

static void threads(int count)
{
  pthread_t running[AT_ONCE];
  for (int done = 0; done < count; done += AT_ONCE) {
    for (int i = 0; i < AT_ONCE; i++)
      if (pthread_create(&running[i], NULL, work, NULL))
        _exit(71);
    for (int i = 0; i < AT_ONCE; i++) {
      void **left;
      pthread_join(running[i], (void **)&left);
      for (int k = 0; left[k]; k++)
        free(left[k]);
      free(left);
    }
  }
}

int main(void)
{
  /* After the first forty thousand, all is there that a few threads at once need. */
  threads(40000 / TAP_SLOW);
  size_t rss = rss_bytes(), vsz = vsz_bytes(), used = mallinfo2().uordblks;
  threads((long_run() ? 1000000 : 100000) / TAP_SLOW);
  size_t rss_after = rss_bytes(), vsz_after = vsz_bytes(), used_after = mallinfo2().uordblks;
  diag("resident %zu KiB, then %zu KiB; mapped %zu KiB, then %zu KiB", rss >> 10, rss_after >> 10, vsz >> 10,
       vsz_after >> 10);
  /* libc keeps a few stacks, with their vectors of thread-local storage, for threads to come. */
  ok(used_after <= used + 4096, "%zu bytes in use, then %zu", used, used_after);
  /* Up to 4 MiB of free memory stay resident. */
  ok_without_sanitizer(rss_after <= rss + (4 << 20), "short threads leave no resident growth");
  ok_without_sanitizer(vsz_after <= vsz + (4 << 20), "nor address space");
  return done_testing();
}
