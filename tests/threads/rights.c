/* rights.c: when a program gives up its capabilities, they are gone: the thread that gives memory back, which libc does not know,
 * does not keep them, however much it has to do. */
#define _GNU_SOURCE
#include "tap.h"
#include "api/names.h"
#include "freed.h"
#include "proc.h"
#include <dirent.h>

enum { BLOCKS = 600, BYTES = 20000, NOBODY = 65534 };

static int threads_with_rights(void)
{
  DIR *tasks = opendir("/proc/self/task");
  int count = 0;
  for (struct dirent *task; (task = readdir(tasks));) {
    char path[64];
    snprintf(path, sizeof path, "/proc/self/task/%.20s/status", task->d_name);
    const char *effective = task->d_name[0] == '.' ? NULL : strstr(proc_text(path), "CapEff:\t");
    count += effective && strncmp(effective, "CapEff:\t0000000000000000", 24) != 0;
  }
  closedir(tasks);
  return count;
}

int main(void)
{
  use_and_free(BLOCKS, BYTES);
  if (geteuid() != 0 || threads_with_rights() < 1 || setgid(NOBODY) || setuid(NOBODY)) {
    skip("no rights to give up");
    return done_testing();
  }
  int with = 1;
  for (int waited = 0; with && waited < 800; waited += 50) {
    use_and_free(BLOCKS, BYTES);
    sleep_ms(50);
    with = threads_with_rights();
  }
  ok(!with, "no thread has rights that the process gave up");
  return done_testing();
}
