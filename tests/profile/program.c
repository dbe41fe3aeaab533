/* program.c: what profile.sh runs under `brim profile`. Each argument names a part, in which known functions allocate known
 * blocks. Nothing else here allocates: no stdio. */
#define _GNU_SOURCE
#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static void *volatile kept[4096];
static volatile size_t kept_n;

__attribute__((noinline)) static void *leak_here(size_t bytes)
{
  void *block = malloc(bytes);
  kept[kept_n++ % 4096] = block;
  return block;
}

/* Nothing is returned that a compiler could leave out, in a copy by another name. */
__attribute__((noinline)) static void freed_here(size_t bytes)
{
  void *volatile block = malloc(bytes);
  free(block);
}

/* In all 30,000 bytes in 40 blocks, at the peak 11,000 in 11, never freed 10,000 in 10. */
static void known(void)
{
  for (int i = 0; i < 10; i++)
    leak_here(1000);
  for (int i = 0; i < 20; i++)
    freed_here(500);
  for (int i = 0; i < 10; i++)
    freed_here(1000);
}

/* Every way to get a block, each freed: 15 blocks. */
static void every_way(void)
{
  void *block = malloc(100);
  block = realloc(block, 90);      /* stays */
  block = realloc(block, 5000000); /* moves */
  block = realloc(block, 9000000); /* grows */
  block = reallocarray(block, 10, 30);
  if (realloc(block, SIZE_MAX / 2) || errno != ENOMEM)
    _exit(81);
  memset(block, 1, malloc_usable_size(block));
  free(block);
  free(calloc(10, 10));
  free(realloc(NULL, 100));
  free(aligned_alloc(64, 128));
  free(memalign(4096, 100));
  free(valloc(100));
  free(pvalloc(100));
  if (posix_memalign(&block, 256, 1000))
    _exit(82);
  free(block);
  free(malloc(0));
  free(strdup("text"));
  block = malloc(10);
  if (realloc(block, 0))
    _exit(83);
  free(NULL);
}

/* A block whose realloc fails is still there: 70 bytes in 1 block are left. */
static void refused(void)
{
  void *volatile block = leak_here(70);
  if (realloc(block, SIZE_MAX / 2) || realloc(NULL, SIZE_MAX / 2) || malloc(SIZE_MAX / 2))
    _exit(84);
}

/* Each of 4 threads allocates 4,000 blocks of 100 bytes; another thread frees all but 40. */
enum { THREADS = 4, EACH = 4000 };
static void *blocks[THREADS][EACH];
static void *allocate_many(void *row)
{
  for (int i = 0; i < EACH; i++)
    ((void **)row)[i] = malloc(100);
  return NULL;
}
static void *free_many(void *row)
{
  for (int i = 0; i < EACH; i++)
    if (i % 400)
      free(((void **)row)[i]);
  return NULL;
}
static void in_threads(void *(*act)(void *), int shift)
{
  pthread_t threads[THREADS];
  for (int i = 0; i < THREADS; i++)
    if (pthread_create(&threads[i], NULL, act, blocks[(i + shift) % THREADS]))
      _exit(85);
  for (int i = 0; i < THREADS; i++)
    pthread_join(threads[i], NULL);
}
static void threads(void)
{
  in_threads(allocate_many, 0);
  in_threads(free_many, 1);
}

/* Children of forks beside threads that allocate. The children free what they got from the parent, and allocate. */
static volatile bool at_end;
static void *allocate_on(void *unused)
{
  while (!at_end)
    freed_here(300);
  return unused;
}
static void *nothing(void *unused) { return unused; }
static void threads_joined(void) { in_threads(nothing, 0); }
static void forks(void)
{
  pthread_t thread;
  void *volatile block = leak_here(1000);
  pthread_create(&thread, NULL, allocate_on, NULL);
  for (int i = 0, status; i < 200; i++) {
    pid_t child = i % 4 == 3 ? vfork() : fork();
    if (!child && i % 4 != 3) {
      free(block);
      for (int j = 0; j < 100; j++)
        leak_here(4321);
      _exit(7);
    } else if (!child) {
      _exit(7);
    }
    if (waitpid(child, &status, 0) != child || !WIFEXITED(status) || WEXITSTATUS(status) != 7)
      _exit(86);
  }
  at_end = true;
  pthread_join(thread, NULL);
}

/* Two stacks that look alike: 1,200 bytes in 2 blocks. */
static void one_line(void)
{
  void *volatile block = leak_here(600) ? leak_here(600) : NULL;
  (void)block;
}

/* A handler that allocates, thousands of times while the program does. */
static volatile int interrupts;
static void allocate_inside(int signal_number)
{
  (void)signal_number;
  int error = errno;
  free(malloc(200));
  errno = error;
  interrupts++;
}
static void handler(void)
{
  struct sigaction action = {.sa_handler = allocate_inside, .sa_flags = SA_RESTART};
  struct itimerval often = {{0, 100}, {0, 100}}, never = {{0, 0}, {0, 0}};
  sigaction(SIGALRM, &action, NULL);
  setitimer(ITIMER_REAL, &often, NULL);
  while (interrupts < 2000)
    freed_here(300);
  setitimer(ITIMER_REAL, &never, NULL);
}

/* Blocks of many sizes, 64 MiB in all; every eighth stays. */
static void many_sizes(void)
{
  uint64_t random = 1;
  for (size_t bytes = 0, i = 0; bytes < 64 << 20; i++) {
    random = random * 6364136223846793005u + 1442695040888963407u;
    size_t size = (size_t)1 << (random >> 60);
    size += (random >> 32) % size;
    if (i % 8)
      freed_here(size);
    else
      leak_here(size);
    bytes += size;
  }
}

/* More stacks, and more live blocks, than fit: 300 of 50 bytes. */
__attribute__((noinline)) static void *deeper(int depth)
{
  void *volatile block = depth ? deeper(depth - 1) : leak_here(50);
  return block;
}
static void many(void)
{
  for (int i = 0; i < 300; i++)
    deeper(i % 40);
}

static void become(char **argv)
{
  argv[1] = (char[]){"known"};
  leak_here(123456);
  execv("/proc/self/exe", argv);
  _exit(87);
}

static void run(const char *part, char **argv)
{
  static const struct {
    const char *name;
    void (*run)(void);
  } parts[] = {{"known", known},      {"every-way", every_way}, {"refused", refused},
               {"threads", threads},  {"forks", forks},         {"threads-joined", threads_joined},
               {"handler", handler},  {"many", many},           {"many-sizes", many_sizes},
               {"one-line", one_line}};
  for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
    if (!strcmp(part, parts[i].name))
      parts[i].run();
  if (!strcmp(part, "exec"))
    become(argv);
  if (!strcmp(part, "end"))
    exit(0);
  if (!strcmp(part, "_exit"))
    _exit(5);
  if (!strcmp(part, "kill"))
    raise(SIGKILL);
  if (!strcmp(part, "crash"))
    raise(SIGSEGV);
  if (!strcmp(part, "abort"))
    abort();
  if (!strcmp(part, "wait") && write(1, "ready\n", 6) == 6)
    pause();
}

int main(int argc, char **argv)
{
  for (int i = 1; i < argc; i++)
    run(argv[i], argv);
  return 3;
}
