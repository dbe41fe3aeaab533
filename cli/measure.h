/* measure.h: runs one program under one allocator and measures it from outside.
 *
 * Wall time is the monotonic clock's; CPU time, faults and context switches are the kernel's account of the process and
 * the children that it waited for. The program is stopped at its exit (ptrace), while its memory is still there, and the
 * kernel is asked for the peak and the present resident set; forked processes are followed, threads are not
 * interrupted. Time spent in such a stop is not counted. System calls are counted in a run of their own, in which nothing
 * else is measured. */
#ifndef BRIM_CLI_MEASURE_H
#define BRIM_CLI_MEASURE_H

#include "metric.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { RUN_STAGES = 8, RUN_CALLS = 6 };

struct run_request {
  char *const *argv;
  const char *preload; /* "" for none */
  const char *library; /* must be mapped when the program exits; NULL: not checked */
  bool keep_output;    /* else standard output is thrown away */
  bool count_calls;    /* count system calls, and measure nothing else */
  unsigned timeout_s;  /* 0: none */
};

struct run_result {
  double value[METRICS];
  /* Calls by metric (from METRIC_BRK) and stage. A program moves on to the next stage by run_next_stage(). */
  uint32_t calls[RUN_STAGES][RUN_CALLS];
  char failure[256]; /* empty if the run is good, else what went wrong */
  bool unusable;     /* the failure is not the allocator's: the program could not be run */
  char *output;      /* what the program printed, if that was asked for; NULL then only with a failure */
};

void run_measured(const struct run_request *request, struct run_result *result);
void run_result_free(struct run_result *result);

/* Called by a program that runs under count_calls: the calls that follow are counted apart. */
void run_next_stage(void);

/* From here on SIGINT, SIGTERM and SIGHUP end only the running program; run_interrupted() says whether one came. */
void run_catch_interrupt(void);
bool run_interrupted(void);
/* Names the process group that these signals end, for a program that is not measured; 0 when it has ended. */
void run_set_group(pid_t group);

/* Whether the kernel lets us stop a program at its exit. If not, the memory numbers are not known. */
bool run_can_trace(void);

#endif
