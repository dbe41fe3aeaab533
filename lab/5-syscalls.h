/* 5-syscalls.h: counts the system calls of a function, by running it in a child that this process traces. */
#ifndef SYSCALLS_H
#define SYSCALLS_H

#include <signal.h>
#include <stdbool.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* The child first runs `warm` (which may be NULL) uncounted. It stops itself where the counting starts, so that nothing
 * of ours is counted. Returns -1 where tracing is not allowed. */
static inline long count_syscalls(void (*warm)(void), void (*work)(void))
{
  pid_t child = fork();
  if (child == 0) {
    if (ptrace(PTRACE_TRACEME, 0, NULL, NULL))
      _exit(1);
    if (warm)
      warm();
    raise(SIGSTOP);
    work();
    raise(SIGSTOP);
    _exit(0);
  }
  int status;
  long stops = 0;
  if (child < 0 || waitpid(child, &status, 0) < 0 || !WIFSTOPPED(status))
    return -1;
  bool traced = !ptrace(PTRACE_SETOPTIONS, child, NULL, (void *)(PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL));
  /* Each call stops twice, on the way in and on the way out; 0x80 tells these stops from signals. */
  do {
    traced = traced && !ptrace(PTRACE_SYSCALL, child, NULL, NULL) && waitpid(child, &status, 0) == child;
    stops += traced && WIFSTOPPED(status) && WSTOPSIG(status) == (SIGTRAP | 0x80);
  } while (traced && WIFSTOPPED(status) && WSTOPSIG(status) != SIGSTOP);
  traced = traced && WIFSTOPPED(status); /* or it has ended before its work was done */
  kill(child, SIGKILL);
  waitpid(child, &status, 0);
  return traced ? stops / 2 : -1;
}

/* raise() itself makes a few calls; this is how many, to be taken off. */
static inline void no_work(void) {}
static inline long syscalls_of(void (*warm)(void), void (*work)(void))
{
  long none = count_syscalls(NULL, no_work), some = count_syscalls(warm, work);
  return none < 0 || some < 0 ? -1 : some - none;
}

#endif
