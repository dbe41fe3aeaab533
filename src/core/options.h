/* options.h: the options in force. Read once from the environment, before the first block is handed out; constant
 * afterwards but for the two that mallopt sets, so that every thread may read them without care. The rows are in options.def. */
#ifndef BRIM_OPTIONS_H
#define BRIM_OPTIONS_H

#include <brim/brim.h>

#include "base/compiler.h"

struct options {
#define OPTION(name, NAME, type, initial, min, max, choices, help) int64_t name;
#include "core/options.def"
#undef OPTION
};
INTERNAL struct options brimi_options;

enum { MISUSE_ABORT, MISUSE_WARN };
enum { STATS_OFF, STATS_TEXT, STATS_JSON };

/* Reads BRIM_*; an unknown or malformed one gets a warning line and the default. Called once, by init. */
void brimi_options_read(char **environment);
/* Prints the line of BRIM_VERBOSE. */
void brimi_options_announce(const char *library_path);

/* For mallopt, by the name of an option that exists. A value out of its range counts as the nearest one in it. Threads that
 * run already may see it later. */
void brimi_options_set(const char *name, int64_t value);

#endif
