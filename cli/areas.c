/* areas.c: see areas.h. */
#define _GNU_SOURCE /* reallocarray */
#include "areas.h"
#include "cli.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct area *add_area(struct areas *areas)
{
  if ((areas->count & (areas->count - 1)) == 0) {
    size_t capacity = areas->count ? areas->count * 2 : 1;
    areas->list = realloc(areas->list, capacity * sizeof *areas->list);
    if (!areas->list)
      exit(fail(EX_OSERR, "out of memory; the process has more than %zu areas", areas->count));
  }
  struct area *area = &areas->list[areas->count++];
  *area = (struct area){0};
  return area;
}

/* The kernel lists the areas one by one while the process runs. One that grows after it was listed is listed again. */
static void drop_told_before(struct areas *areas, uint64_t start, uint64_t end)
{
  for (struct area *last; areas->count && (last = &areas->list[areas->count - 1])->end > start && last->start < end;
       areas->count--)
    free(last->path);
}

/* A line such as "7f00-7f10 rw-p 00000000 00:00 0    [heap]". The path may hold blanks. */
static bool parse_head(struct areas *areas, char *line)
{
  unsigned long long start, end;
  char permissions[5];
  int path = -1;
  if (sscanf(line, "%llx-%llx %4s %*x %*x:%*x %*u %n", &start, &end, permissions, &path) != 3 || path < 0 ||
      start >= end)
    return false;
  line[strcspn(line, "\n")] = '\0';
  drop_told_before(areas, start, end);
  struct area *area = add_area(areas);
  area->start = start;
  area->end = end;
  memcpy(area->permissions, permissions, sizeof permissions);
  area->path = strdup(line + path);
  if (!area->path)
    exit(fail(EX_OSERR, "out of memory"));
  return true;
}

/* The bytes of a line "KEY:   123 kB"; 0 if it is of another key. */
static uint64_t field(const char *line, const char *key)
{
  size_t length = strlen(key);
  return !strncmp(line, key, length) && line[length] == ':' ? strtoull(line + length + 1, NULL, 10) << 10 : 0;
}

/* Dirty is what this process has written to. In a private mapping of a file, the kernel also calls pages dirty that the
 * maker of the file (a compiler, an installer) has just written; only the process's own copies count here. Huge pages of
 * hugetlbfs are in none of these fields. All count as dirty: they have been touched, and nobody takes them back. */
static void parse_field(struct areas *areas, const char *line)
{
  struct area *area = &areas->list[areas->count - 1];
  bool own_copies = area->path[0] == '/' && area->permissions[3] == 'p';
  uint64_t huge = field(line, "Private_Hugetlb") + field(line, "Shared_Hugetlb");
  areas->with_sizes |= !strncmp(line, "Rss:", 4);
  area->resident_bytes += field(line, "Rss") + huge;
  area->dirty_bytes +=
      huge + (own_copies ? field(line, "Anonymous") : field(line, "Private_Dirty") + field(line, "Shared_Dirty"));
  area->shared_bytes += field(line, "Shared_Clean") + field(line, "Shared_Dirty");
}

struct areas areas_read(FILE *smaps)
{
  struct areas areas = {0};
  char *line = NULL;
  size_t capacity = 0;
  while (getline(&line, &capacity, smaps) > 0)
    if (!parse_head(&areas, line) && areas.count)
      parse_field(&areas, line);
  free(line);
  return areas;
}

void areas_free(struct areas *areas)
{
  for (size_t i = 0; i < areas->count; i++)
    free(areas->list[i].path);
  free(areas->list);
}

size_t areas_from(const struct areas *areas, uint64_t address)
{
  size_t low = 0, high = areas->count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (areas->list[middle].end <= address)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

/* The file holds "NUMBER ARGUMENTS... SP PC", "-1 SP PC" or "running": the stack pointer is the last word but one. */
static uint64_t stack_pointer_of(pid_t pid, pid_t tid)
{
  char path[64], text[256];
  snprintf(path, sizeof path, "/proc/%d/task/%d/syscall", (int)pid, (int)tid);
  FILE *file = fopen(path, "re");
  if (!file)
    return 0;
  char *line = fgets(text, sizeof text, file);
  fclose(file);
  char *last = line ? strrchr(line, ' ') : NULL;
  if (!last)
    return 0;
  *last = '\0';
  last = strrchr(line, ' ');
  return last ? strtoull(last + 1, NULL, 16) : 0;
}

static int compare_threads(const void *a, const void *b)
{
  uint64_t one = ((const struct thread *)a)->stack_pointer, other = ((const struct thread *)b)->stack_pointer;
  return (one > other) - (one < other);
}

size_t threads_read(pid_t pid, struct thread **threads)
{
  char path[64];
  size_t count = 0, capacity = 0;
  *threads = NULL;
  snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
  DIR *directory = opendir(path);
  for (struct dirent *entry; directory && (entry = readdir(directory));) {
    pid_t tid = (pid_t)atoi(entry->d_name);
    if (tid <= 0)
      continue;
    if (count == capacity) {
      capacity = capacity ? 2 * capacity : 16;
      *threads = reallocarray(*threads, capacity, sizeof **threads);
      if (!*threads)
        exit(fail(EX_OSERR, "out of memory"));
    }
    (*threads)[count++] = (struct thread){tid, stack_pointer_of(pid, tid)};
  }
  if (directory)
    closedir(directory);
  if (count)
    qsort(*threads, count, sizeof **threads, compare_threads);
  return count;
}
