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
  uint64_t first, count; /* the pages whose entries are held here */
  uint64_t entries[512];
};

/* False if the system does not let this process read that. */
bool presence_open(struct presence *presence, pid_t pid);
void presence_close(struct presence *presence);

enum page_presence {
  PAGE_ABSENT,
  PAGE_SHARED, /* resident, but not exclusively: a file's, one shared with a relative by fork, or the zero page */
  PAGE_OWN
};
/* Of the page that the address is in. */
enum page_presence presence_of(struct presence *presence, uint64_t address);

#endif
