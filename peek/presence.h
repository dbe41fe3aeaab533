/* presence.h: which pages of another process are resident, by /proc/PID/pagemap. */
#ifndef BRIM_PEEK_PRESENCE_H
#define BRIM_PEEK_PRESENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct presence {
  int fd;
  uint64_t page_bytes;
  uint64_t first, count; /* the pages whose entries are here */
  uint64_t entries[512];
};

/* False if the system does not let this process see it. */
bool presence_open(struct presence *presence, pid_t pid);
void presence_close(struct presence *presence);

enum page_presence {
  PAGE_ABSENT,
  PAGE_SHARED, /* resident, and not this process's alone: of a file, of a relative by fork, or the page that all zeroes share */
  PAGE_OWN
};
/* Of the page that the address is in. */
enum page_presence presence_of(struct presence *presence, uint64_t address);

#endif
