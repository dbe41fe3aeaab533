/* measure.c: starts the program under ptrace, follows its stops, and adds up what they tell. */
#define _GNU_SOURCE
#include "measure.h"
#include "count_calls.h"
#include "own_malloc.h"
#include "preload.h"
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

const struct metric_info metric_info[METRICS] = {
#define METRIC(id, key, title, unit, help) {key, title, help, UNIT_##unit},
#include "metrics.def"
#undef METRIC
};

enum { TRACED_MAX = 4096 };

/* A run under way. */
struct run {
  const struct run_request *request;
  struct run_result *result;
  pid_t pid;
  int output, errors; /* memory files */
  pid_t traced[TRACED_MAX];
  size_t traced_n;
  unsigned stage;
  double started, stopped; /* clock at the start; time that the program stood still for us */
  bool mapped, own_malloc;
  bool others_go_on; /* a process had other threads when its first one, which is looked at, ended */
};

/* The running program's process group, for the signal handlers. */
static volatile sig_atomic_t running_group;
static volatile sig_atomic_t interrupted, timed_out;

static double now(void)
{
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static void end_program(int signal)
{
  *(signal == SIGALRM ? &timed_out : &interrupted) = 1;
  if (running_group)
    kill(-(pid_t)running_group, SIGKILL);
}

static void catch_signal(int signal) { sigaction(signal, &(struct sigaction){.sa_handler = end_program}, NULL); }

/* A signal that is ignored, as under nohup(1) or in the background of a script, stays ignored. */
void run_catch_interrupt(void)
{
  static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
  struct sigaction before;
  for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
    if (!sigaction(signals[i], NULL, &before) && before.sa_handler != SIG_IGN)
      catch_signal(signals[i]);
}

bool run_interrupted(void) { return interrupted; }

/* An interrupt that came before the group was known is delivered now. */
void run_set_group(pid_t group)
{
  running_group = group;
  if (group && interrupted)
    kill(-group, SIGKILL);
}

static void set_failure(struct run_result *result, const char *format, ...)
{
  if (result->failure[0])
    return;
  va_list args;
  va_start(args, format);
  vsnprintf(result->failure, sizeof result->failure, format, args);
  va_end(args);
}

/* ---- The child ---- */

/* Every run reads the same input: all of standard input if that is a file, else nothing. */
static int open_input(void)
{
  struct stat status;
  if (!fstat(STDIN_FILENO, &status) && S_ISREG(status.st_mode) && !lseek(STDIN_FILENO, 0, SEEK_SET))
    return STDIN_FILENO;
  return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

/* Never returns: becomes the program, or reports errno through `report`. */
static void become_program(const struct run *run, int report)
{
  const struct run_request *request = run->request;
  setpgid(0, 0);
  dup2(open_input(), STDIN_FILENO);
  dup2(request->keep_output ? run->output : open("/dev/null", O_WRONLY | O_CLOEXEC), STDOUT_FILENO);
  dup2(run->errors, STDERR_FILENO);
  bool ready = !request->preload[0] || !preload_set(request->preload);
  ready = ready && (!request->count_calls || count_calls_install());
  if (ready && (run_can_trace() ? !ptrace(PTRACE_TRACEME, 0, NULL, NULL) : !request->count_calls))
    execvp(request->argv[0], request->argv);
  int error = errno;
  if (write(report, &error, sizeof error) < 0)
    _exit(126);
  _exit(127);
}

bool run_can_trace(void)
{
  static int known = -1;
  if (known >= 0)
    return known;
  pid_t pid = fork();
  if (!pid)
    _exit(ptrace(PTRACE_TRACEME, 0, NULL, NULL) ? 1 : 0);
  int status = 1;
  known = pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
  return known;
}

/* Starts the program. When this returns true it stands at its first instruction, if it can be traced. */
static bool start(struct run *run)
{
  int report[2], error = 0, status;
  run_can_trace();
  if (pipe2(report, O_CLOEXEC))
    return set_failure(run->result, "no pipe: %s", strerror(errno)), false;
  run->started = now();
  run->pid = fork();
  if (!run->pid)
    become_program(run, report[1]);
  close(report[1]);
  if (run->pid < 0) {
    close(report[0]);
    return set_failure(run->result, "no process: %s", strerror(errno)), false;
  }
  setpgid(run->pid, run->pid);
  run_set_group(run->pid);
  bool failed = read(report[0], &error, sizeof error) == sizeof error;
  close(report[0]);
  if (failed) {
    waitpid(run->pid, &status, 0);
    run->result->unusable = true;
    set_failure(run->result, "can't run %s: %s", run->request->argv[0], strerror(error));
  }
  return !failed;
}

/* ---- The tracer ---- */

static void resume(pid_t pid, int signal) { ptrace(PTRACE_CONT, pid, NULL, (void *)(long)signal); }

/* Adds the process to the list; returns whether it was new. */
static bool add_traced(struct run *run, pid_t pid)
{
  for (size_t i = 0; i < run->traced_n; i++)
    if (run->traced[i] == pid)
      return false;
  if (run->traced_n < TRACED_MAX)
    run->traced[run->traced_n++] = pid;
  return true;
}

static void remove_traced(struct run *run, pid_t pid)
{
  for (size_t i = 0; i < run->traced_n; i++)
    if (run->traced[i] == pid)
      run->traced[i] = run->traced[--run->traced_n];
}

static void begin_trace(struct run *run)
{
  int status;
  if (waitpid(run->pid, &status, 0) != run->pid || !WIFSTOPPED(status))
    return;
  long options = PTRACE_O_TRACEEXEC | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_EXITKILL;
  options |= run->request->count_calls ? PTRACE_O_TRACESECCOMP | PTRACE_O_TRACECLONE : PTRACE_O_TRACEEXIT;
  ptrace(PTRACE_SETOPTIONS, run->pid, NULL, (void *)options);
  add_traced(run, run->pid);
  run->started = now();
  resume(run->pid, 0);
}

/* The process is stopped at its exit, while its memory is still there. */
static void look_at_exit(struct run *run, pid_t pid)
{
  double *value = run->result->value;
  char path[64];
  struct process_memory memory = process_memory(pid);
  run->others_go_on |= process_has_threads(pid);
  if (value[METRIC_PEAK] >= memory.peak_bytes || isnan(memory.peak_bytes))
    return;
  value[METRIC_PEAK] = memory.peak_bytes;
  value[METRIC_END] = memory.resident_bytes;
  if (run->request->library) {
    snprintf(path, sizeof path, "/proc/%d/exe", (int)pid);
    run->mapped = process_maps_file(pid, run->request->library);
    run->own_malloc = own_malloc(path) != OWN_MALLOC_NONE;
  }
}

static void count_call(struct run *run, unsigned long call)
{
  if (call == CALL_STAGE_MARK)
    run->stage += run->stage + 1 < RUN_STAGES;
  else if (call >= METRIC_BRK && call < METRIC_BRK + RUN_CALLS)
    run->result->calls[run->stage][call - METRIC_BRK]++;
}

static void handle_stop(struct run *run, pid_t pid, int status)
{
  unsigned long message = 0;
  int signal = 0;
  ptrace(PTRACE_GETEVENTMSG, pid, NULL, &message);
  switch (status >> 16) {
  case PTRACE_EVENT_EXIT: {
    double begin = now();
    look_at_exit(run, pid);
    run->stopped += now() - begin;
    break;
  }
  case PTRACE_EVENT_SECCOMP:
    count_call(run, message);
    break;
  case 0:
    /* A new process or thread begins with a SIGSTOP that is ours, not the program's. */
    signal = WSTOPSIG(status);
    if (add_traced(run, pid) && signal == SIGSTOP)
      signal = 0;
    break;
  default:
    break;
  }
  resume(pid, signal);
}

/* Ends what the program left running: the next run must have the machine to itself. */
static void end_leftovers(struct run *run)
{
  kill(-run->pid, SIGKILL);
  for (size_t i = 0; i < run->traced_n; i++)
    kill(run->traced[i], SIGKILL);
  run_set_group(0);
  int status;
  pid_t pid;
  while (run->traced_n && ((pid = waitpid(-1, &status, __WALL)) > 0 || errno == EINTR)) {
    if (pid > 0 && WIFSTOPPED(status))
      resume(pid, 0);
    else if (pid > 0)
      remove_traced(run, pid);
  }
}

/* What the other threads have taken since, the kernel tells in the end; but also what was resident in us when we forked. */
static void mend_peak(struct run *run, const struct rusage *usage)
{
  double *peak = &run->result->value[METRIC_PEAK];
  struct rusage own;
  if (run->others_go_on && !getrusage(RUSAGE_SELF, &own) && usage->ru_maxrss > own.ru_maxrss)
    *peak = fmax(*peak, (double)usage->ru_maxrss * 1024);
}

static int follow(struct run *run)
{
  double *value = run->result->value;
  struct rusage usage;
  for (int status;;) {
    pid_t pid = wait4(-1, &status, __WALL, &usage);
    if (pid < 0 && errno == EINTR)
      continue;
    if (pid < 0)
      return 0;
    if (WIFSTOPPED(status)) {
      handle_stop(run, pid, status);
      continue;
    }
    remove_traced(run, pid);
    if (pid != run->pid)
      continue;
    value[METRIC_WALL] = now() - run->started - run->stopped;
    value[METRIC_CPU] = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                        (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
    mend_peak(run, &usage);
    value[METRIC_FAULTS] = (double)(usage.ru_minflt + usage.ru_majflt);
    value[METRIC_SWITCHES] = (double)(usage.ru_nvcsw + usage.ru_nivcsw);
    return status;
  }
}

/* ---- The verdict ---- */

/* The whole text of a memory file, or NULL. */
static char *read_all(int fd)
{
  struct stat status;
  if (fstat(fd, &status))
    return NULL;
  size_t bytes = (size_t)status.st_size;
  char *text = malloc(bytes + 1);
  ssize_t got = text ? pread(fd, text, bytes, 0) : -1;
  if (got >= 0)
    text[got] = '\0';
  return text;
}

static void fail_with_status(struct run *run, int status)
{
  char *errors = read_all(run->errors), *line = errors ? errors : "";
  size_t length = strlen(line);
  while (length && line[length - 1] == '\n')
    line[--length] = '\0';
  char *last = strrchr(line, '\n');
  line = last ? last + 1 : line;
  const char *colon = line[0] ? ": " : "";
  if (WIFSIGNALED(status))
    set_failure(run->result, "killed by signal %d (%s)%s%s", WTERMSIG(status), strsignal(WTERMSIG(status)), colon,
                line);
  else
    set_failure(run->result, "exit status %d%s%s", WEXITSTATUS(status), colon, line);
  free(errors);
}

static void judge(struct run *run, int status)
{
  const struct run_request *request = run->request;
  const char *program = request->argv[0];
  if (interrupted)
    set_failure(run->result, "interrupted");
  if (timed_out)
    set_failure(run->result, "not done after %u s", request->timeout_s);
  if (status)
    fail_with_status(run, status);
  if (!request->library || request->count_calls || !run_can_trace())
    return;
  if (run->own_malloc)
    set_failure(run->result, "not in use: %s brings its own malloc, which no library replaces", program);
  if (!run->mapped)
    set_failure(run->result,
                "not in use: %s did not load %s (static, set-uid, not to be read, or it clears the environment?)",
                program, request->library);
}

void run_measured(const struct run_request *request, struct run_result *result)
{
  static struct run run;
  run = (struct run){.request = request, .result = result};
  *result = (struct run_result){0};
  for (int i = 0; i < METRICS; i++)
    result->value[i] = NAN;
  run.output = memfd_create("output", MFD_CLOEXEC);
  run.errors = memfd_create("errors", MFD_CLOEXEC);
  timed_out = 0;
  if (request->timeout_s)
    catch_signal(SIGALRM);
  if (start(&run)) {
    alarm(request->timeout_s);
    if (run_can_trace())
      begin_trace(&run);
    int status = follow(&run);
    alarm(0);
    end_leftovers(&run);
    judge(&run, status);
  }
  run_set_group(0);
  if (request->keep_output)
    result->output = read_all(run.output);
  if (request->keep_output && !result->output)
    set_failure(result, "no memory for the program's output");
  close(run.output);
  close(run.errors);
}

void run_result_free(struct run_result *result)
{
  free(result->output);
  result->output = NULL;
}
