/* preload.h: finds libbrim.so and a program, and tells whether the one can be preloaded into the other. */
#ifndef BRIM_PRELOAD_H
#define BRIM_PRELOAD_H

#include <limits.h>

/* The path of libbrim.so: beside this executable (build/), where LIBDIR lies from BINDIR (../lib), or in LIBDIR. NULL if there
 * is none. */
const char *preload_library(void);

/* Fills in where execvp() would find the program. Returns 0 or the errno that execvp() would end with. */
int program_find(const char *name, char path[PATH_MAX]);

/* The same for commands that need the program, or libbrim.so: 0, or the exit code after fail(). */
int program_require(const char *name, char path[PATH_MAX]);
int preload_require(const char **library);

/* Whether the kernel will start the program at `path`, as far as that depends on other files: a script's interpreter, the
 * loader. 0, or the exit code after fail(). */
int program_check(const char *path);

/* Whether the loader will load `library` into the program at `path`, and its malloc will serve it: 0, or the exit code after
 * fail() has said why not. Scripts are followed to what runs them. What can't be read is taken to be fine. */
int preload_check(const char *library, const char *path);

/* Puts the library before what LD_PRELOAD holds. 0, or the exit code after fail(). */
int preload_set(const char *library);

/* Makes the program at `path` run on Brim: preload_check() and preload_set(), unless it is linked with libbrim.a and runs
 * on Brim anyway. 0, or the exit code after fail(). */
int preload_brim(const char *library, const char *path);

#endif
