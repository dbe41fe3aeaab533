/* startup.c: programs that start, allocate a little and end. */
#define _GNU_SOURCE
#include "bench.h"

#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

const struct bench_case bench_case = {
    .suite = "patterns",
    .help = "processes that start, allocate the given number of blocks and end",
    .quick = "10",
    .full = "10 1000",
};

extern char **environ;

static void little_work(uint64_t blocks)
{
  struct bench_random random = bench_seed(0);
  for (uint64_t i = 0; i < blocks; i++) {
    size_t size = bench_size(&random);
    void *block = bench_alloc(size);
    bench_touch(block, size);
    if (i % 2)
      free(block);
  }
}

/* With an effort of 0 this is one of the processes that are started. */
void bench_run(uint64_t blocks, unsigned effort)
{
  enum { STARTS = 60 };
  char point[24];
  if (!effort) {
    little_work(blocks);
    return;
  }
  snprintf(point, sizeof point, "%llu", (unsigned long long)blocks);
  char *argv[] = {"startup", point, "0", NULL};
  for (unsigned i = 0; i < STARTS * effort; i++) {
    pid_t pid;
    int status;
    if (posix_spawn(&pid, "/proc/self/exe", NULL, NULL, argv, environ) || waitpid(pid, &status, 0) < 0 || status) {
      fprintf(stderr, "a process did not start or failed\n");
      exit(1);
    }
  }
  bench_count(STARTS * effort);
}
