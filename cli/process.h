/* process.h: what the kernel says about a process. */
#ifndef BRIM_CLI_PROCESS_H
#define BRIM_CLI_PROCESS_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct process_memory {
  double peak_bytes, resident_bytes; /* NAN if the kernel does not say */
};
struct process_memory process_memory(pid_t pid);
/* What is resident now, huge pages of hugetlbfs included, at a small cost; 0 if the kernel does not say. */
uint64_t process_resident(pid_t pid);

/* The number under which /proc shows the memory of a process: that of its first thread, which is `pid`, or, if that thread
 * has ended before the others, that of another one. */
pid_t process_with_memory(pid_t pid);

/* Whether the process has waited for a child, or has one now. Kernels without CONFIG_PROC_CHILDREN do not list the latter. */
bool process_has_children(pid_t pid);

/* Whether the thread is a zombie or about to become one, by SIGKILL or because another thread ends the process. */
bool process_is_killed(pid_t tid);

/* Whether it has more than one thread. */
bool process_has_threads(pid_t pid);

/* Page faults so far, without input and with it; 0 if the kernel does not say. */
void process_faults(pid_t pid, uint64_t *minor, uint64_t *major);

/* The path of this program's file; "brim" if the kernel does not tell. */
const char *own_path(void);
/* Finds what is at `place`, a path relative to the folder of that file; false if nothing is there. */
bool own_neighbour(const char *place, char path[PATH_MAX]);

/* The path of a program's file as smaps shows it, with each newline as four letters. False if the kernel does not tell. */
enum { EXECUTABLE_MAX = 4 * PATH_MAX + 1 };
bool process_executable(pid_t pid, char path[EXECUTABLE_MAX]);

/* The name that ps shows. */
void process_name(pid_t pid, char *name, size_t size);

/* Memory that programs can still take; NAN if the kernel does not say. */
double system_available_bytes(void);

/* The most private memory that one request can be granted, used or not. Under the kernel's usual rule (vm.overcommit_memory
 * is 0) that is the machine's memory and swap together; other rules have no such bound, and this returns UINT64_MAX. */
uint64_t system_promise_bytes(void);

/* Whether the file is mapped into the process. */
bool process_maps_file(pid_t pid, const char *path);

#endif
