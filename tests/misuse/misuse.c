/* misuse.c: double frees and pointers that are no blocks are stopped, with one line on stderr that says exactly what was
 * wrong, then abort. Each act is one row, tried with blocks of many sizes. */
#define _GNU_SOURCE
#include "tap.h"
#include "api/names.h"
#include <pthread.h>

/* ---- What is done to a pointer ---------------------------------------------------------------------------------- */

static void by_free(void *p) { free(p); }
static void by_free_sized(void *p) { free_sized(p, 8); }
static void by_free_aligned_sized(void *p) { free_aligned_sized(p, 16, 8); }
static void by_cfree(void *p) { cfree(p); }
static void by_realloc(void *p) { hide(realloc(p, 1234)); }
static void by_realloc_0(void *p) { hide(realloc(p, hide_size(0))); }
static void by_reallocarray(void *p) { hide(reallocarray(p, 10, 20)); }
static void by_usable_size(void *p) { hide((void *)malloc_usable_size(p)); }

struct call {
  void (*act)(void *);
  const char *name;  /* as in the message */
  const char *freed; /* what the message calls its use of a freed block */
};

static const struct call calls[] = {
    {by_free, "free()", "double free of"},
    {by_free_sized, "free()", "double free of"},
    {by_free_aligned_sized, "free()", "double free of"},
    {by_cfree, "free()", "double free of"},
    {by_realloc_0, "free()", "double free of"},
    {by_realloc, "realloc()", "use of freed block"},
    {by_reallocarray, "realloc()", "use of freed block"},
    {by_usable_size, "malloc_usable_size()", "use of freed block"},
};
enum { CALLS = sizeof calls / sizeof *calls };

/* ---- How the pointer came to be wrong --------------------------------------------------------------------------- */

static const struct call *call;
static size_t size;

/* A block with live neighbours, so that its slab stays. */
static char *block_among_others(void)
{
  hide(malloc(size));
  char *block = malloc(size);
  hide(malloc(size));
  memset(block, 1, size);
  tap_accused->block = (uintptr_t)block;
  tap_accused->bytes = malloc_usable_size(block);
  return block;
}

static int use(char *address)
{
  tap_accused->address = (uintptr_t)address;
  call->act(hide(address));
  return 0;
}

static void *free_it(void *block)
{
  free(block);
  return NULL;
}

static void in_thread(void *(*run)(void *), void *argument)
{
  pthread_t thread;
  if (pthread_create(&thread, NULL, run, argument))
    _exit(71);
  pthread_join(thread, NULL);
}

static void *use_it(void *block)
{
  use(block);
  return NULL;
}

static int at_once(void *unused)
{
  (void)unused;
  char *block = block_among_others();
  free(hide(block));
  return use(block);
}

static int after_other_frees(void *count)
{
  static void *other[10000];
  for (int i = 0; i < *(int *)count; i++)
    other[i] = malloc(size);
  char *block = block_among_others();
  free(hide(block));
  for (int i = 0; i < *(int *)count; i++)
    free(other[i]);
  return use(block);
}

/* Frees all blocks of several slabs, so that most of the slabs are gone. */
static int freed_with_all_others(void *unused)
{
  enum { N = 400, ONE = N / 2 + 7 }; /* not among the first of its slab */
  static char *block[N];
  (void)unused;
  for (int i = 0; i < N; i++)
    block[i] = malloc(size);
  tap_accused->bytes = malloc_usable_size(block[ONE]);
  for (int i = 0; i < N; i++)
    free(hide(block[i]));
  return use(block[ONE]);
}

static int after_other_sizes(void *unused)
{
  (void)unused;
  char *block = block_among_others();
  size_t bytes = tap_accused->bytes;
  free(hide(block));
  for (size_t n = 1; n < 1 << 20; n += n / 3 + 1) {
    char *other = brim_good_size(n) != bytes ? malloc(n) : NULL;
    /* Wide blocks take each other's pages: the message names the block that was there last. */
    if (other == block)
      tap_accused->bytes = malloc_usable_size(other);
    free(hide(other));
  }
  return use(block);
}

static int in_another_thread(void *unused)
{
  (void)unused;
  char *block = block_among_others();
  free(hide(block));
  in_thread(use_it, block);
  return 0;
}

static int freed_by_another_thread(void *unused)
{
  (void)unused;
  char *block = block_among_others();
  in_thread(free_it, hide(block));
  return use(block);
}

static int after_writing_into_it(void *unused)
{
  (void)unused;
  char *block = block_among_others();
  free(hide(block));
  memset(hide(block), 0xff, size);
  return use(block);
}

static int in_the_middle(void *unused)
{
  (void)unused;
  return use(block_among_others() + 8);
}

static int at_the_last_byte(void *unused)
{
  (void)unused;
  char *block = block_among_others();
  return use(block + tap_accused->bytes - 1);
}

static int in_a_later_page(void *unused)
{
  (void)unused;
  return use(block_among_others() + 16384);
}

static int middle_of_freed(void *unused)
{
  (void)unused;
  char *block = block_among_others();
  free(hide(block));
  return use(block + 8);
}

static int one_past_the_end(void *unused)
{
  /* The neighbour behind it must be freed: the address of a live one would be that of a block. */
  enum { N = 200 };
  char *block[N];
  (void)unused;
  for (int i = 0; i < N; i++)
    block[i] = malloc(size);
  tap_accused->bytes = malloc_usable_size(block[0]);
  for (int i = 0; i + 1 < N; i++)
    if (block[i + 1] == block[i] + tap_accused->bytes) {
      free(hide(block[i + 1]));
      return use(block[i] + tap_accused->bytes);
    }
  return 70;
}

