/* own_malloc.c: reads the symbols that an executable has for the loader; a static one has none. A malloc
 * that a program brings, static or not, is Brim's if the file holds a text that is in every libbrim.a. */
#define _GNU_SOURCE /* memmem */
#include "own_malloc.h"

#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* From the line of BRIM_VERBOSE. strip does not remove it. */
static const char mark[] = "brim: active, version ";

static const ElfW(Shdr) * find_section(const ElfW(Ehdr) * elf, uint32_t type)
{
  const ElfW(Shdr) *sections = (const void *)((const char *)elf + elf->e_shoff);
  for (int i = 0; i < elf->e_shnum; i++)
    if (sections[i].sh_type == type)
      return &sections[i];
  return NULL;
}

static bool is_elf(const ElfW(Ehdr) * elf, size_t bytes)
{
  return bytes >= sizeof *elf && !memcmp(elf->e_ident, ELFMAG, SELFMAG) &&
         sizeof(void *) / 4 == elf->e_ident[EI_CLASS] && elf->e_shoff <= bytes &&
         elf->e_shnum * sizeof(ElfW(Shdr)) <= bytes - elf->e_shoff;
}

/* The section with the names of a table's entries; NULL if it or the table is not within the file. */
static const ElfW(Shdr) * find_names(const ElfW(Ehdr) * elf, size_t bytes, const ElfW(Shdr) * table)
{
  if (table->sh_link >= elf->e_shnum)
    return NULL;
  const ElfW(Shdr) *text = &((const ElfW(Shdr) *)((const char *)elf + elf->e_shoff))[table->sh_link];
  bool outside = table->sh_offset > bytes || table->sh_size > bytes - table->sh_offset || text->sh_offset > bytes ||
                 text->sh_size > bytes - text->sh_offset;
  return outside ? NULL : text;
}

/* Whether the file defines `name` as a dynamic symbol. */
static bool defines(const ElfW(Ehdr) * elf, size_t bytes, const ElfW(Shdr) * table, const char *name)
{
  const ElfW(Shdr) *text = find_names(elf, bytes, table);
  if (!text)
    return false;
  const ElfW(Sym) *symbols = (const void *)((const char *)elf + table->sh_offset);
  const char *names = (const char *)elf + text->sh_offset;
  for (size_t i = 0; i < table->sh_size / sizeof *symbols; i++)
    if (symbols[i].st_shndx != SHN_UNDEF && symbols[i].st_name < text->sh_size &&
        !strncmp(names + symbols[i].st_name, name, text->sh_size - symbols[i].st_name))
      return true;
  return false;
}

/* Whether the file needs a sanitizer's library that brings a malloc. */
static bool needs_sanitizer(const ElfW(Ehdr) * elf, size_t bytes)
{
  static const char *const libraries[] = {"libasan.so",       "libhwasan.so",       "liblsan.so",      "libtsan.so",
                                          "libclang_rt.asan", "libclang_rt.hwasan", "libclang_rt.tsan"};
  const ElfW(Shdr) *table = find_section(elf, SHT_DYNAMIC), *text = table ? find_names(elf, bytes, table) : NULL;
  if (!text)
    return false;
  const ElfW(Dyn) *entries = (const void *)((const char *)elf + table->sh_offset);
  for (size_t i = 0; i < table->sh_size / sizeof *entries; i++)
    for (size_t k = 0; k < sizeof libraries / sizeof libraries[0]; k++) {
      size_t length = strlen(libraries[k]), name = entries[i].d_un.d_val;
      if (entries[i].d_tag == DT_NEEDED && name < text->sh_size && length <= text->sh_size - name &&
          !strncmp((const char *)elf + text->sh_offset + name, libraries[k], length))
        return true;
    }
  return false;
}

static enum own_malloc judge(const void *file, size_t bytes)
{
  if (!is_elf(file, bytes))
    return OWN_MALLOC_NONE;
  const ElfW(Shdr) *symbols = find_section(file, SHT_DYNSYM);
  if (symbols && !defines(file, bytes, symbols, "malloc"))
    return needs_sanitizer(file, bytes) ? OWN_MALLOC_SANITIZER : OWN_MALLOC_NONE;
  if (memmem(file, bytes, mark, sizeof mark - 1))
    return OWN_MALLOC_BRIM;
  return symbols ? OWN_MALLOC_OTHER : OWN_MALLOC_NONE;
}

enum own_malloc own_malloc(const char *path)
{
  struct stat status;
  enum own_malloc whose = OWN_MALLOC_NONE;
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return whose;
  if (!fstat(fd, &status) && status.st_size > 0) {
    size_t bytes = (size_t)status.st_size;
    void *file = mmap(NULL, bytes, PROT_READ, MAP_PRIVATE, fd, 0);
    if (file != MAP_FAILED) {
      whose = judge(file, bytes);
      munmap(file, bytes);
    }
  }
  close(fd);
  return whose;
}
