/* cmd_run.c: `brim run` becomes the program, with libbrim.so preloaded: exit code and signals are the program's own.
 *
 * If it can't become the program, it says why in one line and ends with a code of sysexits.h. */
#include "arguments.h"
#include "cli.h"
#include "preload.h"
#include "setting.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Asks for statistics of this process, which becomes the program, but not of processes that the program starts. */
static int ask_for_stats(const char *form)
{
  char process[16];
  snprintf(process, sizeof process, "%d", (int)getpid());
  int code = setting_set("STATS", form);
  return code ? code : setting_set("STATS_PID", process);
}

/* Takes the options before the program. Returns 0, with *used the index of the program's word, or the exit code. */
static int take_options(int argc, char **argv, int *used)
{
  int code = 0, i = 1;
  const char *value;
  for (; !code && i < argc && argv[i][0] == '-'; i++) {
    if (!strcmp(argv[i], "--")) {
      i++;
      break;
    }
    if (!strcmp(argv[i], "--stats"))
      code = ask_for_stats("1");
    else if (!strncmp(argv[i], "--stats=", 8))
      code = ask_for_stats(argv[i] + 8);
    else if (argument_with_value(argv, &i, "--set", &value))
      code = value ? setting_assign(value) : argument_lacks_value("--set");
    else
      return argument_unknown(argv[i]);
  }
  *used = i;
  return code;
}

int cmd_run(int argc, char **argv)
{
  int used = 1, code = take_options(argc, argv, &used);
  if (code)
    return code;
  if (used == argc)
    return usage();
  const char *library;
  char *program = argv[used], path[PATH_MAX];
  if ((code = preload_require(&library)) || (code = program_require(program, path)) ||
      (code = preload_brim(library, path)))
    return code;
  execvp(program, argv + used);
  return fail(EX_OSERR, "can't run '%s': %s", program, strerror(errno));
}
