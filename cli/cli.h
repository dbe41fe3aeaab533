/* cli.h: what the commands of `brim` share. A command is one file, cmd_<name>.c, and one row in commands.def.
 *
 * The command line uses the library's public headers only. */
#ifndef BRIM_CLI_H
#define BRIM_CLI_H

#include <sysexits.h>

/* Runs a command. argv[0] is the command's name; returns the exit code. */
typedef int command_main(int argc, char **argv);

#define COMMAND(name, usage, help) command_main cmd_##name;
#include "commands.def"
#undef COMMAND

/* Prints `brim COMMAND: TEXT` as one line on stderr and returns `code`, for `return fail(EX_USAGE, ...)`. The text says
 * what is wrong and what to do. */
int fail(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The name of the running command, for fail() and for usage lines. */
extern const char *command_name;
/* Prints the usage line of the running command on stderr and returns EX_USAGE. */
int usage(void);

#endif
