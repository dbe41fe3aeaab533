/* environment.h: BRIM_* in the environment is meant for the programs that the command runs. The library in the command
 * itself, which answers questions about options and requests, must not print what they ask for, nor refuse what the
 * program's library refuses once more. */
#ifndef BRIM_CLI_ENVIRONMENT_H
#define BRIM_CLI_ENVIRONMENT_H

/* Makes the environment whole again for the programs that are run: called once, by main(). */
void environment_restore(void);

/* A line for each BRIM_* that the library does not take: for commands that answer by the options, and run no program that
 * would say so. */
void environment_warn(void);

/* What BRIM_<name> holds, if the library takes it, or NULL. */
const char *environment_option(const char *name);

#endif
