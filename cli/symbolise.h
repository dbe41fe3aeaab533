/* symbolise.h: which function and line of which file an address of a process is, by the tools of binutils or LLVM. */
#ifndef BRIM_CLI_SYMBOLISE_H
#define BRIM_CLI_SYMBOLISE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A function that is inlined into another has a place of its own at the same address. */
struct place {
  char *function; /* "libfoo.so+0x123", or "0x7f..." where nothing is mapped, if it is not known */
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

/* `maps` is the text of /proc/PID/maps, which is taken over. NULL if memory is out. */
struct symbols *symbols_create(char *maps);
void symbols_free(struct symbols *symbols);
/* Asks for an address, then for all of them to be looked up. What was looked up before stays. */
void symbols_want(struct symbols *symbols, uint64_t address);
void symbols_make(struct symbols *symbols);
/* What was made of the address, or NULL. */
const struct symbol *symbols_find(const struct symbols *symbols, uint64_t address);
/* No tool is installed: names are missing for that reason. */
bool symbols_lack_tool(const struct symbols *symbols);

#endif
