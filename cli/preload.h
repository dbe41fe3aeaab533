/* preload.h: finds libbrim.so. */
#ifndef BRIM_PRELOAD_H
#define BRIM_PRELOAD_H

/* The path of libbrim.so: beside this executable (build/), in ../lib from there, or in PREFIX/lib. NULL if there is
 * none. */
const char *preload_library(void);

#endif
