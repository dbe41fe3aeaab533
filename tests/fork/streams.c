/* streams.c: fork beside threads that hold streams while they allocate, and one that holds the list of all streams. */
#define _GNU_SOURCE
#include "tap.h"
#include <pthread.h>
#include <stdatomic.h>

enum { READERS = 6, FORKERS = 4, SECONDS = 3, LINE = 50000 };

static atomic_bool stop;
static char path[] = "/tmp/brim-streams-XXXXXX";

static void *read_line(void *unused)
{
  while (!stop) {
    FILE *file = fopen(path, "r");
    for (int i = 0; file && i < 20; i++) {
      char *line = NULL;
      size_t size = 0;
      rewind(file);
      if (getline(&line, &size, file) < 0)
        _exit(71);
      free(line);
    }
    if (file)
      fclose(file);
  }
  return unused;
}

static void *flush_all(void *unused)
{
  while (!stop)
    fflush(NULL);
  return unused;
}

static void *fork_often(void *unused)
{
  while (!stop) {
    int status = 1;
    pid_t pid = fork();
    if (!pid)
      _exit(fflush(NULL));
    if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
      _exit(72);
  }
  return unused;
}

static int beside_streams(void *unused)
{
  pthread_t thread[READERS + FORKERS + 1];
  alarm(60);
  for (int i = 0; i <= READERS + FORKERS; i++)
    pthread_create(&thread[i], NULL, i < READERS ? read_line : i < READERS + FORKERS ? fork_often : flush_all, NULL);
  sleep(SECONDS);
  stop = true;
  for (int i = 0; i <= READERS + FORKERS; i++)
    pthread_join(thread[i], NULL);
  return (void)unused, 0;
}

int main(void)
{
  FILE *file = fdopen(mkstemp(path), "w");
  for (int i = 0; file && i < LINE; i++)
    fputc('x', file);
  if (!file || fclose(file))
    _exit(71);
  struct ending end = ended_as(beside_streams, NULL, 100);
  ok(!end.signal && !end.code, "fork beside threads that read lines and flush all streams: signal %d, code %d",
     end.signal, end.code);
  unlink(path);
  return done_testing();
}
