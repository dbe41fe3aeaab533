/* number.h: sizes as people write them, and bytes as people read them. */
#ifndef BRIM_CLI_NUMBER_H
#define BRIM_CLI_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

/* Parses a size: decimal or 0x hex, then K, M, G or T (each 1024 times the one before), which KiB, MiB, ... spell out;
 * a plain B is allowed. Returns NULL, or what is wrong with the text in words. */
const char *parse_bytes(const char *text, uint64_t *bytes);

/* Both return a string in one of a few static buffers, good until eight more calls: as 1,234,567 and as 1.2M (at most
 * five columns, 1024 to the step). */
const char *grouped(uint64_t value);
const char *brief_bytes(uint64_t bytes);

#endif
