/* resident.c: see resident.h. The pages of each of Brim's spans are looked up. What they leave of an area that the kernel lists
 * goes by the area's name. */
#include "resident.h"
#include "cli.h"
#include "naming.h"
#include "process.h"

#include "../peek/walk.h"

#include <stdlib.h>
#include <string.h>

/* What Brim has of an area. */
struct claim {
  uint64_t bytes[PLACES];
  unsigned char *pages; /* a bit for each that was seen; NULL before the first */
};

struct accounts {
  struct resident *resident;
  const struct areas *areas;
  struct claim *claims; /* of each area */
  struct presence presence;
  size_t at; /* the area that was found last */
};

static bool is_in(const struct areas *areas, size_t i, uint64_t address)
{
  return i < areas->count && areas->list[i].start <= address && address < areas->list[i].end;
}

/* Finds the area that an address is in; false if it is in none. */
static bool find_area(struct accounts *accounts, uint64_t address)
{
  if (!is_in(accounts->areas, accounts->at, address))
    accounts->at = areas_from(accounts->areas, address);
  return is_in(accounts->areas, accounts->at, address);
}

/* Marks the page as seen. Whether it was for the first time. */
static bool is_new(struct accounts *accounts, size_t area, uint64_t address)
{
  const struct area *whole = &accounts->areas->list[area];
  struct claim *claim = &accounts->claims[area];
  uint64_t page = (address - whole->start) / accounts->presence.page_bytes;
  if (!claim->pages)
    claim->pages = calloc((whole->end - whole->start) / accounts->presence.page_bytes / 8 + 1, 1);
  if (!claim->pages)
    exit(fail(EX_OSERR, "out of memory"));
  bool seen = claim->pages[page / 8] >> page % 8 & 1;
  claim->pages[page / 8] |= (unsigned char)(1 << page % 8);
  return !seen;
}

/* Adds `bytes` of a page that belong to the span, of which `live` are in live blocks. */
static void add_part(struct claim *claim, const struct span_seen *span, uint64_t bytes, uint64_t live)
{
  bool is_mapping = span->kind == SPAN_LARGE && span->of_mapping;
  if (span->kind == SPAN_RECORDS)
    claim->bytes[PLACE_METADATA] += bytes;
  else if (span->kind == SPAN_FREE_RUN)
    claim->bytes[PLACE_HEAP_FREE_RUNS] += bytes;
  else if (is_mapping && !span->live_bytes)
    claim->bytes[PLACE_MAPPINGS_CACHED] += bytes;
  else if (!is_mapping && !live)
    claim->bytes[PLACE_HEAP_FREE_BLOCKS] += bytes;
  else {
    claim->bytes[is_mapping ? PLACE_MAPPINGS_LIVE : PLACE_HEAP_LIVE] += live;
    claim->bytes[is_mapping ? PLACE_MAPPINGS_BESIDE : PLACE_HEAP_BESIDE] += bytes - live;
  }
}

/* The kernel does not count the zero page. In an area without shared bytes, a shared page can only be that one. */
static bool is_counted(struct accounts *accounts, size_t area, uint64_t address)
{
  enum page_presence presence = presence_of(&accounts->presence, address);
  return presence == PAGE_OWN || (presence == PAGE_SHARED && accounts->areas->list[area].shared_bytes);
}

static void account(const struct span_seen *span, void *context)
{
  struct accounts *accounts = context;
  uint64_t page = accounts->presence.page_bytes, end = span->start + span->bytes;
  for (uint64_t from = span->start, to; from < end; from = to) {
    to = from / page * page + page;
    to = to < end ? to : end;
    if (!find_area(accounts, from) || !is_counted(accounts, accounts->at, from))
      continue;
    size_t area = accounts->at;
    bool is_record = span->kind == SPAN_RECORDS, first = is_new(accounts, area, from);
    if (is_record && !first)
      continue;
    uint64_t bytes = is_record ? page : to - from;
    add_part(&accounts->claims[area], span, bytes, span_live_bytes(span, from, to));
  }
}

static enum place place_of(const struct region *region)
{
  switch (region->kind) {
  case REGION_PROGRAM:
  case REGION_FILE:
  case REGION_KERNEL:
    return PLACE_FILES;
  case REGION_LIBRARY:
    return naming_is_brim(region->name) ? PLACE_METADATA : PLACE_FILES;
  case REGION_STACK:
    return PLACE_STACKS;
  case REGION_BRIM:
    return !strcmp(region->name, "Brim: metadata") ? PLACE_METADATA : PLACE_OTHERS;
  default:
    return PLACE_OTHERS;
  }
}

/* Adds what Brim has of an area; returns the rest of its resident bytes. Brim may seem to have more than is resident, if zero
 * pages were taken for shared ones or the process has changed: the excess is taken off the largest counts, most likely wrong. */
static uint64_t settle(struct claim *claim, uint64_t resident_bytes, struct resident *resident)
{
  uint64_t sum = 0;
  for (int i = 0; i < PLACES; i++)
    sum += claim->bytes[i];
  while (sum > resident_bytes) {
    uint64_t *most = &claim->bytes[0];
    for (int i = 1; i < PLACES; i++)
      most = claim->bytes[i] > *most ? &claim->bytes[i] : most;
    uint64_t excess = sum - resident_bytes < *most ? sum - resident_bytes : *most;
    *most -= excess;
    sum -= excess;
  }
  for (int i = 0; i < PLACES; i++)
    resident->bytes[i] += claim->bytes[i];
  return resident_bytes - sum;
}

/* The kernel may show an area of Brim's as one with others, so that only what the walk saw of an area is Brim's. */
static void add_all(struct accounts *accounts, pid_t pid)
{
  struct resident *resident = accounts->resident;
  char executable[EXECUTABLE_MAX];
  bool is_known = process_executable(pid, executable);
  struct naming naming = naming_begin(accounts->areas, is_known ? executable : NULL, pid);
  for (size_t i = 0; i < accounts->areas->count; i++) {
    uint64_t bytes = accounts->areas->list[i].resident_bytes;
    struct region region = {0};
    uint64_t rest = settle(&accounts->claims[i], bytes, resident);
    resident->all += bytes;
    if (!rest)
      continue;
    naming_name(&naming, i, &region);
    resident->bytes[place_of(&region)] += rest;
  }
  naming_end(&naming);
}

static void read_pages(struct on_brim *on, const struct areas *areas, struct resident *resident)
{
  static struct accounts accounts;
  accounts = (struct accounts){.resident = resident, .areas = areas};
  if (!presence_open(&accounts.presence, on->target.pid)) {
    on->result = ON_BRIM_UNREADABLE;
    return;
  }
  accounts.claims = calloc(areas->count, sizeof *accounts.claims);
  if (!accounts.claims)
    exit(fail(EX_OSERR, "out of memory"));
  on->result = peek_walk(&on->target, &accounts.presence, account, &accounts);
  presence_close(&accounts.presence);
  if (on->result == PEEK_READ)
    add_all(&accounts, on->target.pid);
  for (size_t i = 0; i < areas->count; i++)
    free(accounts.claims[i].pages);
  free(accounts.claims);
}

void resident_read(struct on_brim *on, pid_t pid, struct resident *resident)
{
  struct areas areas;
  *resident = (struct resident){0};
  if (on_brim_open(on, &areas, pid, "smaps"))
    read_pages(on, &areas, resident);
  areas_free(&areas);
}
