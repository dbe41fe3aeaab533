/* process.c: reads /proc/PID. */
#define _GNU_SOURCE
#include "process.h"

#include <dirent.h>
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/sysinfo.h>

static FILE *open_file(pid_t pid, const char *name)
{
  char path[NAME_MAX + 64];
  snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
  return fopen(path, "re");
}

/* The number behind `key` in a file of lines "Key:   123 kB", which is closed. */
static double read_kilobytes(FILE *file, const char *key)
{
  if (!file)
    return NAN;
  char line[256];
  unsigned long long number;
  double bytes = NAN;
  while (isnan(bytes) && fgets(line, sizeof line, file))
    if (!strncmp(line, key, strlen(key)) && sscanf(line + strlen(key), " %llu", &number) == 1)
      bytes = (double)number * 1024;
  fclose(file);
  return bytes;
}

struct process_memory process_memory(pid_t pid)
{
  double peak = read_kilobytes(open_file(pid, "status"), "VmHWM:");
  double resident = read_kilobytes(open_file(pid, "smaps_rollup"), "Rss:");
  /* The process may have grown between the two reads, and the kernel counts the first less exactly. */
  return (struct process_memory){.peak_bytes = peak < resident ? resident : peak, .resident_bytes = resident};
}

/* Their number is read as kilobytes. */
bool process_has_threads(pid_t pid) { return read_kilobytes(open_file(pid, "status"), "Threads:") > 1024; }

uint64_t process_resident(pid_t pid)
{
  char line[256];
  unsigned long long kib;
  uint64_t bytes = 0;
  FILE *file = open_file(pid, "status");
  while (file && fgets(line, sizeof line, file))
    if (sscanf(line, "VmRSS: %llu", &kib) == 1 || sscanf(line, "HugetlbPages: %llu", &kib) == 1)
      bytes += (uint64_t)kib << 10;
  if (file)
    fclose(file);
  return bytes;
}

bool process_is_killed(pid_t tid)
{
  char line[256], state = 'R';
  unsigned long long pending = 0;
  FILE *file = open_file(tid, "status");
  while (file && fgets(line, sizeof line, file) && sscanf(line, "SigPnd: %llx", &pending) != 1)
    sscanf(line, "State: %c", &state);
  if (file)
    fclose(file);
  return state == 'Z' || state == 'X' || (pending >> (SIGKILL - 1) & 1);
}

/* statm can be read for every process, even another user's. */
static bool has_memory(pid_t tid)
{
  unsigned long long pages = 0;
  FILE *file = open_file(tid, "statm");
  bool found = file && fscanf(file, "%llu", &pages) == 1 && pages > 0;
  if (file)
    fclose(file);
  return found;
}

pid_t process_with_memory(pid_t pid)
{
  char path[64];
  pid_t found = pid;
  if (has_memory(pid))
    return pid;
  snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
  DIR *threads = opendir(path);
  for (struct dirent *entry; threads && found == pid && (entry = readdir(threads));) {
    pid_t tid = (pid_t)atoi(entry->d_name);
    if (tid > 0 && has_memory(tid))
      found = tid;
  }
  if (threads)
    closedir(threads);
  return found;
}

/* The fields after the name in /proc/PID/stat. The name may hold blanks and ends with a bracket. NULL if there is no process. */
static const char *read_stat(pid_t pid, char text[512])
{
  FILE *file = open_file(pid, "stat");
  char *line = file ? fgets(text, 512, file) : NULL;
  if (file)
    fclose(file);
  char *name_end = line ? strrchr(line, ')') : NULL;
  return name_end ? name_end + 1 : NULL;
}

/* Every process has page faults. The eleventh field counts those of children that were waited for. */
static bool waited_for_children(pid_t pid)
{
  char text[512];
  unsigned long long faults = 0;
  const char *fields = read_stat(pid, text);
  return fields && sscanf(fields, " %*c %*d %*d %*d %*d %*d %*u %*u %llu", &faults) == 1 && faults > 0;
}

void process_faults(pid_t pid, uint64_t *minor, uint64_t *major)
{
  char text[512];
  const char *fields = read_stat(pid, text);
  if (!fields || sscanf(fields, " %*c %*d %*d %*d %*d %*d %*u %" SCNu64 " %*u %" SCNu64, minor, major) != 2)
    *minor = *major = 0;
}

void process_name(pid_t pid, char *name, size_t size)
{
  FILE *file = open_file(pid, "comm");
  if (!file || !fgets(name, (int)size, file))
    snprintf(name, size, "?");
  if (file)
    fclose(file);
  name[strcspn(name, "\n")] = '\0';
}

bool process_has_children(pid_t pid)
{
  char path[64];
  bool found = waited_for_children(pid);
  snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
  DIR *threads = found ? NULL : opendir(path);
  for (struct dirent *entry; threads && !found && (entry = readdir(threads));) {
    char name[sizeof entry->d_name + 16];
    snprintf(name, sizeof name, "task/%s/children", entry->d_name);
    FILE *file = *entry->d_name == '.' ? NULL : open_file(pid, name);
    found = file && fgetc(file) != EOF;
    if (file)
      fclose(file);
  }
  if (threads)
    closedir(threads);
  return found;
}

double system_available_bytes(void) { return read_kilobytes(fopen("/proc/meminfo", "re"), "MemAvailable:"); }

uint64_t system_promise_bytes(void)
{
  struct sysinfo system;
  FILE *file = fopen("/proc/sys/vm/overcommit_memory", "re");
  int rule = file ? fgetc(file) : EOF;
  if (file)
    fclose(file);
  return rule != '0' || sysinfo(&system) ? UINT64_MAX
                                         : (uint64_t)(system.totalram + system.totalswap) * system.mem_unit;
}

bool process_maps_file(pid_t pid, const char *path)
{
  FILE *file = open_file(pid, "maps");
  if (!file)
    return false;
  char line[4608];
  bool found = false;
  while (!found && fgets(line, sizeof line, file)) {
    char *name = strchr(line, '/');
    line[strcspn(line, "\n")] = '\0';
    found = name && !strcmp(name, path);
  }
  fclose(file);
  return found;
}

const char *own_path(void)
{
  static char path[PATH_MAX];
  if (!path[0] && readlink("/proc/self/exe", path, sizeof path - 1) < 0)
    snprintf(path, sizeof path, "brim");
  return path;
}

bool own_neighbour(const char *place, char path[PATH_MAX])
{
  char joined[2 * PATH_MAX];
  const char *self = own_path(), *slash = strrchr(self, '/');
  if (!slash)
    return false;
  snprintf(joined, sizeof joined, "%.*s/%s", (int)(slash - self), self, place);
  return realpath(joined, path) != NULL;
}

bool process_executable(pid_t pid, char path[EXECUTABLE_MAX])
{
  char link[64], target[PATH_MAX];
  snprintf(link, sizeof link, "/proc/%d/exe", (int)pid);
  ssize_t length = readlink(link, target, sizeof target);
  for (ssize_t i = 0; i < length; i++)
    if (target[i] == '\n')
      path = stpcpy(path, "\\012");
    else
      *path++ = target[i];
  *path = '\0';
  return length > 0;
}
