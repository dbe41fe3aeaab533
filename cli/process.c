/* process.c: reads /proc/PID. */
#define _GNU_SOURCE
#include "process.h"

#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static FILE *open_file(pid_t pid, const char *name)
{
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
  return fopen(path, "re");
}

/* The number behind `key` in a file of lines "Key:   123 kB", which is closed. */
static double read_kilobytes(FILE *file, const char *key)
{
  if (!file)
    return NAN;
  char line[256];
  unsigned long long number;
  double bytes = NAN;
  while (isnan(bytes) && fgets(line, sizeof line, file))
    if (!strncmp(line, key, strlen(key)) && sscanf(line + strlen(key), " %llu", &number) == 1)
      bytes = (double)number * 1024;
  fclose(file);
  return bytes;
}

struct process_memory process_memory(pid_t pid)
{
  return (struct process_memory){.peak_bytes = read_kilobytes(open_file(pid, "status"), "VmHWM:"),
                                 .resident_bytes = read_kilobytes(open_file(pid, "smaps_rollup"), "Rss:")};
}

double system_available_bytes(void) { return read_kilobytes(fopen("/proc/meminfo", "re"), "MemAvailable:"); }

bool process_maps_file(pid_t pid, const char *path)
{
  FILE *file = open_file(pid, "maps");
  if (!file)
    return false;
  char line[4608];
  bool found = false;
  while (!found && fgets(line, sizeof line, file)) {
    char *name = strchr(line, '/');
    line[strcspn(line, "\n")] = '\0';
    found = name && !strcmp(name, path);
  }
  fclose(file);
  return found;
}

static const ElfW(Shdr) * find_section(const ElfW(Ehdr) * elf, uint32_t type)
{
  const ElfW(Shdr) *sections = (const void *)((const char *)elf + elf->e_shoff);
  for (int i = 0; i < elf->e_shnum; i++)
    if (sections[i].sh_type == type)
      return &sections[i];
  return NULL;
}

/* Whether the mapped ELF file defines `name` as a dynamic symbol. Without dynamic symbols (a static program) nothing can be
 * replaced; that shows in the library not being mapped. */
static bool elf_defines(const ElfW(Ehdr) * elf, size_t bytes, const char *name)
{
  if (bytes < sizeof *elf || memcmp(elf->e_ident, ELFMAG, SELFMAG) != 0 ||
      sizeof(void *) / 4 != elf->e_ident[EI_CLASS] || elf->e_shoff > bytes ||
      elf->e_shnum * sizeof(ElfW(Shdr)) > bytes - elf->e_shoff)
    return false;
  const ElfW(Shdr) *table = find_section(elf, SHT_DYNSYM);
  if (!table || table->sh_link >= elf->e_shnum)
    return false;
  const ElfW(Shdr) *text = &((const ElfW(Shdr) *)((const char *)elf + elf->e_shoff))[table->sh_link];
  if (table->sh_offset > bytes || table->sh_size > bytes - table->sh_offset || text->sh_offset > bytes ||
      text->sh_size > bytes - text->sh_offset)
    return false;
  const ElfW(Sym) *symbols = (const void *)((const char *)elf + table->sh_offset);
  const char *names = (const char *)elf + text->sh_offset;
  for (size_t i = 0; i < table->sh_size / sizeof *symbols; i++)
    if (symbols[i].st_shndx != SHN_UNDEF && symbols[i].st_name < text->sh_size &&
        !strncmp(names + symbols[i].st_name, name, text->sh_size - symbols[i].st_name))
      return true;
  return false;
}

bool process_has_own_malloc(pid_t pid)
{
  char path[64];
  struct stat status;
  snprintf(path, sizeof path, "/proc/%d/exe", (int)pid);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return false;
  bool defines = false;
  if (!fstat(fd, &status) && status.st_size > 0) {
    size_t bytes = (size_t)status.st_size;
    void *file = mmap(NULL, bytes, PROT_READ, MAP_PRIVATE, fd, 0);
    if (file != MAP_FAILED) {
      defines = elf_defines(file, bytes, "malloc");
      munmap(file, bytes);
    }
  }
  close(fd);
  return defines;
}
