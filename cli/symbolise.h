/* symbolise.h: finds the function, file and line of an address in a process, with the tools of LLVM or binutils. */
#ifndef BRIM_CLI_SYMBOLISE_H
#define BRIM_CLI_SYMBOLISE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A function that is inlined into another has a place of its own at the same address. */
struct place {
  char *function; /* if not known, "libfoo.so+0x123", or "0x7f..." where nothing is mapped */
  char *file;     /* NULL if not known */
  unsigned line;
};
struct symbol {
  uint64_t address;
  const char *module;   /* the file that is mapped there; NULL if none */
  struct place *places; /* the innermost first */
  size_t places_n;      /* at least 1 once they are made */
};
struct symbols; /* opaque */

/* `maps` is the text of /proc/PID/maps, which this takes over, to free it. NULL if memory is out. */
struct symbols *symbols_create(char *maps);
void symbols_free(struct symbols *symbols);
/* symbols_want() asks for an address; symbols_make() looks up all that were asked for and are new. */
void symbols_want(struct symbols *symbols, uint64_t address);
void symbols_make(struct symbols *symbols);
/* The symbol of an address that was looked up, or NULL. */
const struct symbol *symbols_find(const struct symbols *symbols, uint64_t address);
/* Whether names are missing because no tool is installed. */
bool symbols_lack_tool(const struct symbols *symbols);

#endif
