/* observe.c: see observe.h. The program is traced: the kernel stops each of its threads on the way out. When the last one
 * stops, the memory is still whole and no longer changes. The program's children are not traced. */
#define _GNU_SOURCE /* pipe2 */
#include "observe.h"
#include "areas.h"
#include "cli.h"
#include "process.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct stop {
  pid_t tid;
  int status; /* as waitpid gave it */
};

/* What is known of the program while it runs. */
struct watch {
  const struct observation *how;
  struct layout *layout;
  pid_t pid;
  bool is_program; /* it has become the program; before, it is a copy of this command */
  bool have_picture, leader_gone, leader_reaped, has_children;
  bool visit_is_due;  /* as soon as the first thread, which was asked to, stands still */
  struct stop *stops; /* of threads that were stopped for a visit; still to be handled */
  size_t stops_n;
  pid_t *ended; /* threads whose end was dealt with, and which the kernel may still list */
  size_t ended_n, ended_max;
  uint64_t peak_bytes; /* resident in the picture that is kept */
  uint64_t true_peak;  /* as the kernel says at the end; we may have missed a short one */
  int status;          /* as waitpid gave it */
};

/* The child waits until it is traced, then becomes the program; the parent learns of a failure through `failed`. The child closes
 * its own writing end of `traced`, so that its wait, and it, end when it can't be traced or the parent ends. */
static void become_program(char **argv, const struct observation *how, const int traced[2], int failed)
{
  char byte;
  close(traced[1]);
  if (read(traced[0], &byte, 1) != 1)
    _exit(EX_OSERR);
  if (how->output_aside)
    dup2(STDERR_FILENO, STDOUT_FILENO);
  execvp(argv[0], argv);
  int error = errno;
  if (write(failed, &error, sizeof error) < 0)
    _exit(EX_OSERR);
  _exit(127);
}

static void take_picture(struct watch *watch, pid_t tid)
{
  struct layout layout;
  if (!watch->is_program || layout_of(&layout, tid, watch->how->brief) != 0)
    return;
  if (watch->have_picture && watch->how->at_peak && layout.resident_bytes <= watch->peak_bytes) {
    layout_free(&layout);
    return;
  }
  layout_free(watch->layout);
  *watch->layout = layout;
  watch->layout->pid = watch->pid;
  watch->peak_bytes = layout.resident_bytes;
  watch->have_picture = true;
}

/* Reads the resident size first, which costs far less than a picture. */
static void sample_peak(struct watch *watch)
{
  uint64_t resident = process_resident(watch->pid);
  if (!resident)
    resident = process_resident(process_with_memory(watch->pid));
  if (!watch->is_program || !observe_is_more(resident, watch->peak_bytes))
    return;
  if (!watch->how->visit) {
    take_picture(watch, watch->pid);
    return;
  }
  watch->peak_bytes = resident;
  watch->visit_is_due = ptrace(PTRACE_INTERRUPT, watch->pid, NULL, NULL) == 0;
}

static bool has_ended(const struct watch *watch, pid_t tid)
{
  for (size_t i = 0; i < watch->ended_n; i++)
    if (watch->ended[i] == tid)
      return true;
  return false;
}

static void note_end(struct watch *watch, pid_t tid)
{
  if (watch->ended_n == watch->ended_max) {
    watch->ended_max = watch->ended_max ? 2 * watch->ended_max : 64;
    watch->ended = reallocarray(watch->ended, watch->ended_max, sizeof *watch->ended);
    if (!watch->ended)
      exit(fail(EX_OSERR, "out of memory"));
  }
  watch->ended[watch->ended_n++] = tid;
}

static void forget_end(struct watch *watch, pid_t tid)
{
  for (size_t i = 0; i < watch->ended_n; i++)
    if (watch->ended[i] == tid)
      watch->ended[i--] = watch->ended[--watch->ended_n];
}

