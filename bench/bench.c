/* bench.c: main() of every case. */
#define _GNU_SOURCE
#include "bench.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

static double started, seconds;
static uint64_t counted, live;

static double now(void)
{
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

void bench_start(void) { started = now(); }
void bench_stop(void) { seconds += now() - started; }
void bench_count(uint64_t ops) { counted += ops; }
void bench_live(uint64_t bytes) { live = bytes > live ? bytes : live; }

struct bench_random bench_seed(uint64_t number) { return (struct bench_random){(number + 1) * 0x9e3779b97f4a7c15u}; }

/* Steele and Vigna's splitmix64. */
uint64_t bench_next(struct bench_random *random)
{
  uint64_t z = random->state += 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

size_t bench_size(struct bench_random *random)
{
  static const struct {
    unsigned percent, from, to;
  } mix[] = {{50, 1, 64}, {30, 65, 256}, {15, 257, 1024}, {4, 1025, 8192}, {1, 8193, 65536}};
  uint64_t draw = bench_next(random);
  unsigned percent = (unsigned)(draw % 100), i = 0;
  for (; percent >= mix[i].percent; i++)
    percent -= mix[i].percent;
  return mix[i].from + (draw >> 32) % (mix[i].to - mix[i].from + 1);
}

static void *or_end(void *block, size_t bytes)
{
  if (block || !bytes)
    return block;
  fprintf(stderr, "no memory for %zu bytes\n", bytes);
  exit(EX_OSERR);
}

void *bench_alloc(size_t bytes) { return or_end(malloc(bytes), bytes); }
void *bench_realloc(void *block, size_t bytes) { return or_end(realloc(block, bytes), bytes); }
void *bench_calloc(size_t count, size_t bytes) { return or_end(calloc(count, bytes), bytes); }

void bench_touch(void *block, size_t bytes)
{
  volatile char *byte = block;
  for (size_t i = 0; i < bytes; i += 4096)
    byte[i] = 1;
  byte[bytes - 1] = 1;
}

void bench_idle_second(void)
{
  enum { TICKS = 20 };
  for (int i = 0; i < TICKS; i++) {
    nanosleep(&(struct timespec){.tv_nsec = 50 * 1000 * 1000}, NULL);
    void *block = bench_alloc(64);
    bench_keep(block);
    free(block);
  }
}

struct thread {
  pthread_t id;
  unsigned number;
  void (*body)(unsigned number);
};

static void *run_thread(void *argument)
{
  struct thread *thread = argument;
  thread->body(thread->number);
  return NULL;
}

void bench_threads(unsigned count, void (*body)(unsigned number))
{
  struct thread threads[256];
  if (count > sizeof threads / sizeof threads[0]) {
    fprintf(stderr, "at most 256 threads\n");
    exit(EX_USAGE);
  }
  for (unsigned i = 0; i < count; i++) {
    threads[i] = (struct thread){.number = i, .body = body};
    if (pthread_create(&threads[i].id, NULL, run_thread, &threads[i])) {
      fprintf(stderr, "no more threads than %u\n", i);
      exit(EX_OSERR);
    }
  }
  for (unsigned i = 0; i < count; i++)
    pthread_join(threads[i].id, NULL);
}

static uint64_t read_number(const char *text)
{
  char *end;
  uint64_t number = strtoull(text, &end, 10);
  const char *units = "KMG", *unit = *end ? strchr(units, *end) : NULL;
  if (end == text || (*end && (!unit || end[1]))) {
    fprintf(stderr, "'%s' is not a number; K, M and G may follow\n", text);
    exit(EX_USAGE);
  }
  return unit ? number << (10 * (unit - units + 1)) : number;
}

int main(int argc, char **argv)
{
  if (argc == 2 && !strcmp(argv[1], "--describe")) {
    printf("suite %s\nhelp %s\nquick %s\nfull %s\n", bench_case.suite, bench_case.help, bench_case.quick,
           bench_case.full);
    if (bench_case.memory)
      printf("memory %zu\n", bench_case.memory);
    return 0;
  }
  if (argc != 3) {
    fprintf(stderr, "usage: %s POINT EFFORT, or %s --describe\n", argv[0], argv[0]);
    return EX_USAGE;
  }
  bench_run(read_number(argv[1]), (unsigned)read_number(argv[2]));
  if (seconds > 0)
    printf("seconds %.9f\n", seconds);
  if (counted)
    printf("ops %llu\n", (unsigned long long)counted);
  if (live)
    printf("live %llu\n", (unsigned long long)live);
  return 0;
}
