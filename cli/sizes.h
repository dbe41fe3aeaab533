/* sizes.h: `brim compare SIZE...`: where one block of a size lies under each allocator, and what it costs. */
#ifndef BRIM_CLI_SIZES_H
#define BRIM_CLI_SIZES_H

#include "measure_options.h"

/* Measures and prints; returns the exit code. */
int sizes_compare(struct measure_options *options);

/* The work of a process of ours that is run under an allocator: takes blocks of that size and prints what became of them.
 * With `counted` it marks its stages for the tracer, which takes time. Returns the exit code. */
int sizes_probe(const char *size, bool counted);

/* The stages that the probe marks. */
enum size_stage { STAGE_LOAD, STAGE_FIRST, STAGE_LOOK, STAGE_FREE, STAGE_SECOND, STAGE_REST };

/* Bytes from text such as 64, 128K or 2M; 0 if it is no size. */
size_t sizes_parse(const char *text);

#endif
