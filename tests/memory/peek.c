/* peek.c: `brim stats PID` says of a process what the process says itself, with live and freed blocks of all kinds, in bins,
 * slots, the pool and parcels. */
#define _GNU_SOURCE
#include "tap.h"
#include "api/names.h"
#include "memory/ask.h"
#include <pthread.h>

enum { ROWS_MAX = 64, BLOCKS = 3000 };

static pthread_barrier_t worked, looked_at;
static void *blocks[BLOCKS];

static size_t size_of(size_t i) { return i % 100 == 7 ? 100000 + i * 1000 : i * 37 % 20000 + 1; }

/* Frees what the main thread has allocated, and keeps some blocks of its own. */
static void *work_beside(void *unused)
{
  for (size_t i = 0; i < BLOCKS; i += 3) {
    free(blocks[i]);
    blocks[i] = malloc(size_of(i + 1));
  }
  free(blocks[3]);
  blocks[3] = NULL;
  pthread_barrier_wait(&worked);
  pthread_barrier_wait(&looked_at);
  return unused;
}

/* The kernel's rows change while one asks. */
static bool is_ours(const char *name)
{
  return strncmp(name, "resident", 8) != 0 && strncmp(name, "page_faults", 11) != 0;
}

/* Whether the process says the same of itself before and after the command is asked; what was freed may go back to the system
 * meanwhile. */
static bool ask_at_rest(struct brim_stat *rows, size_t count, char *text, size_t size)
{
  static struct brim_stat before[ROWS_MAX];
  brim_stats(before, ROWS_MAX);
  if (!ask("stats", text, size))
    return false;
  brim_stats(rows, ROWS_MAX);
  for (size_t i = 0; i < count; i++)
    if (is_ours(rows[i].name) && rows[i].value != before[i].value)
      return false;
  return true;
}

static size_t differences(const struct brim_stat *rows, size_t count, const char *text)
{
  size_t differ = 0;
  for (size_t i = 0; i < count; i++) {
    uint64_t said = row_of(text, rows[i].name);
    if (said == rows[i].value || (said != UINT64_MAX && !is_ours(rows[i].name)))
      continue;
    diag("%s: the process says %llu, the command %llu", rows[i].name, (unsigned long long)rows[i].value,
         (unsigned long long)said);
    differ++;
  }
  return differ;
}

int main(void)
{
  static char text[8192];
  static struct brim_stat rows[ROWS_MAX];
  pthread_t thread;
  for (size_t i = 0; i < BLOCKS; i++)
    memset(blocks[i] = malloc(size_of(i)), 1, size_of(i));
  pthread_barrier_init(&worked, NULL, 2);
  pthread_barrier_init(&looked_at, NULL, 2);
  if (pthread_create(&thread, NULL, work_beside, NULL))
    _exit(71);
  pthread_barrier_wait(&worked);
  for (size_t i = 1; i < BLOCKS; i += 2) {
    free(blocks[i]);
    blocks[i] = NULL;
  }
  size_t count = brim_stats(rows, ROWS_MAX);
  bool answered = false;
  for (int tries = 0; tries < 100 && !answered; tries++) {
    answered = ask_at_rest(rows, count, text, sizeof text);
    if (!answered)
      usleep(100000);
  }
  if (ok(answered, "the command answers, while the process is at rest"))
    ok(!differences(rows, count, text), "all %zu numbers but the kernel's are the same", count);
  pthread_barrier_wait(&looked_at);
  pthread_join(thread, NULL);
  return done_testing();
}
