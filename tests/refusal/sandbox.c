/* sandbox.c: a sandbox (seccomp) that refuses brk, mmap, munmap, madvise or mremap, from the start of the program or
 * once it runs: the allocator goes on with what is left. And one that ends the process at any call but those that README says a
 * sandbox has to expect. */
#define _GNU_SOURCE
#include "tap.h"
#include "refusal/workload.h"
#include "freed.h"
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

/* Makes each of up to four calls (-1: none) fail with `error` from now on, also after exec. */
static void refuse(const int *calls, int error)
{
  struct sock_filter program[8];
  unsigned short n = 0;
  program[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
  int count = 0;
  while (count < 4 && calls[count] >= 0)
    count++;
  for (int i = 0; i < count; i++)
    program[n++] =
        (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)calls[i], (unsigned char)(count - i), 0);
  program[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  program[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned)error);
  struct sock_fprog filter = {n, program};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter))
    _exit(71);
}

/* The list in README. */
static const int expected[] = {
    SYS_brk,       SYS_mmap,
    SYS_munmap,    SYS_mremap,
    SYS_madvise,   SYS_membarrier,
    SYS_prctl,     SYS_futex,
    SYS_getrusage, SYS_sched_getaffinity,
    SYS_clone,     SYS_rt_sigprocmask,
    SYS_capget,    SYS_getpid,
    SYS_exit,      SYS_sched_getscheduler, /* for the thread */
    SYS_ppoll,     SYS_write,              /* for messages */
    SYS_openat,    SYS_read,
    SYS_close, /* for statistics */
};
/* Calls of the program itself. */
static const int own[] = {SYS_exit_group, SYS_clock_nanosleep};
enum { EXPECTED = sizeof expected / sizeof *expected, OWN = sizeof own / sizeof *own };

/* Ends the process at every call but these. */
static void expect_only(void)
{
  struct sock_filter program[EXPECTED + OWN + 3];
  unsigned short n = 0;
  program[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
  for (int i = 0; i < EXPECTED + OWN; i++) {
    unsigned call = (unsigned)(i < EXPECTED ? expected[i] : own[i - EXPECTED]);
    program[n++] =
        (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, (unsigned char)(EXPECTED + OWN - i), 0);
  }
  program[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
  program[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  struct sock_fprog filter = {n, program};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter))
    _exit(71);
}

/* Goes on until the thread that gives memory back has come and gone. */
static int expected_work(void *unused)
{
  expect_only();
  work(1, 20000, 400000, 32 << 20);
  use_and_free(1000, 20000);
  sleep_ms(3000);
  malloc_trim(0);
  malloc_stats();
  return (void)unused, 0;
}

struct sandbox {
  const char *name;
  int calls[5];
  bool can_start; /* the loader does without these calls */
  bool refuses;   /* no source of memory is left */
};

static const struct sandbox sandboxes[] = {
    {"brk", {SYS_brk, -1}, true, false},
    {"munmap", {SYS_munmap, -1}, true, false},
    {"madvise", {SYS_madvise, -1}, true, false},
    {"mremap", {SYS_mremap, -1}, true, false},
    {"munmap, madvise and mremap", {SYS_munmap, SYS_madvise, SYS_mremap, -1}, true, false},
    {"brk, munmap, madvise and mremap", {SYS_brk, SYS_munmap, SYS_madvise, SYS_mremap, -1}, true, false},
    {"mmap", {SYS_mmap, -1}, false, false},
    {"mmap and mremap", {SYS_mmap, SYS_mremap, -1}, false, false},
    {"brk and mmap", {SYS_brk, SYS_mmap, -1}, false, true},
    {"brk, mmap and mremap", {SYS_brk, SYS_mmap, SYS_mremap, -1}, false, true},
};
enum { SANDBOXES = sizeof sandboxes / sizeof *sandboxes };

static const int errors[] = {EPERM, ENOMEM};

/* If a source of memory is left, no block of any size may be refused. */
static int sandboxed_work(const struct sandbox *sandbox)
{
  work(1, 100000, 400000, 32 << 20);
  if (!sandbox->refuses && work_refusals)
    return WORK_STUCK;
  malloc_trim(0);
  work(2, 50000, 400000, 32 << 20);
  return !sandbox->refuses && work_refusals ? WORK_STUCK : 0;
}

struct trial {
  const struct sandbox *sandbox;
  int error;
  bool at_start;
};

static int try_one(void *argument)
{
  const struct trial *trial = argument;
  if (trial->at_start) {
    char row[16];
    snprintf(row, sizeof row, "%d", (int)(trial->sandbox - sandboxes));
    refuse(trial->sandbox->calls, trial->error);
    execl("/proc/self/exe", "sandbox", row, (char *)NULL);
    return 127;
  }
  /* When the sandbox closes, the heap is in use, with mappings and free memory. */
  work(5, 20000, 400000, 16 << 20);
  work_get(&work_blocks[0], 1000);
  work_get(&work_blocks[1], 500000);
  refuse(trial->sandbox->calls, trial->error);
  return sandboxed_work(trial->sandbox);
}

int main(int argc, char **argv)
{
  if (argc > 1)
    return sandboxed_work(&sandboxes[atoi(argv[1])]);
  struct ending ended = ended_as(expected_work, NULL, 100);
  if (!ok(!ended.signal && !ended.code, "no other calls than README names"))
    diag("signal %d, exit code %d, stderr: %.300s", ended.signal, ended.code, ended.text);
  for (int i = 0; i < SANDBOXES; i++)
    for (int e = 0; e < 2; e++)
      for (int at_start = 0; at_start <= sandboxes[i].can_start; at_start++) {
        struct trial trial = {&sandboxes[i], errors[e], at_start};
        struct ending end = ended_as(try_one, &trial, 100);
        if (!ok(!end.signal && !end.code && !end.text[0], "%s refused by %s %s", sandboxes[i].name,
                e ? "ENOMEM" : "EPERM", at_start ? "from the start" : "once it runs"))
          diag("signal %d, exit code %d, stderr: %.300s", end.signal, end.code, end.text);
      }
  return done_testing();
}