static int after_trim(void *unused)
{
  (void)unused;
  char *block = block_among_others();
  free(hide(block));
  malloc_trim(0);
  return use(block);
}

/* What a message says of the pointer. */
enum verdict { IS_FREED, INSIDE_A_LIVE_BLOCK, INSIDE_A_FREED_BLOCK, UNKNOWN };

struct way {
  const char *name;
  int (*act)(void *);
  int argument;
  size_t from, below; /* for sizes in this range */
  enum verdict verdict;
};

static const struct way ways[] = {
    {"freed at once before", at_once, 0, 0, SIZE_MAX, IS_FREED},
    {"freed 1 other free before", after_other_frees, 1, 0, SIZE_MAX, IS_FREED},
    {"freed 100 other frees before", after_other_frees, 100, 0, 200000, IS_FREED},
    {"freed 10,000 other frees before", after_other_frees, 10000, 0, 30000, IS_FREED},
    {"freed before with all of its slab", freed_with_all_others, 0, 0, 60000, IS_FREED},
    {"freed before other sizes were used", after_other_sizes, 0, 0, 200000, IS_FREED},
    {"freed before, used in another thread", in_another_thread, 0, 0, SIZE_MAX, IS_FREED},
    {"freed before by another thread", freed_by_another_thread, 0, 0, SIZE_MAX, IS_FREED},
    {"freed before and written into", after_writing_into_it, 0, 0, SIZE_MAX, IS_FREED},
    {"freed before malloc_trim", after_trim, 0, 0, 60000, IS_FREED},
    {"freed before malloc_trim", after_trim, 0, THRESHOLD, SIZE_MAX, UNKNOWN},
    {"one past the end", one_past_the_end, 0, 0, 8192, IS_FREED}, /* most wider ones are alone in their slabs */
    {"in the middle", in_the_middle, 0, 0, SIZE_MAX, INSIDE_A_LIVE_BLOCK},
    {"at the last byte", at_the_last_byte, 0, 0, SIZE_MAX, INSIDE_A_LIVE_BLOCK},
    {"in one of its later pages", in_a_later_page, 0, 20000, SIZE_MAX, INSIDE_A_LIVE_BLOCK},
    {"in the middle of a freed block", middle_of_freed, 0, 0, SIZE_MAX, INSIDE_A_FREED_BLOCK},
};

/* The exact line, with the marks of expected_text(). */
static void message(char *text, size_t capacity, enum verdict verdict)
{
  bool mapping = size >= THRESHOLD;
  const char *kind = mapping ? "mapping of" : "class", *unit = mapping ? " bytes" : "";
  if (verdict == UNKNOWN)
    snprintf(
        text, capacity,
        "brim: %s: invalid pointer @ (not a block of this allocator, or one whose memory went back to the system)\n",
        call->name);
  else if (verdict == IS_FREED)
    snprintf(text, capacity, "brim: %s: %s @ (%s $%s, freed block)\n", call->name, call->freed, kind, unit);
  else
    snprintf(text, capacity, "brim: %s: invalid pointer @, ~ bytes inside the block at # (%s $%s, %s block)\n",
             call->name, kind, unit, verdict == INSIDE_A_LIVE_BLOCK ? "live" : "freed");
}

static void misuse_of_blocks(void)
{
  static const size_t sizes[] = {16, 48, 1000, 3000, 5000, 20000, 100000, 300000};
  for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
    for (size_t w = 0; w < sizeof ways / sizeof *ways; w++)
      for (int c = 0; c < CALLS; c++) {
        char text[256], name[160];
        int argument = ways[w].argument;
        size = sizes[s];
        call = &calls[c];
        if (size < ways[w].from || size >= ways[w].below)
          continue;
        message(text, sizeof text, ways[w].verdict);
        snprintf(name, sizeof name, "call %d, %s, of a block of %zu bytes that was %s", c, call->name, size,
                 ways[w].name);
        dies_with(SIGABRT, text, ways[w].act, &argument, name);
      }
}

/* ---- Addresses that never were a block -------------------------------------------------------------------------- */

static int use_foreign(void *address)
{
  /* So that the allocator is already at work. */
  hide(malloc(100));
  return use(address);
}

static void misuse_of_foreign_addresses(void)
{
  static int variable;
  int on_stack[4];
  char *mapped = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  char *forbidden = mmap(NULL, 1 << 20, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  char *unmapped = mmap(NULL, 64 << 20, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  munmap(unmapped, 64 << 20);
  const struct {
    void *address;
    const char *name;
  } foreign[] = {
      {&on_stack[2], "the stack"},
      {&variable, "a static variable"},
      {(void *)"text", "a string literal"},
      {(void *)misuse_of_blocks, "a function"},
      {mapped + 4096, "a mapping of the program's"},
      {mapped + 24, "the middle of a mapping of the program's"},
      {forbidden + 4096, "a page without rights"},
      {unmapped + (32 << 20), "an unmapped page"},
      {(void *)16, "16"},
      {(void *)((uintptr_t)1 << 47), "the first address that is not canonical"},
      {(void *)0xdeadbeefdeadbee0, "an address that is not canonical"},
      {(void *)0xffffffff81000000, "an address of the kernel's"},
      {(void *)(UINTPTR_MAX - 15), "the last address"},
  };
  for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++)
    for (int c = 0; c < CALLS; c++) {
      char text[256], name[160];
      call = &calls[c];
      message(text, sizeof text, UNKNOWN);
      snprintf(name, sizeof name, "call %d, %s, of %s", c, call->name, foreign[i].name);
      dies_with(SIGABRT, text, use_foreign, foreign[i].address, name);
    }
}

int main(void)
{
  misuse_of_blocks();
  misuse_of_foreign_addresses();
  return done_testing();
}
