/* presence.c: see presence.h. Bits as in the kernel's Documentation/admin-guide/mm/pagemap.rst. */
#include "presence.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

bool presence_open(struct presence *presence, pid_t pid)
{
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/pagemap", (int)pid);
  presence->fd = open(path, O_RDONLY | O_CLOEXEC);
  presence->page_bytes = (uint64_t)sysconf(_SC_PAGESIZE);
  presence->count = 0;
  return presence->fd >= 0;
}

void presence_close(struct presence *presence) { close(presence->fd); }

enum page_presence presence_of(struct presence *presence, uint64_t address)
{
  const uint64_t present = UINT64_C(1) << 63, exclusive = UINT64_C(1) << 56;
  uint64_t page = address / presence->page_bytes;
  if (page - presence->first >= presence->count) {
    ssize_t bytes =
        pread(presence->fd, presence->entries, sizeof presence->entries, (off_t)(page * sizeof presence->entries[0]));
    presence->first = page;
    presence->count = bytes > 0 ? (uint64_t)bytes / sizeof presence->entries[0] : 0;
  }
  uint64_t entry = presence->count ? presence->entries[page - presence->first] : 0;
  return !(entry & present) ? PAGE_ABSENT : entry & exclusive ? PAGE_OWN : PAGE_SHARED;
}
