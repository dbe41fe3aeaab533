/* bench.h: what the cases of `brim bench` share. A case is one file: it describes itself in `bench_case` and does its work
 * in bench_run(). It calls malloc and its kin by their usual names, and nothing else of any allocator.
 *
 * A case is started as `case POINT EFFORT`. The point is the parameter that is varied (a size, a number of threads); the
 * effort is how often the work is repeated. A point and an effort together always mean the same work. */
#ifndef BRIM_BENCH_H
#define BRIM_BENCH_H

#include <stddef.h>
#include <stdint.h>

struct bench_case {
  const char *suite; /* patterns or scaling */
  const char *help;  /* one sentence */
  const char *quick; /* points of a quick run, with spaces between them */
  const char *full;
  size_t memory; /* bytes that a run may take for each unit of the point; 0: every machine has enough */
};

/* These two are what a case file defines. */
extern const struct bench_case bench_case;
void bench_run(uint64_t point, unsigned effort);

/* These enclose the measured section. Without them the whole life of the process is measured. */
void bench_start(void);
void bench_stop(void);

/* For what is printed at the end: operations done in the measured section; the most bytes held, as they were asked for. */
void bench_count(uint64_t ops);
void bench_live(uint64_t bytes);

/* Each thread has its own state, seeded by its number. */
struct bench_random {
  uint64_t state;
};
struct bench_random bench_seed(uint64_t number);
uint64_t bench_next(struct bench_random *random);
static inline uint64_t bench_below(struct bench_random *random, uint64_t limit) { return bench_next(random) % limit; }

/* A size as programs ask for them: half of the requests up to 64 bytes, four in five up to 256, one in a hundred above
 * 8 KiB, none above 64 KiB. */
size_t bench_size(struct bench_random *random);

/* malloc, realloc and calloc, which end the program with a line when memory is out. */
void *bench_alloc(size_t bytes);
void *bench_realloc(void *block, size_t bytes);
void *bench_calloc(size_t count, size_t bytes);

/* Writes to the block as its owner would: the first and the last byte and one on each page. */
void bench_touch(void *block, size_t bytes);

/* A second in which the program does nearly nothing: time for memory to go back. */
void bench_idle_second(void);

/* Keeps the compiler from dropping a block that is not used. */
static inline void bench_keep(void *block) { __asm__ volatile("" : : "r"(block) : "memory"); }

/* Runs `body(number)` in that many threads and waits for them. */
void bench_threads(unsigned count, void (*body)(unsigned number));

#endif
