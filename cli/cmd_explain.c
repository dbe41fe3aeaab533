/* cmd_explain.c: `brim explain` says what a request of memory does, step by step: which call serves it, what bounds
 * that, what it takes and what one byte more would change. Nothing is allocated. */
#include "cli.h"
#include "number.h"

#include <brim/brim.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static uint64_t page_bytes(void) { return (uint64_t)sysconf(_SC_PAGESIZE); }

/* Whole pages that hold `size` bytes; the caller has made sure that the sum does not wrap. */
static uint64_t page_count(uint64_t size) { return (size + page_bytes() - 1) / page_bytes(); }

static double per_cent(uint64_t part, uint64_t whole) { return whole ? 100.0 * (double)part / (double)whole : 0; }

static const char *plural(uint64_t n) { return n == 1 ? "" : "s"; }

/* ---- malloc ---- */

static bool find_option(const char *name, struct brim_option *row)
{
  for (size_t i = 0; brim_option_at(i, row); i++)
    if (!strcmp(row->name, name))
      return true;
  return false;
}

static void print_placement_name(const struct brim_placement *place)
{
  if (place->source == BRIM_SOURCE_NONE)
    printf("refused: NULL and ENOMEM");
  else if (place->source == BRIM_SOURCE_MAPPING)
    printf("a mapping of %s bytes", grouped(place->block_bytes));
  else
    printf("a block of %s bytes", grouped(place->block_bytes));
}

static void print_break_block(const struct brim_placement *place)
{
  printf("  source     the break heap, grown by sbrk\n");
  printf("  class      size class %u: blocks of %s bytes\n", place->size_class, grouped(place->block_bytes));
  printf("  slab       %s block%s cut from %s bytes (%s page%s)\n", grouped(place->slab_blocks),
         plural(place->slab_blocks), grouped(place->slab_bytes), grouped(page_count(place->slab_bytes)),
         plural(page_count(place->slab_bytes)));
}

static void print_mapping(const struct brim_placement *place)
{
  uint64_t pages = page_count(place->block_bytes);
  printf("  source     a mapping of its own, by mmap; free may keep it for a while for the next request\n");
  printf("  pages      %s page%s of %s bytes\n", grouped(pages), plural(pages), grouped(page_bytes()));
}

/* The line about the option that divides the two sources, and on which side the size is. */
static void print_threshold(uint64_t size, const struct brim_placement *place)
{
  struct brim_option row;
  if (!find_option("MMAP_THRESHOLD", &row))
    return;
  printf("  threshold  %s bytes (BRIM_MMAP_THRESHOLD, %s): %s is %s\n", grouped((uint64_t)row.value),
         row.value == row.initial ? "the default" : "from the environment", grouped(size),
         place->source == BRIM_SOURCE_BREAK ? "below it" : "not below it");
}

static void malloc_text(uint64_t size, const struct brim_placement *place)
{
  printf("malloc(%s)\n", grouped(size));
  if (place->source == BRIM_SOURCE_NONE) {
    printf("  refused    NULL and ENOMEM: no address space has room for it\n");
    return;
  }
  print_threshold(size, place);
  if (place->source == BRIM_SOURCE_BREAK)
    print_break_block(place);
  else
    print_mapping(place);
  uint64_t unused = place->block_bytes - size;
  printf("  takes      %s bytes, of which %s unused (%.1f %%)\n", grouped(place->block_bytes), grouped(unused),
         per_cent(unused, place->block_bytes));
  struct brim_placement next = brim_place(place->next_size);
  if (place->next_size == size + 1)
    printf("  next       one byte more changes that: ");
  else
    printf("  next       one byte more changes nothing; %s bytes is ", grouped(place->next_size));
  print_placement_name(&next);
  printf("%s\n", next.source != BRIM_SOURCE_MAPPING || place->source == next.source ? "" : ", by mmap");
}

static void malloc_json(uint64_t size, const struct brim_placement *place)
{
  static const char *const sources[] = {"break", "mapping", "none"};
  printf("{\"call\": \"malloc\", \"size\": %" PRIu64 ", \"source\": \"%s\"", size, sources[place->source]);
  if (place->source == BRIM_SOURCE_BREAK)
    printf(", \"size_class\": %u, \"slab_bytes\": %zu, \"slab_blocks\": %zu", place->size_class, place->slab_bytes,
           place->slab_blocks);
  if (place->source == BRIM_SOURCE_MAPPING)
    printf(", \"pages\": %" PRIu64, page_count(place->block_bytes));
  struct brim_option row;
  if (find_option("MMAP_THRESHOLD", &row))
    printf(", \"threshold\": %" PRId64, row.value);
  if (place->source != BRIM_SOURCE_NONE)
    printf(", \"block_bytes\": %zu, \"unused_bytes\": %" PRIu64 ", \"next_size\": %zu", place->block_bytes,
           place->block_bytes - size, place->next_size);
  printf(", \"page_bytes\": %" PRIu64 "}\n", page_bytes());
}

static int explain_malloc(char **sizes, bool json)
{
  uint64_t size;
  const char *wrong = parse_bytes(sizes[0], &size);
  if (wrong)
    return fail(EX_USAGE, "'%s' %s", sizes[0], wrong);
  /* malloc(0) gives a block of the smallest class, as malloc(1) does. */
  struct brim_placement place = brim_place(size ? size : 1);
  (json ? malloc_json : malloc_text)(size, &place);
  return 0;
}

/* ---- mmap ---- */

