/* main.c: finds the command in commands.def and runs it. */
#define _GNU_SOURCE /* vasprintf */
#include "cli.h"
#include "environment.h"
#include "text.h"

#include <brim/brim.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct command {
  const char *name, *usage, *help;
  command_main *run;
};

static const struct command commands[] = {
#define COMMAND(name, usage, help) {#name, usage, help, cmd_##name},
#include "commands.def"
#undef COMMAND
};
enum { COMMANDS = sizeof commands / sizeof commands[0] };

const char *command_name;
static const struct command *running;

int fail(int code, const char *format, ...)
{
  char *text;
  va_list args;
  va_start(args, format);
  if (vasprintf(&text, format, args) < 0)
    text = NULL;
  va_end(args);
  fprintf(stderr, "brim%s%s: ", command_name ? " " : "", command_name ? command_name : "");
  plain_text(stderr, text ? text : "out of memory");
  fputc('\n', stderr);
  free(text);
  return code;
}

int usage(void)
{
  fprintf(stderr, "usage: brim %s %s\n", running->name, running->usage);
  return EX_USAGE;
}

static int show_usage(FILE *out)
{
  fprintf(out, "usage: brim %s %s\n\n%s; 'man brim' has more\n", running->name, running->usage, running->help);
  return 0;
}

/* What was printed may not have arrived: on a full disk, for one. */
static int end(int code)
{
  if (!fflush(stdout) && !ferror(stdout))
    return code;
  fail(EX_IOERR, "can't write to standard output: %s", strerror(errno));
  return code ? code : EX_IOERR;
}

static int help(FILE *out)
{
  fprintf(out, "usage: brim COMMAND ...\n\n");
  for (size_t i = 0; i < COMMANDS; i++)
    fprintf(out, "  brim %s %s\n      %s\n", commands[i].name, commands[i].usage, commands[i].help);
  fprintf(out, "\n  brim help, brim version\n");
  return out == stderr ? EX_USAGE : 0;
}

int main(int argc, char **argv)
{
  environment_restore();
  if (argc < 2)
    return help(stderr);
  const char *name = argv[1];
  if (!strcmp(name, "help") || !strcmp(name, "--help") || !strcmp(name, "-h"))
    return end(help(stdout));
  if (!strcmp(name, "version") || !strcmp(name, "--version"))
    return end(printf("brim %s\n", BRIM_VERSION_STRING) < 0);
  for (size_t i = 0; i < COMMANDS; i++) {
    if (strcmp(name, commands[i].name) != 0)
      continue;
    running = &commands[i];
    command_name = running->name;
    if (argc > 2 && (!strcmp(argv[2], "--help") || !strcmp(argv[2], "-h")))
      return end(show_usage(stdout));
    return end(running->run(argc - 1, argv + 1));
  }
  return fail(EX_USAGE, "there is no command '%s'; 'brim help' lists them", name);
}
