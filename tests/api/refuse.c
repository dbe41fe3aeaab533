/* refuse.c: what is refused and how, and that success leaves errno alone. */
#define _GNU_SOURCE
#include "tap.h"
#include "api/names.h"
#include <errno.h>

enum { UNTOUCHED = 4242 };

/* Sizes that no process can have. */
static const size_t impossible[] = {PTRDIFF_MAX, (size_t)PTRDIFF_MAX + 1, SIZE_MAX - 4096, SIZE_MAX - 16, SIZE_MAX};
enum { IMPOSSIBLE = sizeof impossible / sizeof *impossible };

static void refused(void *block, int error, const char *what, size_t size)
{
  int got = errno;
  if (!ok(!block && got == error, "%s, %#zx: NULL and %s", what, size, error == ENOMEM ? "ENOMEM" : "EINVAL"))
    diag("block %p, errno %d", block, got);
  errno = UNTOUCHED;
}

static void sizes_above_any_memory(void)
{
  errno = UNTOUCHED;
  for (int i = 0; i < IMPOSSIBLE; i++) {
    size_t n = hide_size(impossible[i]);
    refused(malloc(n), ENOMEM, "malloc", n);
    refused(calloc(1, n), ENOMEM, "calloc(1, n)", n);
    refused(calloc(n, 1), ENOMEM, "calloc(n, 1)", n);
    refused(realloc(NULL, n), ENOMEM, "realloc(NULL, n)", n);
    refused(reallocarray(NULL, n, 1), ENOMEM, "reallocarray", n);
    refused(reallocf(NULL, n), ENOMEM, "reallocf", n);
    refused(aligned_alloc(64, n), ENOMEM, "aligned_alloc(64, n)", n);
    refused(aligned_alloc(1 << 20, n), ENOMEM, "aligned_alloc(1 MiB, n)", n);
    refused(memalign(64, n), ENOMEM, "memalign(64, n)", n);
    refused(valloc(n), ENOMEM, "valloc", n);
    refused(pvalloc(n), ENOMEM, "pvalloc", n);
  }
}

/* Freed blocks lie ready to be used again, but not for these. */
static void sizes_above_any_memory_after_frees(void)
{
  free(malloc(200000));
  free(malloc(2000000));
  size_t near = hide_size(SIZE_MAX - SIZE_MAX / 10);
  refused(malloc(near), ENOMEM, "malloc after large frees", near);
  sizes_above_any_memory();
}

static void products_that_overflow(void)
{
  static const size_t pairs[][2] = {{SIZE_MAX, 2},
                                    {2, SIZE_MAX},
                                    {(size_t)1 << 32, (size_t)1 << 32},
                                    {(size_t)1 << 63, 2},
                                    {SIZE_MAX, SIZE_MAX},
                                    {(size_t)1 << 62, 4},
                                    {SIZE_MAX / 3 + 1, 3},
                                    {(size_t)1 << 33, (size_t)1 << 31}};
  errno = UNTOUCHED;
  for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
    size_t a = hide_size(pairs[i][0]), b = hide_size(pairs[i][1]);
    refused(calloc(a, b), ENOMEM, "calloc overflow", a);
    refused(reallocarray(NULL, a, b), ENOMEM, "reallocarray overflow", a);
    char *block = malloc(100);
    memset(block, 'x', 100);
    refused(reallocarray(hide(block), a, b), ENOMEM, "reallocarray of a block, overflow", a);
    ok(block[0] == 'x' && block[99] == 'x', "the block is still there");
    free(block);
  }
}

static void failed_realloc_keeps_the_block(size_t size)
{
  unsigned char *block = malloc(size);
  memset(block, 0x5a, size);
  errno = UNTOUCHED;
  refused(realloc(hide(block), hide_size((size_t)PTRDIFF_MAX + 1)), ENOMEM, "realloc of a block", size);
  refused(realloc(hide(block), hide_size(SIZE_MAX)), ENOMEM, "realloc of a block", size);
  refused(realloc(hide(block), hide_size((size_t)1 << 60)), ENOMEM, "realloc of a block", size);
  size_t kept = 0;
  while (kept < size && block[kept] == 0x5a)
    kept++;
  ok(kept == size, "all %zu bytes are as before", size);
  free(block);
}

