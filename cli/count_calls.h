/* count_calls.h: makes the kernel report the system calls that allocators make, and only those (seccomp). */
#ifndef BRIM_CLI_COUNT_CALLS_H
#define BRIM_CLI_COUNT_CALLS_H

#include <stdbool.h>

/* What the tracer reads with PTRACE_GETEVENTMSG: a metric, METRIC_BRK or later, or the mark of a new stage. */
enum { CALL_STAGE_MARK = 255 };

/* In the child, before exec: from now on each of these calls stops for the tracer, which must be there. */
bool count_calls_install(void);

#endif
