/* arguments.h: the words after a command, which every command reads in the same way. The value of an option is the next
 * word, or follows = in the same one. */
#ifndef BRIM_CLI_ARGUMENTS_H
#define BRIM_CLI_ARGUMENTS_H

#include <stdbool.h>
#include <sys/types.h>

/* Whether argv[*at] is the option `name`, which needs a value. Sets *value to the text after =, or else to the next word,
 * to which *at moves; NULL if there is none. */
bool argument_with_value(char **argv, int *at, const char *name, const char **value);

/* False if the word is not the number of a process. */
bool argument_process(const char *word, pid_t *pid);

/* For `return`: print a line about an option that lacks its value, or that does not exist, and return the exit code. */
int argument_lacks_value(const char *name);
int argument_unknown(const char *word);

#endif
