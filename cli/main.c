/* main.c: finds the command in commands.def and runs it. */
#define _GNU_SOURCE /* vasprintf, O_PATH */
#include "cli.h"
#include "environment.h"
#include "text.h"

#include <brim/brim.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

static const struct {
  const char *commands, *option, *help;
} options[] = {
#define OPTION(commands, option, help) {commands, option, help},
#include "command_options.def"
#undef OPTION
};

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

static void print_usage(FILE *out, const struct command *command)
{
  fprintf(out, "usage: brim %s%s%s\n", command->name, *command->usage ? " " : "", command->usage);
}

int usage(void)
{
  print_usage(stderr, running);
  return EX_USAGE;
}

/* Whether `word` is one of the words in `words`, which blanks separate. */
static bool is_among(const char *words, const char *word)
{
  size_t length = strlen(word);
  for (; *words; words += strcspn(words, " "), words += strspn(words, " "))
    if (strcspn(words, " ") == length && !strncmp(words, word, length))
      return true;
  return false;
}

/* Indented, in lines for a terminal of 80 columns. */
static void print_wrapped(const char *text)
{
  enum { INDENT = 6, WIDTH = 79 };
  int column = INDENT;
  printf("%*s", INDENT - 1, "");
  while (*text) {
    int length = (int)strcspn(text, " ");
    bool fits = column + length < WIDTH || column == INDENT;
    column = (fits ? column : INDENT) + length + 1;
    if (!fits)
      printf("\n%*s", INDENT - 1, "");
    printf(" %.*s", length, text);
    text += length + (text[length] == ' ');
  }
  putchar('\n');
}

static void show_usage(const struct command *command)
{
  print_usage(stdout, command);
  printf("\n%s; 'man brim' has more\n", command->help);
  for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
    if (is_among(options[i].commands, command->name)) {
      printf("\n  %s\n", options[i].option);
      print_wrapped(options[i].help);
    }
}

/* What was printed may not have arrived, on a full disk for example. */
static int end(int code)
{
  if (!fflush(stdout) && !ferror(stdout))
    return code;
  fail(EX_IOERR, "can't write to standard output: %s", strerror(errno));
  return code ? code : EX_IOERR;
}

static void list_commands(FILE *out)
{
  fprintf(out, "usage: brim COMMAND ...\n\n");
  for (size_t i = 0; i < COMMANDS; i++)
    fprintf(out, "  brim %s%s%s\n      %s\n", commands[i].name, *commands[i].usage ? " " : "", commands[i].usage,
            commands[i].help);
}

static const struct command *find_command(const char *name)
{
  for (size_t i = 0; i < COMMANDS; i++)
    if (!strcmp(name, commands[i].name))
      return &commands[i];
  fail(EX_USAGE, "there is no command '%s'; 'brim help' lists them", name);
  return NULL;
}

int cmd_help(int argc, char **argv)
{
  if (argc > 2)
    return usage();
  const struct command *command = argc > 1 ? find_command(argv[1]) : NULL;
  if (command)
    show_usage(command);
  else if (argc == 1)
    list_commands(stdout);
  return argc > 1 && !command ? EX_USAGE : 0;
}

int cmd_version(int argc, char **argv)
{
  (void)argv;
  if (argc > 1)
    return usage();
  printf("brim %s\n", BRIM_VERSION_STRING);
  return 0;
}

static bool asks_for_help(const char *word) { return !strcmp(word, "--help") || !strcmp(word, "-h"); }

/* If standard input, output or error is closed, the next file that is opened would get its number, and what is printed would
 * go into that file. This opens in its place what can't be read or written, as if closed, and what no program inherits. */
static void occupy_closed(void)
{
  int fd;
  do
    fd = open("/", O_PATH | O_CLOEXEC);
  while (fd >= 0 && fd <= STDERR_FILENO);
  if (fd >= 0)
    close(fd);
}

int main(int argc, char **argv)
{
  occupy_closed();
  environment_restore();
  if (argc < 2) {
    list_commands(stderr);
    return EX_USAGE;
  }
  const char *name = asks_for_help(argv[1]) ? "help" : !strcmp(argv[1], "--version") ? "version" : argv[1];
  running = find_command(name);
  if (!running)
    return EX_USAGE;
  command_name = running->name;
  if (argc > 2 && asks_for_help(argv[2])) {
    show_usage(running);
    return end(0);
  }
  return end(running->run(argc - 1, argv + 1));
}
