/* cmd_map.c: `brim map` draws the memory of a process, of a program at its end or at its peak, or of a saved smaps. */
#include "arguments.h"
#include "cli.h"
#include "draw.h"
#include "layout.h"
#include "observe.h"
#include "outfile.h"
#include "preload.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct request {
  bool json, brief, at_peak, on_brim;
  const char *svg;   /* file to draw to, or NULL */
  const char *smaps; /* saved file to read, or NULL */
  char **rest;       /* PID, or PROGRAM ARGUMENTS after -- */
  bool is_program;
};

/* Whether the word is an option without a value; sets it if so. */
static bool read_flag(const char *word, struct request *request)
{
  const struct {
    const char *name;
    bool *flag;
  } flags[] = {{"--json", &request->json},
               {"--brief", &request->brief},
               {"--at-peak", &request->at_peak},
               {"--brim", &request->on_brim},
               {"--", &request->is_program}};
  for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++)
    if (!strcmp(word, flags[i].name))
      return *flags[i].flag = true;
  return false;
}

/* Returns 0, or the exit code of a usage error. */
static int parse_options(char **argv, struct request *request)
{
  int at = 1;
  for (; argv[at] && argv[at][0] == '-' && !request->is_program; at++) {
    const char **value = NULL, *name = argv[at];
    if (read_flag(argv[at], request))
      continue;
    if (argument_with_value(argv, &at, "--svg", &request->svg))
      value = &request->svg;
    else if (argument_with_value(argv, &at, "--smaps", &request->smaps))
      value = &request->smaps;
    if (!value)
      return argument_unknown(name);
    if (!*value)
      return argument_lacks_value(name);
  }
  request->rest = argv + at;
  size_t words = 0;
  while (request->rest[words])
    words++;
  if (request->smaps ? words > 0 || request->is_program : request->is_program ? words < 1 : words != 1)
    return usage();
  if ((request->at_peak || request->on_brim) && !request->is_program)
    return fail(EX_USAGE, "--at-peak and --brim need a program to run: brim map --at-peak -- PROGRAM");
  int code = request->svg ? outfile_check(request->svg) : 0;
  return code ? code : outfile_check_both(request->json ? "-" : NULL, request->svg);
}

static int map_pid(const struct request *request, struct layout *layout)
{
  pid_t pid;
  if (!argument_process(request->rest[0], &pid))
    return fail(EX_USAGE, "'%s' is no process id; to run a program put -- before it", request->rest[0]);
  int error = layout_of(layout, pid, request->brief);
  if (error == ESRCH)
    return fail(EX_NOINPUT, "no process %d with memory of its own: it has ended, or is the kernel's; see 'ps'",
                (int)pid);
  if (error == EACCES || error == EPERM)
    return fail(EX_NOPERM, "process %d may not be read: it is another user's or protects itself; try with sudo",
                (int)pid);
  if (error)
    return fail(EX_IOERR, "can't read /proc/%d/smaps: %s", (int)pid, strerror(error));
  return 0;
}

static int map_file(const struct request *request, struct layout *layout)
{
  FILE *smaps = fopen(request->smaps, "re");
  if (!smaps)
    return fail(EX_NOINPUT, "can't read '%s': %s", request->smaps, strerror(errno));
  bool found = layout_read(layout, smaps, NULL, 0, request->brief);
  fclose(smaps);
  return found ? 0 : fail(EX_DATAERR, "'%s' is no copy of smaps; save one with: cat /proc/PID/smaps", request->smaps);
}

/* Makes the program find Brim when it starts, and Brim name its mappings. Returns 0, or the exit code after a message. */
static int put_on_brim(const char *path)
{
  const char *library;
  int failed = preload_require(&library);
  if (failed)
    return failed;
  setenv("BRIM_NAME_MAPPINGS", "1", 1);
  return preload_brim(library, path);
}

/* Sets *code to the program's exit code. Returns 0, or our own exit code after a message. */
static int map_program(const struct request *request, struct layout *layout, int *code)
{
  bool svg_to_stdout = request->svg && outfile_descriptor(request->svg) == STDOUT_FILENO;
  struct observation how = {
      .at_peak = request->at_peak, .brief = request->brief, .output_aside = request->json || svg_to_stdout};
  char path[PATH_MAX];
  int failed = program_require(request->rest[0], path);
  if (!failed)
    failed = request->on_brim ? put_on_brim(path) : program_check(path);
  if (failed)
    return failed;
  *code = observe(request->rest, &how, layout);
  return *code < 0 ? EX_UNAVAILABLE : 0;
}

static int show(const struct request *request, const struct layout *layout)
{
  char title[sizeof layout->program + 32];
  snprintf(title, sizeof title, "Memory of %s%s", layout->program,
           !request->is_program ? ""
           : request->at_peak   ? " at its peak"
                                : " at its end");
  if (request->json)
    draw_json(stdout, layout);
  else if (!request->svg)
    draw_text(stdout, layout, NULL);
  return request->svg ? draw_svg(request->svg, layout, NULL, title) : 0;
}

int cmd_map(int argc, char **argv)
{
  (void)argc;
  struct request request = {0};
  struct layout layout = {0};
  int code = 0, failed = parse_options(argv, &request);
  if (failed)
    return failed;
  if (request.is_program)
    failed = map_program(&request, &layout, &code);
  else
    failed = request.smaps ? map_file(&request, &layout) : map_pid(&request, &layout);
  if (!failed)
    failed = show(&request, &layout);
  layout_free(&layout);
  return failed ? failed : code;
}
