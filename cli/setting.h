/* setting.h: options of the library, put into the environment of the program that a command runs. */
#ifndef BRIM_CLI_SETTING_H
#define BRIM_CLI_SETTING_H

/* Sets the option; its name is without BRIM_. 0, or the exit code after fail(). */
int setting_set(const char *name, const char *value);
/* The same for NAME=VALUE, with or without BRIM_ before it. */
int setting_assign(const char *text);

#endif
