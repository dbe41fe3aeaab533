/* server.c: a server as Larson and Krishnan describe it ("Memory allocation for long-running server applications", 1998).
 * Each thread replaces random blocks of its set; then it ends and hands the set over to a new thread, so that blocks are
 * freed by other threads than those that allocated them. */
#include "bench.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

const struct bench_case bench_case = {
    .suite = "patterns",
    .help =
        "threads replace random blocks and hand their set over to new threads; the point is the number of threads",
    .quick = "2",
    .full = "2 16",
};

enum { SLOTS = 1000, GENERATIONS = 30, REPLACED = 240 * 1000, SMALLEST = 10, LARGEST = 500 };

static unsigned generations, replaced;

struct connection {
  struct bench_random random;
  void *blocks[SLOTS];
};

static void *serve(void *argument)
{
  struct connection *connection = argument;
  for (unsigned i = 0; i < replaced; i++) {
    void **slot = &connection->blocks[bench_below(&connection->random, SLOTS)];
    size_t size = SMALLEST + bench_below(&connection->random, LARGEST - SMALLEST + 1);
    free(*slot);
    *slot = bench_alloc(size);
    bench_touch(*slot, size);
  }
  return NULL;
}

static void run(unsigned number)
{
  struct connection *connection = bench_calloc(1, sizeof *connection);
  connection->random = bench_seed(number);
  for (unsigned i = 0; i < generations; i++) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, serve, connection)) {
      fprintf(stderr, "no more threads\n");
      exit(1);
    }
    pthread_join(thread, NULL);
  }
  for (int i = 0; i < SLOTS; i++)
    free(connection->blocks[i]);
  free(connection);
}

void bench_run(uint64_t threads, unsigned effort)
{
  generations = GENERATIONS * effort;
  replaced = REPLACED / (unsigned)threads;
  bench_threads((unsigned)threads, run);
  bench_count((uint64_t)generations * replaced * threads);
}
