/* schedule.c: the thread that gives memory back is no thread in real time, and on the processors of the first thread, whichever
 * thread has made so much of it free. */
#define _GNU_SOURCE
#include "tap.h"
#include "api/names.h"
#include "freed.h"
#include <dirent.h>
#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>

enum { BLOCKS = 2000, BYTES = 20000, PRIORITY = 1, PATIENCE_MS = 2000 };

/* The thread that is neither the first one nor this one; 0 if there is none. */
static pid_t helper(void)
{
  DIR *tasks = opendir("/proc/self/task");
  pid_t found = 0;
  for (struct dirent *task; (task = readdir(tasks));) {
    pid_t id = atoi(task->d_name);
    found = id && id != getpid() && id != (pid_t)syscall(SYS_gettid) ? id : found;
  }
  closedir(tasks);
  return found;
}

static bool is_as_first(pid_t thread)
{
  cpu_set_t first, its;
  return thread && sched_getscheduler(thread) == SCHED_OTHER && !sched_getaffinity(getpid(), sizeof first, &first) &&
         !sched_getaffinity(thread, sizeof its, &its) && CPU_EQUAL(&first, &its);
}

static void *work(void *in_real_time)
{
  cpu_set_t mine;
  CPU_ZERO(&mine);
  CPU_SET(sched_getcpu(), &mine);
  struct sched_param priority = {PRIORITY};
  if (sched_setaffinity(0, sizeof mine, &mine) || (in_real_time && sched_setscheduler(0, SCHED_FIFO, &priority)))
    return skip("threads may not run otherwise here"), NULL;
  use_and_free(BLOCKS, BYTES);
  pid_t thread = helper();
  for (int waited = 0; !is_as_first(thread) && waited < PATIENCE_MS; waited++, thread = helper())
    sleep_ms(1);
  ok(is_as_first(thread), "a thread %s has a helper as the first thread would have one",
     in_real_time ? "in real time" : "bound to a processor");
  return NULL;
}

int main(void)
{
#ifdef BRIM_TEST_SANITIZED
  return skip("a sanitizer has threads of its own"), done_testing();
#endif
  if (getenv("BRIM_FAULT"))
    return skip("the helper may be refused"), done_testing();
  pthread_t thread;
  for (int in_real_time = 0; in_real_time < 2; in_real_time++) {
    pthread_create(&thread, NULL, work, in_real_time ? &thread : NULL);
    pthread_join(thread, NULL);
    for (int waited = 0; helper() && waited < PATIENCE_MS; waited++)
      sleep_ms(1);
  }
  return done_testing();
}
