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

/* The process by a thread that has its memory. That is the first one, by whose number a process is known, unless it has ended
 * before the others: the kernel then shows nothing by its number, and this is another. */
pid_t process_with_memory(pid_t pid);

/* Whether the process has waited for a child, or has one now. A kernel may not list the latter (CONFIG_PROC_CHILDREN). */
bool process_has_children(pid_t pid);

/* Page faults so far, without input and with it; 0 if the kernel does not say. */
void process_faults(pid_t pid, uint64_t *minor, uint64_t *major);

/* The path of this program's file; "brim" if the kernel does not tell. */
const char *own_path(void);
/* What is at a place counted from the folder of that file; false if nothing is. */
bool own_neighbour(const char *place, char path[PATH_MAX]);

/* The path of a program's file, as smaps has it, where a newline is four letters. False if the kernel does not tell. */
enum { EXECUTABLE_MAX = 4 * PATH_MAX + 1 };
bool process_executable(pid_t pid, char path[EXECUTABLE_MAX]);

/* As ps shows it. */
void process_name(pid_t pid, char *name, size_t size);

/* Memory that programs can still take; NAN if the kernel does not say. */
double system_available_bytes(void);

/* The most that one request can be given for private memory, used or not: under the kernel's usual rule (vm.overcommit_memory
 * is 0) the machine's memory and swap together; under another rule there is no such bound, and this is UINT64_MAX. */
uint64_t system_promise_bytes(void);

/* Whether the file is mapped into the process. */
bool process_maps_file(pid_t pid, const char *path);

#endif