static int explain_mmap(char **sizes, bool json)
{
  uint64_t size;
  const char *wrong = parse_bytes(sizes[0], &size);
  if (wrong)
    return fail(EX_USAGE, "'%s' %s", sizes[0], wrong);
  /* The kernel refuses both by itself: a length of 0 (EINVAL) and one that no address space can hold (ENOMEM). */
  if (size == 0)
    return fail(EX_USAGE, "mmap refuses a length of 0 with EINVAL; ask for at least one byte");
  if (size > PTRDIFF_MAX)
    return fail(EX_USAGE, "'%s' is more than an address space holds: mmap refuses it with ENOMEM", sizes[0]);
  uint64_t pages = page_count(size), mapped = pages * page_bytes(), unused = mapped - size;
  if (json) {
    printf("{\"call\": \"mmap\", \"size\": %" PRIu64 ", \"page_bytes\": %" PRIu64 ", \"pages\": %" PRIu64
           ", \"mapped_bytes\": %" PRIu64 ", \"unused_bytes\": %" PRIu64 "}\n",
           size, page_bytes(), pages, mapped, unused);
    return 0;
  }
  printf("mmap of %s bytes\n", grouped(size));
  printf("  rounds up  to whole pages of %s bytes (this machine's page size)\n", grouped(page_bytes()));
  printf("  maps       %s bytes, %s page%s\n", grouped(mapped), grouped(pages), plural(pages));
  printf("  unused     %s bytes (%.1f %%), readable and writable like the rest\n", grouped(unused),
         per_cent(unused, mapped));
  printf("  resident   nothing until it is touched: each page is taken by its first use\n");
  if (unused)
    printf("  next       one byte more changes nothing; %s bytes maps %s pages\n", grouped(mapped + 1),
           grouped(pages + 1));
  else
    printf("  next       one byte more maps %s pages\n", grouped(pages + 1));
  return 0;
}

/* ---- sbrk ---- */

static void sbrk_text(uint64_t old_break, uint64_t new_break, const char *sign, uint64_t size)
{
  uint64_t page = page_bytes();
  uint64_t low = old_break < new_break ? old_break : new_break;
  uint64_t high = old_break < new_break ? new_break : old_break;
  uint64_t crossed = page_count(high) - page_count(low);
  printf("sbrk(%s%s) with the break at 0x%" PRIx64 "\n", sign, grouped(size), old_break);
  printf("  returns    0x%" PRIx64 ", the old break\n", old_break);
  printf("  new break  0x%" PRIx64 "\n", new_break);
  printf("  crosses    %s page%s of %s bytes", grouped(crossed), plural(crossed), grouped(page));
  if (crossed)
    printf(", 0x%" PRIx64 " to 0x%" PRIx64 ", %s the heap", page_count(low) * page, page_count(high) * page,
           *sign ? "gone from" : "new in");
  printf("\n");
  if (size && !*sign)
    printf("  yours      0x%" PRIx64 " to 0x%" PRIx64 ", %s bytes; a page is taken when it is first touched\n",
           old_break, new_break, grouped(size));
  if (new_break % page)
    printf("  rest       the last page is used up to byte %s; its other %s bytes are writable but not yours\n",
           grouped(new_break % page), grouped(page - new_break % page));
}

static int explain_sbrk(char **args, bool json)
{
  uint64_t old_break, size;
  bool down = args[1][0] == '-';
  const char *wrong = parse_bytes(args[0], &old_break);
  if (wrong)
    return fail(EX_USAGE, "the break '%s' %s", args[0], wrong);
  wrong = parse_bytes(args[1] + down, &size);
  if (wrong)
    return fail(EX_USAGE, "'%s' %s", args[1], wrong);
  if (down ? size > old_break : size > PTRDIFF_MAX || old_break > (uint64_t)PTRDIFF_MAX - size)
    return fail(EX_USAGE, "the break can't go from 0x%" PRIx64 " by %s: no address space has that address", old_break,
                args[1]);
  uint64_t new_break = down ? old_break - size : old_break + size;
  if (!json) {
    sbrk_text(old_break, new_break, down ? "-" : "", size);
    return 0;
  }
  uint64_t pages =
      down ? page_count(old_break) - page_count(new_break) : page_count(new_break) - page_count(old_break);
  printf("{\"call\": \"sbrk\", \"old_break\": \"0x%" PRIx64 "\", \"increment\": %s%" PRIu64
         ", \"new_break\": \"0x%" PRIx64 "\", \"page_bytes\": %" PRIu64 ", \"pages\": %" PRIu64 "}\n",
         old_break, down ? "-" : "", size, new_break, page_bytes(), pages);
  return 0;
}

int cmd_explain(int argc, char **argv)
{
  static const struct {
    const char *name;
    int arguments;
    int (*run)(char **arguments, bool json);
  } calls[] = {{"malloc", 1, explain_malloc}, {"mmap", 1, explain_mmap}, {"sbrk", 2, explain_sbrk}};
  bool json = argc > 1 && !strcmp(argv[1], "--json");
  argc -= 1 + json;
  argv += 1 + json;
  if (argc > 0 && !strcmp(argv[argc - 1], "--json")) {
    json = true;
    argc--;
  }
  if (argc < 1)
    return usage();
  for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++)
    if (!strcmp(argv[0], calls[i].name))
      return argc == 1 + calls[i].arguments ? calls[i].run(argv + 1, json) : usage();
  return fail(EX_USAGE, "'%s' is no call that can be explained; malloc, mmap and sbrk are", argv[0]);
}
