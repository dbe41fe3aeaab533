/* variables.h: where the variables of an ELF file lie, by its symbol table. */
#ifndef BRIM_PEEK_VARIABLES_H
#define BRIM_PEEK_VARIABLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct variable {
  const char *file; /* the source file of a static variable; NULL: any */
  const char *name;
  uint64_t address, bytes; /* as the file has them; 0 bytes: not found */
};

enum variables_found { VARIABLES_FOUND, VARIABLES_NO_FILE, VARIABLES_NO_TABLE, VARIABLES_MISSING };

/* Fills in `address` and `bytes` of each. */
enum variables_found variables_find(const char *path, struct variable *variables, size_t count);

#endif
