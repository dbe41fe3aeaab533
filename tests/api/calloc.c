/* calloc.c: what calloc returns is zero, also where dirty memory is used again. */
#define _GNU_SOURCE
#include "tap.h"
#include "api/names.h"

static bool is_zero(const unsigned char *block, size_t size)
{
  for (size_t i = 0; i < size; i++)
    if (block[i])
      return false;
  return true;
}

/* Dirty a set of blocks up to their usable size, free them, and take as many zeroed ones. */
static void after_dirty_use(size_t size, int count)
{
  static void *block[2000];
  bool zero = true;
  for (int i = 0; i < count; i++) {
    block[i] = malloc(size);
    memset(block[i], 0xff, malloc_usable_size(block[i]));
  }
  for (int i = 0; i < count; i++)
    free(block[i]);
  for (int i = 0; i < count; i++) {
    block[i] = calloc(1, size);
    zero &= is_zero(block[i], size);
    memset(block[i], 0xee, size);
  }
  for (int i = 0; i < count; i += 2)
    free(block[i]);
  for (int i = 0; i < count; i += 2) {
    block[i] = calloc(size, 1);
    zero &= is_zero(block[i], size);
  }
  for (int i = 0; i < count; i++)
    free(block[i]);
  ok(zero, "%d blocks of %zu bytes", count, size);
}

/* Memory that was given back, or that was never used, is not cleared again: it must be zero by itself. */
static void after_trim(size_t size, int count)
{
  static void *block[2000];
  bool zero = true;
  for (int i = 0; i < count; i++) {
    block[i] = malloc(size);
    memset(block[i], 0xff, size);
  }
  for (int i = 0; i < count; i++)
    if (i % 10)
      free(block[i]);
  malloc_trim(0);
  for (int i = 0; i < count; i++)
    if (i % 10) {
      block[i] = calloc(1, size);
      zero &= is_zero(block[i], size);
    }
  for (int i = 0; i < count; i++)
    free(block[i]);
  ok(zero, "%d blocks of %zu bytes after malloc_trim", count, size);
}

/* A mapping that shrank or grew in place leaves dirty or fresh pages behind. */
static void after_resized_mappings(void)
{
  bool zero = true;
  for (size_t size = THRESHOLD; size < 8 << 20; size *= 2) {
    unsigned char *block = malloc(size);
    memset(block, 0xff, size);
    block = realloc(block, size + size / 2);
    memset(block, 0xff, size + size / 2);
    block = realloc(block, size / 2 + 1);
    free(block);
    unsigned char *zeroed[4];
    for (int i = 0; i < 4; i++) {
      zeroed[i] = calloc(1, size / 2 * (size_t)(i + 1));
      zero &= is_zero(zeroed[i], size / 2 * (size_t)(i + 1));
    }
    for (int i = 0; i < 4; i++)
      free(zeroed[i]);
  }
  ok(zero, "mappings that were resized, freed and reused");
}

int main(void)
{
  static const size_t sizes[] = {1, 16, 24, 100, 512, 1000, 4096, 10000, 30000, 65536, THRESHOLD - 1};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    after_dirty_use(sizes[i], sizes[i] < 20000 ? 2000 : 200);
    after_trim(sizes[i], sizes[i] < 20000 ? 2000 : 200);
  }
  for (size_t size = THRESHOLD; size <= 4 << 20; size += size / 2) {
    after_dirty_use(size, 6);
    after_trim(size, 6);
  }
  after_resized_mappings();
  void *empty = calloc(0, 8), *none = calloc(8, 0);
  ok(empty && none && empty != none, "calloc of nothing gives distinct blocks");
  free(empty), free(none);
  return done_testing();
}
