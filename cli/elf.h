/* elf.h: what the first bytes of an executable file say about how the kernel will run it. */
#ifndef BRIM_ELF_H
#define BRIM_ELF_H

#include <limits.h>
#include <stdint.h>

enum image_kind {
  IMAGE_ELF,
  IMAGE_SCRIPT, /* begins with #! */
  IMAGE_OTHER,  /* what execvp() hands to /bin/sh */
  IMAGE_UNREADABLE
};

struct image {
  enum image_kind kind;
  /* As in the ELF header. */
  uint8_t elf_class, byte_order;
  uint16_t machine;
  char
      interpreter[PATH_MAX]; /* the loader (PT_INTERP) or what stands after #!; "" if there is none. Not filled in for
                                 an ELF file of another word size or byte order. */
  char argument[256];        /* of a script's interpreter: the rest of the line */
};

void image_read(const char *path, struct image *image);

/* Bytes of address space that an ELF file takes when it is loaded, its bss included: from the first page of its segments
 * to their end. 0 if that can't be told. */
uint64_t image_loaded_bytes(const char *path);

/* The address that the file itself gives to the byte at `offset`, by which debuggers look it up; UINT64_MAX if the byte is
 * in no segment. */
uint64_t image_address_of(const char *path, uint64_t offset);

/* "x86-64", or "machine 42" for one without a name here. Good until the next call. */
const char *machine_name(const struct image *image);

#endif
