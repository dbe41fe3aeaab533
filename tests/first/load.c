/* load.c: other ways to load the library: late, by dlopen in a program that has long used the C library's malloc; and
 * preloaded twice, as two files. */
#define _GNU_SOURCE
#include "first/restart.h"
#include "refusal/workload.h"
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>

static void *(*late_malloc)(size_t);
static void (*late_free)(void *);

static void *use_late(void *unused)
{
  void *block[200];
  for (size_t i = 0; i < 200; i++)
    memset(block[i] = late_malloc(i * 1000 + 1), 1, i * 1000 + 1);
  for (size_t i = 0; i < 200; i++)
    late_free(block[i]);
  free(malloc(1000));
  return unused;
}

static int late(const char *path)
{
  pthread_t thread;
  void *early = malloc(1000);
  work(1, 20000, 300000, 8 << 20);
  void *handle = dlopen(path, RTLD_NOW | RTLD_GLOBAL);
  if (!handle)
    return 90;
  late_malloc = (void *(*)(size_t))dlsym(handle, "brim_malloc");
  late_free = (void (*)(void *))dlsym(handle, "brim_free");
  if (!late_malloc || !late_free)
    return 91;
  use_late(NULL);
  if (pthread_create(&thread, NULL, use_late, NULL) || pthread_join(thread, NULL))
    return 92;
  dlclose(handle);
  use_late(NULL);
  /* The program's malloc is still the one that it began with. */
  free(realloc(early, 5000));
  work(2, 20000, 300000, 8 << 20);
  return 0;
}

/* A second file, so that the loader does not see that it is the same library. */
static bool copy(const char *from, const char *to)
{
  char buffer[65536];
  int in = open(from, O_RDONLY), out = open(to, O_WRONLY | O_CREAT | O_EXCL, 0700);
  ssize_t n = -1;
  while (in >= 0 && out >= 0 && (n = read(in, buffer, sizeof buffer)) > 0)
    if (write(out, buffer, (size_t)n) != n)
      break;
  close(in);
  close(out);
  return n == 0;
}

int main(int argc, char **argv)
{
  struct restart with = {.preload = "", .argument = library()};
  if (argc > 1 && !strcmp(argv[1], "work")) {
    work(1, 100000, 500000, 32 << 20);
    return 0;
  }
  if (argc > 1)
    return late(argv[1]);
  if (!library()) {
    skip("nothing is preloaded");
    return done_testing();
  }
  restarts_well(&with, "loaded late, by dlopen");
  char second[] = "/tmp/brim-second-XXXXXX";
  if (!mkdtemp(second))
    return 71;
  char file[64];
  snprintf(file, sizeof file, "%s/second.so", second);
  with.argument = "work";
  snprintf(with.preload, sizeof with.preload, "%s:%s", library(), file);
  if (ok(copy(library(), file), "a second file of the library"))
    restarts_well(&with, "preloaded twice");
  unlink(file);
  rmdir(second);
  return done_testing();
}
