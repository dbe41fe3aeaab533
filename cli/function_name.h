/* function_name.h: the names of C++ functions, as the tools print them. */
#ifndef BRIM_CLI_FUNCTION_NAME_H
#define BRIM_CLI_FUNCTION_NAME_H

#include <stddef.h>

/* How many bytes of the name come before the parameters of the function: all of it, if it has none. */
size_t function_name_length(const char *name);

#endif
