/* size_probe.c: runs inside the process that is measured. It allocates nothing itself before it takes the first block. */
#define _GNU_SOURCE
#include "cli.h"
#include "sizes.h"
#include "stat_test.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static bool marks;
static size_t page;

static void next_stage(void)
{
  if (marks)
    run_next_stage();
}

static double now(void)
{
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static void *take(size_t size)
{
  void *block = malloc(size);
  if (!block)
    exit(fail(EX_OSERR, "malloc(%zu) returned NULL", size));
  __asm__ volatile("" : : "r"(block) : "memory"); /* the compiler must not drop a block that is not used */
  return block;
}

static void touch(void *block, size_t size)
{
  volatile char *byte = block;
  for (size_t i = 0; i < size; i += page)
    byte[i] = 1;
  byte[size - 1] = 1;
}

static double faults(void)
{
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (double)(usage.ru_minflt + usage.ru_majflt);
}

/* The whole text of a file of /proc/self, in a buffer that is not the allocator's. */
static const char *read_file(const char *path)
{
  static char text[1 << 18];
  size_t length = 0;
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  for (ssize_t got = 1; fd >= 0 && got > 0 && length<sizeof text - 1; length += got> 0 ? (size_t)got : 0)
    got = read(fd, text + length, sizeof text - 1 - length);
  close(fd);
  text[length] = '\0';
  return text;
}

struct region {
  bool is_break;
  size_t bytes;
};

/* The line of the kernel's map that the address lies in. */
static struct region find_region(const void *address)
{
  for (const char *line = read_file("/proc/self/maps"); line;
       line = strchr(line, '\n'), line = line ? line + 1 : NULL) {
    char *end;
    uintptr_t from = strtoull(line, &end, 16), to = *end == '-' ? strtoull(end + 1, &end, 16) : 0;
    if ((uintptr_t)address < from || (uintptr_t)address >= to)
      continue;
    const char *newline = strchr(line, '\n'), *name = strstr(line, "[heap]");
    return (struct region){name && (!newline || name < newline), to - from};
  }
  return (struct region){0};
}

static double resident(void)
{
  const char *line = strstr(read_file("/proc/self/smaps_rollup"), "\nRss:");
  return line ? strtod(line + 5, NULL) * 1024 : 0;
}

/* The resident bytes that each of many touched blocks adds. */
static double measure_occupied(size_t size)
{
  enum { TOTAL = 32 << 20, LEAST = 4, MOST = 100 * 1000 };
  size_t count = TOTAL / size;
  count = count < LEAST ? LEAST : count > MOST ? MOST : count;
  size_t bytes = (count + 1) * sizeof(void *);
  void **blocks = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  if (blocks == MAP_FAILED)
    exit(fail(EX_OSERR, "no memory for a list of blocks"));
  double before = resident();
  for (size_t i = 0; i < count; i++)
    touch(blocks[i] = take(size), size);
  double after = resident();
  for (size_t i = 0; i < count; i++)
    free(blocks[i]);
  munmap(blocks, bytes);
  return (after - before) / (double)count;
}

static double time_batch(size_t size, size_t batch)
{
  double begin = now();
  for (size_t i = 0; i < batch; i++) {
    void *block = take(size);
    touch(block, size);
    free(block);
  }
  return now() - begin;
}

/* Seconds of one allocate-touch-free: the median of batches, so that an interrupted batch does not matter. */
static double measure_repeated(size_t size)
{
  enum { BATCHES = 15 };
  const double enough = 0.001;
  double seconds[BATCHES];
  size_t batch = 1;
  while (time_batch(size, batch) < enough)
    batch *= 2;
  for (int i = 0; i < BATCHES; i++)
    seconds[i] = time_batch(size, batch) / (double)batch;
  return stat_quantile(seconds, BATCHES, 0.5);
}

int sizes_probe(const char *text, bool counted)
{
  size_t size = sizes_parse(text);
  if (!size)
    return fail(EX_USAGE, "'%s' is no size", text);
  marks = counted;
  page = (size_t)sysconf(_SC_PAGESIZE);

  next_stage();
  double begin = now();
  void *block = take(size);
  double faults_before = faults();
  touch(block, size);
  double touch_faults = faults() - faults_before, first_s = now() - begin;
  next_stage();
  struct region first = find_region(block);
  next_stage();
  begin = now();
  free(block);
  first_s += now() - begin;
  next_stage();
  block = take(size);
  touch(block, size);
  next_stage();
  struct region second = find_region(block);
  /* The block is kept: its memory, used again, would not add to the RSS. */
  double occupied = measure_occupied(size);
  free(block);
  double repeated_s = measure_repeated(size);
  printf("%d %zu %d %zu %.17g %.17g %.17g %.17g\n", first.is_break, first.bytes, second.is_break, second.bytes,
         occupied, touch_faults, first_s, repeated_s);
  return 0;
}
