/* variables.c: reads the symbol table of an ELF file of 64 bits. */
#include "variables.h"

#include <elf.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* A file that is mapped; NULL and 0 if it can't be read. */
struct image {
  const char *bytes;
  size_t size;
};

static struct image map_image(const char *path)
{
  struct image image = {NULL, 0};
  struct stat status;
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return image;
  if (fstat(fd, &status) == 0 && status.st_size > 0) {
    void *bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (bytes != MAP_FAILED)
      image = (struct image){bytes, (size_t)status.st_size};
  }
  close(fd);
  return image;
}

/* `count` things of `each` bytes at `offset`, or NULL if the file is too short for them. */
static const void *part(const struct image *image, uint64_t offset, uint64_t count, size_t each)
{
  return offset <= image->size && count <= (image->size - offset) / each ? image->bytes + offset : NULL;
}

static const Elf64_Ehdr *header_of(const struct image *image)
{
  const Elf64_Ehdr *header = part(image, 0, 1, sizeof *header);
  bool known = header && !memcmp(header->e_ident, ELFMAG, SELFMAG) && header->e_ident[EI_CLASS] == ELFCLASS64;
  return known ? header : NULL;
}

static void match(const Elf64_Sym *entry, const char *name, const char *file, struct variable *variables,
                  size_t count)
{
  for (size_t i = 0; i < count; i++)
    if (!strcmp(variables[i].name, name) && (!variables[i].file || !strcmp(variables[i].file, file))) {
      variables[i].address = entry->st_value;
      variables[i].bytes = entry->st_size;
    }
}

/* In the table, the name of a source file stands before its static variables. */
static void read_table(const Elf64_Sym *entries, size_t n, const char *names, size_t names_size,
                       struct variable *variables, size_t count)
{
  const char *file = "";
  for (size_t i = 0; i < n; i++) {
    if (entries[i].st_name >= names_size)
      continue;
    const char *name = names + entries[i].st_name;
    if (ELF64_ST_TYPE(entries[i].st_info) == STT_FILE)
      file = name;
    else if (ELF64_ST_TYPE(entries[i].st_info) == STT_OBJECT)
      match(&entries[i], name, file, variables, count);
  }
}

static bool find_table(const struct image *image, const Elf64_Ehdr *header, struct variable *variables, size_t count)
{
  const Elf64_Shdr *sections = part(image, header->e_shoff, header->e_shnum, sizeof *sections);
  for (unsigned i = 0; sections && i < header->e_shnum; i++) {
    if (sections[i].sh_type != SHT_SYMTAB || sections[i].sh_link >= header->e_shnum)
      continue;
    const Elf64_Shdr *strings = &sections[sections[i].sh_link];
    size_t n = sections[i].sh_size / sizeof(Elf64_Sym);
    const Elf64_Sym *entries = part(image, sections[i].sh_offset, n, sizeof *entries);
    const char *names = part(image, strings->sh_offset, strings->sh_size, 1);
    if (!entries || !names || !strings->sh_size || names[strings->sh_size - 1])
      continue;
    read_table(entries, n, names, strings->sh_size, variables, count);
    return true;
  }
  return false;
}

enum variables_found variables_find(const char *path, struct variable *variables, size_t count)
{
  struct image image = map_image(path);
  const Elf64_Ehdr *header = header_of(&image);
  enum variables_found found = VARIABLES_NO_FILE;
  if (header)
    found = find_table(&image, header, variables, count) ? VARIABLES_FOUND : VARIABLES_NO_TABLE;
  for (size_t i = 0; found == VARIABLES_FOUND && i < count; i++)
    if (!variables[i].bytes)
      found = VARIABLES_MISSING;
  if (image.bytes)
    munmap((void *)image.bytes, image.size);
  return found;
}
