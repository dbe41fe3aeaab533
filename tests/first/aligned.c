/* aligned.c: the first call of a program asks for an aligned block, before the options are read by which it gets a mapping. */
#define _GNU_SOURCE
#include "tap.h"
#include "api/names.h"

enum { ALIGNMENT = 16384 };

static void *first[20];

static void take(int argc, char **argv, char **environment)
{
  (void)argc, (void)argv, (void)environment;
  for (int i = 0; i < 20; i++)
    first[i] = aligned_alloc(ALIGNMENT, 72);
}
__attribute__((section(".preinit_array"), used)) static void (*run_preinit)(int, char **, char **) = take;

int main(int argc, char **argv)
{
  (void)argc;
  if (!getenv("BRIM_MMAP_THRESHOLD")) {
    setenv("BRIM_MMAP_THRESHOLD", "4K", 1);
    execv("/proc/self/exe", argv);
    return 71;
  }
  int misaligned = 0;
  for (int i = 0; i < 20; i++) {
    misaligned += !first[i] || (uintptr_t)first[i] % ALIGNMENT;
    free(first[i]);
  }
  ok(!misaligned, "blocks from preinit_array are aligned, the first one too: %d are not", misaligned);
  return done_testing();
}