/* Whether no thread but those that have ended comes after this one; the leader has. */
static bool is_last(const struct watch *watch, pid_t tid)
{
  char path[64];
  bool last = true;
  snprintf(path, sizeof path, "/proc/%d/task", (int)watch->pid);
  DIR *threads = opendir(path);
  for (struct dirent *entry; last && threads && (entry = readdir(threads));) {
    pid_t other = (pid_t)atoi(entry->d_name);
    last = other <= 0 || other == tid || other == watch->pid || has_ended(watch, other);
  }
  if (threads)
    closedir(threads);
  return last;
}

/* Threads end one by one. The picture that counts is that of the leader's end, or, if the leader ends before others, that of
 * the last one's end. When another thread ends the process, a leader that is stopped at its own end is gone before anyone looks. */
static void on_exit_stop(struct watch *watch, pid_t tid)
{
  const struct timespec moment = {0, 2000000};
  watch->leader_gone = watch->leader_gone || tid == watch->pid || process_is_killed(watch->pid);
  note_end(watch, tid);
  if (!watch->leader_gone || (tid != watch->pid && !is_last(watch, tid)))
    return;
  /* exit() ends the other threads too. Soon they are stopped at their own ends, where the kernel tells their stacks. */
  if (tid == watch->pid)
    nanosleep(&moment, NULL);
  if (watch->how->visit) {
    watch->how->visit(MOMENT_END, tid, watch->how->context);
    return;
  }
  take_picture(watch, tid);
  watch->has_children |= process_has_children(tid);
  double peak = watch->how->at_peak ? process_memory(tid).peak_bytes : 0;
  watch->true_peak = peak > 0 ? (uint64_t)peak : 0;
}

/* It may be a child process: one whose end sends no SIGCHLD is traced from its start, as a thread is. */
static bool is_thread(const struct watch *watch, pid_t tid)
{
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/task/%d", (int)watch->pid, (int)tid);
  return !access(path, F_OK);
}

/* The first thread stands still. The others are stopped, too; what they have stopped for is handled after the visit. */
static void visit_peak(struct watch *watch)
{
  struct thread *threads;
  size_t count = threads_read(watch->pid, &threads);
  free(watch->stops);
  watch->stops = calloc(count + 1, sizeof *watch->stops);
  if (!watch->stops)
    exit(fail(EX_OSERR, "out of memory"));
  for (size_t i = 0; i < count; i++) {
    struct stop stop = {.tid = threads[i].tid};
    if (stop.tid != watch->pid && ptrace(PTRACE_INTERRUPT, stop.tid, NULL, NULL) == 0 &&
        waitpid(stop.tid, &stop.status, __WALL) == stop.tid && WIFSTOPPED(stop.status))
      watch->stops[watch->stops_n++] = stop;
  }
  free(threads);
  watch->visit_is_due = false;
  watch->how->visit(MOMENT_PEAK, watch->pid, watch->how->context);
}

static void on_stop(struct watch *watch, pid_t tid, int status)
{
  int signal_number = WSTOPSIG(status), event = status >> 16;
  bool group_stop = event == PTRACE_EVENT_STOP && signal_number != SIGTRAP;
  if (event == PTRACE_EVENT_STOP && !group_stop && !is_thread(watch, tid)) {
    ptrace(PTRACE_DETACH, tid, NULL, NULL);
    return;
  }
  if (event == PTRACE_EVENT_EXIT)
    on_exit_stop(watch, tid);
  if (event == PTRACE_EVENT_EXEC) {
    watch->is_program = true;
    watch->leader_gone = false; /* of what it was before */
  }
  if (event == PTRACE_EVENT_EXEC && watch->how->visit)
    watch->how->visit(MOMENT_EXEC, tid, watch->how->context);
  if (event == PTRACE_EVENT_STOP && tid == watch->pid && watch->visit_is_due)
    visit_peak(watch);
  if (group_stop)
    ptrace(PTRACE_LISTEN, tid, NULL, NULL);
  else
    ptrace(PTRACE_CONT, tid, NULL, (void *)(long)(event ? 0 : signal_number));
}

