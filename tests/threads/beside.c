/* beside.c: the C library's malloc in one thread, Brim's under its prefix in another. The process has only one break, and two
 * threads must not call sbrk at once: where both would, Brim does without it. Preloaded, both are Brim's. */
#define _GNU_SOURCE
#include "tap.h"
#include <malloc.h>
#include <pthread.h>
#if defined(BRIM_PREFIXED)
#include <brim/brim.h>
#else
#define brim_malloc      malloc
#define brim_free        free
#define brim_malloc_trim malloc_trim
#endif

enum { BLOCKS = 5000, BYTES = 4000, ROUNDS = 4, PROCESSES = 10 };

struct family {
  void *(*alloc)(size_t);
  void (*release)(void *);
  int (*trim)(size_t);
  int mark;
};
static const struct family library = {malloc, free, malloc_trim, 'l'},
                           brims = {brim_malloc, brim_free, brim_malloc_trim, 'b'};

static bool is_whole(const char *block, int mark)
{
  for (size_t i = 0; i < BYTES; i++)
    if (block[i] != mark)
      return false;
  return true;
}

/* A heap that grows by small steps and goes back whole, again and again. Returns how many blocks were damaged. */
static void *grow_and_trim(void *family)
{
  const struct family *my = family;
  char **blocks = mmap(NULL, BLOCKS * sizeof *blocks, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  size_t damaged = 0;
  for (int round = 0; round < ROUNDS; round++) {
    for (size_t i = 0; i < BLOCKS; i++)
      memset(blocks[i] = my->alloc(BYTES), my->mark, BYTES);
    for (size_t i = 0; i < BLOCKS; i++)
      damaged += !is_whole(blocks[i], my->mark);
    for (size_t i = 0; i < BLOCKS; i++)
      my->release(blocks[i]);
    my->trim(0);
  }
  return (void *)damaged;
}

static int side_by_side(void *unused)
{
  pthread_t thread;
  void *damaged;
  mallopt(M_TOP_PAD, 0);
  if (pthread_create(&thread, NULL, grow_and_trim, (void *)&brims))
    return 71;
  if (grow_and_trim((void *)&library))
    return 1;
  pthread_join(thread, &damaged);
  (void)unused;
  return damaged ? 2 : 0;
}

int main(void)
{
  int bad = 0;
  for (int i = 0; i < PROCESSES; i++) {
    struct ending end = ended_as(side_by_side, NULL, 60);
    bad += end.signal || end.code;
  }
  ok(!bad, "%d processes in which two mallocs grow at once: %d fail", PROCESSES, bad);
  return done_testing();
}
