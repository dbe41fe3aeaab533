#ifndef BRIM_CLI_PRELOAD_H
#define BRIM_CLI_PRELOAD_H
const char *preload_library(void);
#endif