static void alignments(void)
{
  static const size_t bad[] = {0, 3, 5, 24, 100, 4097, SIZE_MAX, ((size_t)1 << 20) + 8};
  errno = UNTOUCHED;
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    size_t alignment = hide_size(bad[i]);
    refused(aligned_alloc(alignment, 64), EINVAL, "aligned_alloc", alignment);
    void *block = &block;
    ok(posix_memalign(&block, alignment, 64) == EINVAL && block == &block && errno == UNTOUCHED,
       "posix_memalign(%#zx): EINVAL, nothing touched", alignment);
  }
  for (size_t alignment = 1; alignment < sizeof(void *); alignment *= 2) {
    void *block = &block;
    ok(posix_memalign(&block, hide_size(alignment), 64) == EINVAL && block == &block && errno == UNTOUCHED,
       "posix_memalign(%zu), less than a pointer: EINVAL", alignment);
  }
  for (int i = 0; i < IMPOSSIBLE; i++) {
    void *block = &block;
    ok(posix_memalign(&block, 64, hide_size(impossible[i])) == ENOMEM && block == &block && errno == UNTOUCHED,
       "posix_memalign(64, %#zx): ENOMEM, nothing touched", impossible[i]);
  }
  refused(aligned_alloc(hide_size((size_t)1 << 62), 64), ENOMEM, "aligned_alloc, alignment", (size_t)1 << 62);
  refused(aligned_alloc(hide_size((size_t)1 << 63), 64), ENOMEM, "aligned_alloc, alignment", (size_t)1 << 63);
  refused(memalign(hide_size((size_t)1 << 63), 64), ENOMEM, "memalign, alignment", (size_t)1 << 63);
  refused(memalign(hide_size(((size_t)1 << 62) + 1), 64), ENOMEM, "memalign, alignment", ((size_t)1 << 62) + 1);
  refused(memalign(hide_size(((size_t)1 << 63) + 1), 64), EINVAL, "memalign, alignment", ((size_t)1 << 63) + 1);
  char *block = memalign(hide_size(48), 100);
  ok(block && (uintptr_t)block % 64 == 0, "memalign rounds an alignment of 48 up to 64");
  free(block);
}

static void success_leaves_errno(void)
{
  static const size_t sizes[] = {0, 1, 16, 100, 1000, 5000, 30000, THRESHOLD - 1, THRESHOLD, 1 << 20, 40 << 20};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    size_t n = hide_size(sizes[i]);
    void *block[12] = {0};
    errno = UNTOUCHED;
    block[0] = malloc(n);
    block[1] = calloc(1, n);
    block[2] = realloc(NULL, n);
    block[3] = realloc(malloc(n / 2 + 1), n + 1);
    block[4] = aligned_alloc(256, n);
    block[5] = memalign(1 << 16, n);
    block[6] = valloc(n);
    block[7] = pvalloc(n);
    block[8] = reallocarray(NULL, n, 1);
    block[9] = reallocf(malloc(1), n + 1);
    int result = posix_memalign(&block[10], 4096, n);
    int after_alloc = errno;
    bool all = !result;
    for (int k = 0; k < 11; k++)
      all &= block[k] != NULL;
    ok(all && after_alloc == UNTOUCHED, "allocating %zu bytes in every way leaves errno alone", n);
    for (int k = 0; k < 11; k++)
      free(block[k]);
    ok(errno == UNTOUCHED, "and so does freeing");
  }
  free(NULL);
  malloc_trim(0);
  ok(errno == UNTOUCHED, "free(NULL) and malloc_trim leave errno alone");
}

int main(void)
{
  sizes_above_any_memory();
  sizes_above_any_memory_after_frees();
  products_that_overflow();
  failed_realloc_keeps_the_block(100);
  failed_realloc_keeps_the_block(50000);
  failed_realloc_keeps_the_block(1 << 20);
  alignments();
  success_leaves_errno();
  return done_testing();
}
