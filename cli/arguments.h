/* arguments.h: the words behind a command, read the same way by every command: a value follows its option in the next word or
 * behind =. */
#ifndef BRIM_CLI_ARGUMENTS_H
#define BRIM_CLI_ARGUMENTS_H

#include <stdbool.h>
#include <sys/types.h>

/* Whether argv[*at] is the option `name`, which needs a value. *value is the text behind =, else the next word, to which *at
 * moves, or NULL at the end. */
bool argument_with_value(char **argv, int *at, const char *name, const char **value);

/* False if the word is no number of a process. */
bool argument_process(const char *word, pid_t *pid);

/* For `return`: the exit code after the line for an option without its value, and for one that there is not. */
int argument_lacks_value(const char *name);
int argument_unknown(const char *word);

#endif
