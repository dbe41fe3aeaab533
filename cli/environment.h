/* environment.h: BRIM_* variables are meant for the programs that the command runs. The command has the library too, to
 * answer questions about options and requests. That copy must not print what the variables ask for, nor complain of a
 * value of which the program's copy will complain. */
#ifndef BRIM_CLI_ENVIRONMENT_H
#define BRIM_CLI_ENVIRONMENT_H

/* Brings back, for the programs that are run, the variables hidden at start. Called once, by main(). */
void environment_restore(void);

/* Prints a line for each BRIM_* that the library does not accept. For commands whose answers depend on the options and that
 * run no program, whose library would say so. */
void environment_warn(void);

/* What BRIM_<name> holds, if the library accepts it; else NULL. */
const char *environment_option(const char *name);

#endif
