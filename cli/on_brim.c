/* on_brim.c: see on_brim.h. */
#include "on_brim.h"
#include "cli.h"
#include "elf.h"
#include "naming.h"
#include "own_malloc.h"
#include "process.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The area with the first byte of libbrim.so, or of the program, which may be linked with libbrim.a or libbrim-prefixed.a:
 * the first of the file's areas, as they are in order of address. NULL if there is none. */
static const struct area *find_library(const struct areas *areas)
{
  for (size_t i = 0; i < areas->count; i++)
    if (!strncmp(naming_base(areas->list[i].path), "libbrim.so", 10))
      return &areas->list[i];
  return NULL;
}

static const struct area *find_program(pid_t pid, const struct areas *areas)
{
  char path[EXECUTABLE_MAX];
  bool is_known = process_executable(pid, path);
  for (size_t i = 0; i < areas->count && is_known; i++)
    if (!strcmp(areas->list[i].path, path))
      return &areas->list[i];
  return NULL;
}

/* The path by which this process finds a file that another one has mapped. The kernel shows a path in the other's file systems,
 * but one in ours where chroot() lets the other see only a part of ours. */
static void find_file(pid_t pid, const char *mapped, char path[2 * PATH_MAX])
{
  snprintf(path, 2 * PATH_MAX, "/proc/%d/root%s", (int)pid, mapped);
  if (access(path, F_OK) && !access(mapped, F_OK))
    snprintf(path, 2 * PATH_MAX, "%s", mapped);
}

/* Finds the file that brought Brim there, and opens the target by it. Returns what becomes on->result. */
static int open_target(struct on_brim *on, pid_t shown, const struct areas *areas)
{
  char link[64], path[2 * PATH_MAX];
  snprintf(link, sizeof link, "/proc/%d/exe", (int)shown);
  const struct area *library = find_library(areas), *brim = library ? library : find_program(shown, areas);
  if (!brim)
    return ON_BRIM_NOT;
  snprintf(on->path, sizeof on->path, "%s", brim->path);
  find_file(shown, brim->path, path);
  const char *file = library ? path : link;
  enum peek_result result = target_open(&on->target, shown, file, brim->start - image_address_of(file, 0));
  if (library && result == PEEK_READ && !target_number(&on->target, FIRST_HEAP) &&
      own_malloc(link) == OWN_MALLOC_OTHER)
    return ON_BRIM_OWN_MALLOC;
  bool is_missing = result == PEEK_STRIPPED || result == PEEK_OTHER;
  return !library && is_missing && own_malloc(link) != OWN_MALLOC_BRIM ? ON_BRIM_NOT : (int)result;
}

bool on_brim_find(struct on_brim *on, pid_t pid, const struct areas *areas)
{
  *on = (struct on_brim){.pid = pid};
  on->result = open_target(on, process_with_memory(pid), areas);
  return on->result == PEEK_READ;
}

bool on_brim_open(struct on_brim *on, struct areas *areas, pid_t pid, const char *file)
{
  char path[64];
  pid_t shown = process_with_memory(pid);
  snprintf(path, sizeof path, "/proc/%d/%s", (int)shown, file);
  FILE *text = fopen(path, "re");
  *on = (struct on_brim){.pid = pid, .result = !text && errno == ENOENT ? ON_BRIM_NO_PROCESS : ON_BRIM_UNREADABLE};
  *areas = (struct areas){0};
  if (text) {
    *areas = areas_read(text);
    fclose(text);
  }
  if (areas->count)
    on->result = open_target(on, shown, areas);
  return on->result == PEEK_READ;
}

int on_brim_say(const struct on_brim *on)
{
  int pid = on->pid;
  switch (on->result) {
  case PEEK_READ:
    return 0;
  case PEEK_NO_FILE:
    return fail(EX_NOINPUT, "can't read '%s', which process %d has loaded: it was replaced or removed since",
                on->path, pid);
  case PEEK_STRIPPED:
    return fail(EX_DATAERR, "'%s' has no symbol table (strip removed it), so that nothing can be found in process %d",
                on->path, pid);
  case PEEK_OTHER:
    return fail(EX_DATAERR, "'%s' is of another build of Brim; use the brim command that came with it", on->path);
  case PEEK_FORBIDDEN:
    return fail(EX_NOPERM, "the memory of process %d may not be read; try with sudo", pid);
  case ON_BRIM_NO_PROCESS:
    return fail(EX_NOINPUT, "no process %d; see 'ps'", pid);
  case ON_BRIM_UNREADABLE:
    return fail(EX_NOPERM,
                "the memory of process %d may not be read: it is another user's, the kernel's, or has ended", pid);
  case ON_BRIM_OWN_MALLOC:
    return fail(EX_DATAERR, "process %d brings its own malloc, which no library replaces; 'brim map %d' draws it",
                pid, pid);
  case ON_BRIM_NOT:
    return fail(EX_DATAERR, "process %d does not run on Brim; 'brim map %d' draws any process", pid, pid);
  default:
    return fail(EX_NOINPUT, "process %d has ended meanwhile", pid);
  }
}
