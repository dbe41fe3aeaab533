/* elf.c: reads the head of an ELF file or of a script. */
#include "elf.h"

#include <elf.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* As much as the kernel reads of a script's first line. */
enum { HEAD_BYTES = 256 };

static const int own_byte_order = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB : ELFDATA2MSB;

static bool read_at(int fd, void *buffer, size_t bytes, uint64_t offset)
{
  return pread(fd, buffer, bytes, (off_t)offset) == (ssize_t)bytes;
}

/* The path of the loader, from the program headers of a 64-bit file in this machine's byte order. */
static void read_loader(int fd, const Elf64_Ehdr *header, struct image *image)
{
  for (unsigned i = 0; i < header->e_phnum; i++) {
    Elf64_Phdr segment;
    if (!read_at(fd, &segment, sizeof segment, header->e_phoff + i * sizeof segment))
      return;
    if (segment.p_type != PT_INTERP || segment.p_filesz >= sizeof image->interpreter)
      continue;
    if (read_at(fd, image->interpreter, segment.p_filesz, segment.p_offset))
      image->interpreter[segment.p_filesz] = 0;
    else
      image->interpreter[0] = 0;
    return;
  }
}

/* Opens an ELF file of 64 bits in this machine's byte order and reads its header. -1 if it is none. */
static int open_image(const char *path, Elf64_Ehdr *header)
{
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return -1;
  if (read_at(fd, header, sizeof *header, 0) && !memcmp(header->e_ident, ELFMAG, SELFMAG) &&
      header->e_ident[EI_CLASS] == ELFCLASS64 && header->e_ident[EI_DATA] == own_byte_order)
    return fd;
  close(fd);
  return -1;
}

/* Program header number i. */
static bool read_segment(int fd, const Elf64_Ehdr *header, unsigned i, Elf64_Phdr *segment)
{
  return read_at(fd, segment, sizeof *segment, header->e_phoff + i * sizeof *segment);
}

uint64_t image_loaded_bytes(const char *path)
{
  Elf64_Ehdr header;
  Elf64_Phdr segment;
  uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), low = UINT64_MAX, high = 0;
  int fd = open_image(path, &header);
  if (fd < 0)
    return 0;
  bool known = true;
  for (unsigned i = 0; known && i < header.e_phnum; i++) {
    known = read_segment(fd, &header, i, &segment);
    if (known && segment.p_type == PT_LOAD) {
      low = segment.p_vaddr < low ? segment.p_vaddr : low;
      high = segment.p_vaddr + segment.p_memsz > high ? segment.p_vaddr + segment.p_memsz : high;
    }
  }
  close(fd);
  return known && low < high ? high - low / page * page : 0;
}

uint64_t image_address_of(const char *path, uint64_t offset)
{
  Elf64_Ehdr header;
  Elf64_Phdr segment;
  uint64_t address = UINT64_MAX;
  int fd = open_image(path, &header);
  if (fd < 0)
    return address;
  for (unsigned i = 0; i < header.e_phnum && read_segment(fd, &header, i, &segment); i++)
    if (segment.p_type == PT_LOAD && offset >= segment.p_offset && offset - segment.p_offset < segment.p_filesz)
      address = segment.p_vaddr + (offset - segment.p_offset);
  close(fd);
  return address;
}

/* `line` is the text after #!. */
static void parse_script(char *line, struct image *image)
{
  static const char blanks[] = " \t";
  line[strcspn(line, "\n")] = 0;
  line += strspn(line, blanks);
  size_t length = strcspn(line, blanks);
  snprintf(image->interpreter, sizeof image->interpreter, "%.*s", (int)length, line);
  line += length;
  snprintf(image->argument, sizeof image->argument, "%s", line + strspn(line, blanks));
}

void image_read(const char *path, struct image *image)
{
  union {
    char text[HEAD_BYTES + 1];
    Elf64_Ehdr header;
  } head = {0};
  *image = (struct image){.kind = IMAGE_UNREADABLE};
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return;
  ssize_t bytes = pread(fd, head.text, HEAD_BYTES, 0);
  if (bytes >= (ssize_t)sizeof head.header && !memcmp(head.text, ELFMAG, SELFMAG)) {
    image->kind = IMAGE_ELF;
    image->elf_class = head.header.e_ident[EI_CLASS];
    image->byte_order = head.header.e_ident[EI_DATA];
    bool is_own = image->byte_order == own_byte_order;
    image->machine = is_own ? head.header.e_machine : __builtin_bswap16(head.header.e_machine);
    if (image->elf_class == ELFCLASS64 && is_own)
      read_loader(fd, &head.header, image);
  } else if (bytes > 2 && !memcmp(head.text, "#!", 2)) {
    image->kind = IMAGE_SCRIPT;
    parse_script(head.text + 2, image);
  } else if (bytes >= 0) {
    image->kind = IMAGE_OTHER;
  }
  close(fd);
}

const char *machine_name(const struct image *image)
{
  static const struct {
    uint16_t machine;
    const char *name;
  } names[] = {{EM_386, "i386"},    {EM_X86_64, "x86-64"}, {EM_ARM, "arm"},  {EM_AARCH64, "aarch64"},
               {EM_PPC64, "ppc64"}, {EM_RISCV, "riscv"},   {EM_S390, "s390"}};
  static char unknown[32];
  if (image->elf_class == ELFCLASS32 && image->machine == EM_X86_64)
    return "x32";
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    if (names[i].machine == image->machine)
      return names[i].name;
  snprintf(unknown, sizeof unknown, "machine %u", image->machine);
  return unknown;
}
