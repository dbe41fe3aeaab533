/* option.h: the library's options in words: values as a user writes them, and what is wrong with one. */
#ifndef BRIM_CLI_OPTION_H
#define BRIM_CLI_OPTION_H

#include <brim/brim.h>
#include <stdbool.h>

enum { OPTION_TEXT = 64 };

/* The row of that name, without BRIM_; false if there is none. */
bool option_find(const char *name, struct brim_option *row);

/* "128K", "250", "abort". */
const char *option_value(char text[OPTION_TEXT], const struct brim_option *row, int64_t value);

/* What may be written: "1K to 4G", "abort|warn". */
const char *option_range(char text[OPTION_TEXT], const struct brim_option *row);

/* What is wrong with the value and what would be taken, good until the next call; NULL if nothing is. */
const char *option_problem(const char *name, const char *value);

#endif
