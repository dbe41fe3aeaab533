/* here.c: without a helper, whoever frees gives memory back, and goes on trying after nothing could be given back once, because
 * what was free had no whole page or was in use again. Beside a thread whose frees leave no page free, another's memory goes back,
 * then and afterwards. */
#define _GNU_SOURCE
#include "tap.h"
#include "freed.h"
#include "proc.h"
#include <pthread.h>
#include <stdatomic.h>

enum { SMALL = 400000, SMALL_BYTES = 64, WIDE = 2000, WIDE_MORE = 10000, WIDE_BYTES = 8192, REST = 8 << 20 };
static atomic_bool is_over;

/* Leaves a block in each page. */
static void *leave_survivors(void *unused)
{
  static char *blocks[SMALL];
  while (!atomic_load(&is_over)) {
    for (int i = 0; i < SMALL; i++)
      blocks[i] = blocks[i] ? blocks[i] : malloc(SMALL_BYTES);
    for (int i = 0; i < SMALL; i++)
      if (i % 32) {
        free(blocks[i]);
        blocks[i] = NULL;
      }
  }
  return unused;
}

int main(void)
{
  start_with("BRIM_PURGE_THREAD", "0");
  pthread_t thread;
  if (pthread_create(&thread, NULL, leave_survivors, NULL))
    exit(71);
  for (int i = 0; i < (long_run() ? 2000 : 100); i++)
    use_and_free(WIDE, WIDE_BYTES);
  atomic_store(&is_over, true);
  pthread_join(thread, NULL);
  size_t before = anonymous_bytes();
  use_and_free(WIDE_MORE, WIDE_BYTES);
  size_t after = anonymous_bytes();
  ok(after < before + REST, "what is freed afterwards goes back: %zu KiB, then %zu", before >> 10, after >> 10);
  return done_testing();
}
