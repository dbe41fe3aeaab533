/* order.c: fork handlers that were registered before the allocator's run while the allocator holds its locks. They allocate and
 * free blocks of all kinds. */
#define _GNU_SOURCE
#include "tap.h"
#include "api/names.h"
#include <pthread.h>

static void *held;
static int calls;

static void allocate(void)
{
  for (int i = 0; i < 200; i++)
    free(hide(malloc((size_t)i * 100 + 5000)));
  free(held);
  memset(held = malloc(300000), ++calls, 300000);
}

__attribute__((constructor(101))) static void register_first(void) { pthread_atfork(allocate, allocate, allocate); }

static int allocate_in_child(void *unused)
{
  (void)unused;
  free(hide(malloc(1000)));
  return calls == 2 && *(char *)held == 2 ? 0 : 1;
}

int main(void)
{
  struct ending end = ended_as(allocate_in_child, NULL, 20);
  ok(!end.signal && !end.code, "handlers that allocate while a fork holds all locks");
  ok(calls == 2 && *(char *)held == 2, "before and after it, in parent and child");
  free(held);
  return done_testing();
}