static void watch_until_end(struct watch *watch)
{
  const struct timespec pause = {0, 1000000};
  while (!watch->leader_reaped) {
    int status;
    while (watch->stops_n) {
      struct stop stop = watch->stops[--watch->stops_n];
      on_stop(watch, stop.tid, stop.status);
    }
    pid_t tid = waitpid(-1, &status, __WALL | (watch->how->at_peak ? WNOHANG : 0));
    if (tid > 0 && WIFSTOPPED(status)) {
      on_stop(watch, tid, status);
      continue;
    }
    forget_end(watch, tid);
    if (tid == watch->pid) {
      watch->status = status;
      watch->leader_reaped = true;
    } else if (tid == 0) {
      sample_peak(watch);
      nanosleep(&pause, NULL);
    } else if (tid < 0 && errno != EINTR) {
      return;
    }
  }
}

/* ---- Signals to us ----------------------------------------------------------------------------------------------- */

static volatile sig_atomic_t running_pid;
static void pass_on(int signal_number) { kill((pid_t)running_pid, signal_number); }

/* What is asked of us while the program runs. */
static const struct {
  int number;
  void (*handler)(int);
} asked[] = {{SIGINT, SIG_IGN}, {SIGQUIT, SIG_IGN}, {SIGTERM, pass_on}, {SIGHUP, pass_on}};
enum { ASKED = sizeof asked / sizeof asked[0] };

/* Ctrl-C goes to the program, too. Who asks us to end means the program; its end is what we wait for. A signal that is ignored, as
 * under nohup(1), stays so. */
static void stand_for(pid_t pid, struct sigaction before[ASKED])
{
  running_pid = pid;
  for (size_t i = 0; i < ASKED; i++)
    if (!sigaction(asked[i].number, NULL, &before[i]) && before[i].sa_handler != SIG_IGN)
      sigaction(asked[i].number, &(struct sigaction){.sa_handler = asked[i].handler}, NULL);
}

static void stand_for_none(const struct sigaction before[ASKED])
{
  for (size_t i = 0; i < ASKED; i++)
    sigaction(asked[i].number, &before[i], NULL);
}

/* ------------------------------------------------------------------------------------------------------------------ */

int observe(char **argv, const struct observation *how, struct layout *layout)
{
  int traced[2], failed[2];
  if (layout)
    *layout = (struct layout){0};
  if (pipe2(traced, O_CLOEXEC) || pipe2(failed, O_CLOEXEC))
    return fail(-1, "can't make a pipe: %s", strerror(errno));
  pid_t pid = fork();
  if (pid < 0)
    return fail(-1, "can't start a process: %s", strerror(errno));
  if (pid == 0)
    become_program(argv, how, traced, failed[1]);
  close(failed[1]);
  struct sigaction before[ASKED];
  stand_for(pid, before);
  long options = PTRACE_O_TRACEEXIT | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
  if (ptrace(PTRACE_SEIZE, pid, NULL, (void *)options)) {
    int error = errno;
    close(traced[1]);
    waitpid(pid, NULL, 0);
    stand_for_none(before);
    return fail(-1, "can't trace a program here: %s%s", strerror(error),
                how->visit ? "" : "; start it yourself and use 'brim map PID'");
  }
  struct watch watch = {.how = how, .layout = layout, .pid = pid};
  if (how->visit)
    how->visit(MOMENT_TRACED, pid, how->context);
  if (write(traced[1], "", 1) != 1)
    return fail(-1, "can't start '%s': %s", argv[0], strerror(errno));
  watch_until_end(&watch);
  stand_for_none(before);
  free(watch.stops);
  free(watch.ended);
  int error;
  if (read(failed[0], &error, sizeof error) == sizeof error)
    return fail(-1, "can't run '%s': %s", argv[0], strerror(error));
  if (!watch.have_picture && !how->visit)
    return fail(
        -1,
        "'%s' ended before a picture could be taken (it is privileged, its file may not be read, or it was killed)",
        argv[0]);
  if (layout) {
    /* The kernel's peak starts anew when a process becomes another program, and leaves out hugetlbfs. */
    uint64_t seen = how->at_peak ? layout->resident_bytes : 0;
    layout->peak_bytes = watch.true_peak > seen ? watch.true_peak : seen;
    layout->has_children = watch.has_children;
  }
  return WIFSIGNALED(watch.status) ? 128 + WTERMSIG(watch.status) : WEXITSTATUS(watch.status);
}
