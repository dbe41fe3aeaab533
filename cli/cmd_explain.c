/* cmd_explain.c: `brim explain` says what a request for memory does, step by step: which call serves it and within which
 * limits, what it takes, and what one byte more would change. The request itself is not made. */
#include "arguments.h"
#include "cli.h"
#include "environment.h"
#include "number.h"
#include "option.h"
#include "process.h"

#include <brim/brim.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static uint64_t page_bytes(void) { return (uint64_t)sysconf(_SC_PAGESIZE); }

/* Whole pages that hold `size` bytes; the caller has made sure that the sum does not wrap. */
static uint64_t page_count(uint64_t size) { return (size + page_bytes() - 1) / page_bytes(); }

/* The end of a process's address space: the power of two above the stack, which lies close below it. */
static uint64_t address_space(void)
{
  uint64_t end = 1, here = (uint64_t)(uintptr_t)&end;
  while (end < here)
    end *= 2;
  return end;
}

/* Whether the address space has room for a mapping of `size` bytes. It is never empty, so that all of it is too much. */
static bool has_room(uint64_t size) { return size <= address_space() - page_bytes(); }

static double per_cent(uint64_t part, uint64_t whole) { return whole ? 100.0 * (double)part / (double)whole : 0; }

static const char *plural(uint64_t n) { return n == 1 ? "" : "s"; }

/* ---- malloc ---- */

/* The row of an option. All names below are in options.def. */
static struct brim_option option(const char *name)
{
  struct brim_option row;
  option_find(name, &row);
  return row;
}

static const char *origin(const struct brim_option *row)
{
  return row->value == row->initial ? "the default" : "from the environment";
}

/* Whether sbrk works here; under musl and in some sandboxes it never does. */
static bool break_moves(void)
{
  if (sbrk(1) == (void *)-1)
    return false;
  sbrk(-1);
  return true;
}

/* What Brim does with a request, if the system gives it what that takes. */
static struct brim_placement place_of(uint64_t size)
{
  struct brim_placement place = brim_place(size);
  if (place.source == BRIM_SOURCE_MAPPING && (!has_room(size) || place.block_bytes > system_promise_bytes()))
    place.source = BRIM_SOURCE_NONE;
  return place;
}

static void print_threshold(const struct brim_placement *place, uint64_t size)
{
  struct brim_option row = option("MMAP_THRESHOLD");
  const char *side = size >= (uint64_t)row.value          ? "not below it"
                     : place->source == BRIM_SOURCE_BREAK ? "below it"
                                                          : "below it, but no block of the break heap is so large";
  printf("  threshold  %s bytes (BRIM_MMAP_THRESHOLD, %s): %s\n", grouped((uint64_t)row.value), origin(&row), side);
}

static void print_heap_block(const struct brim_placement *place)
{
  struct brim_option use_break = option("BREAK");
  if (!use_break.value)
    printf("  source     the heap of small blocks, grown by mmap (BRIM_BREAK is 0, %s)\n", origin(&use_break));
  else if (!break_moves())
    printf("  source     the heap of small blocks, grown by mmap: sbrk is refused here\n");
  else
    printf("  source     the break heap, grown by sbrk (BRIM_BREAK is 1, %s)\n", origin(&use_break));
  printf("  class      size class %u: blocks of %s bytes (fixed, no option)\n", place->size_class,
         grouped(place->block_bytes));
  printf("  slab       %s block%s cut from %s bytes (%s page%s), %s left over\n", grouped(place->slab_blocks),
         plural(place->slab_blocks), grouped(place->slab_bytes), grouped(page_count(place->slab_bytes)),
         plural(page_count(place->slab_bytes)),
         grouped(place->slab_bytes - (uint64_t)place->slab_blocks * place->block_bytes));
}

/* Says how src/core/large.c keeps it. */
static void print_freed_mapping(void)
{
  struct brim_option delay = option("PURGE_DELAY"), most = option("CACHE_MAX"), share = option("CACHE_SHARE");
  const struct brim_option *none = !delay.value ? &delay : most.value < 2 ? &most : NULL;
  if (none) {
    printf("  freed      unmapped at once (BRIM_%s is %s, %s)\n", none->name, grouped((uint64_t)none->value),
           origin(none));
    return;
  }
  printf("  freed      may be kept for a later request:\n"
         "             for about %s ms (BRIM_PURGE_DELAY, %s),\n"
         "             or longer, while no more than 4 MiB are free (fixed, no option);\n",
         grouped((uint64_t)delay.value), origin(&delay));
  printf("             %s bytes by each thread, as many by all\n"
         "             (half of BRIM_CACHE_MAX, %s),\n"
         "             or by all, if that is more, %s %% of what is mapped\n"
         "             (BRIM_CACHE_SHARE, %s), or what was in use lately\n",
         grouped((uint64_t)most.value / 2), origin(&most), grouped((uint64_t)share.value), origin(&share));
}

static void print_mapping(const struct brim_placement *place)
{
  uint64_t pages = page_count(place->block_bytes);
  printf("  source     a mapping of its own, by mmap\n");
  printf("  pages      %s page%s of %s bytes (this machine's page size, no option)\n", grouped(pages), plural(pages),
         grouped(page_bytes()));
  print_freed_mapping();
}

/* What the next size that is served in another way gets. */
static void print_next(uint64_t size, const struct brim_placement *place)
{
  struct brim_placement next = place_of(place->next_size);
  if (place->next_size == size + 1)
    printf("  next       one byte more changes that: ");
  else
    printf("  next       up to %s bytes the same; one more: ", grouped(place->next_size - 1));
  if (next.source == BRIM_SOURCE_NONE)
    printf("refused: NULL and ENOMEM\n");
  else if (next.source == BRIM_SOURCE_BREAK)
    printf("a block of %s bytes\n", grouped(next.block_bytes));
  else
    printf("a mapping of %s bytes%s\n", grouped(next.block_bytes), place->source == next.source ? "" : ", by mmap");
}

static void malloc_text(uint64_t size, const struct brim_placement *place)
{
  printf("malloc(%s)\n", grouped(size));
  if (place->source == BRIM_SOURCE_NONE) {
    if (has_room(size))
      printf("  refused    NULL and ENOMEM: it is more than memory and swap of this machine,\n"
             "             which are %s bytes (vm.overcommit_memory is 0)\n",
             grouped(system_promise_bytes()));
    else
      printf("  refused    NULL and ENOMEM: no address space has room for it\n");
    return;
  }
  uint64_t unused = place->block_bytes - size;
  print_threshold(place, size);
  if (place->source == BRIM_SOURCE_BREAK)
    print_heap_block(place);
  else
    print_mapping(place);
  printf("  takes      %s bytes, of which %s unused (%.1f %%)\n", grouped(place->block_bytes), grouped(unused),
         per_cent(unused, place->block_bytes));
  print_next(size, place);
}

static void malloc_json(uint64_t size, const struct brim_placement *place)
{
  static const char *const sources[] = {"break", "mapping", "none"};
  struct brim_option threshold = option("MMAP_THRESHOLD");
  struct brim_placement next = place_of(place->next_size);
  printf("{\"call\": \"malloc\", \"size\": %" PRIu64 ", \"source\": \"%s\"", size, sources[place->source]);
  if (place->source == BRIM_SOURCE_BREAK)
    printf(", \"grown_by\": \"%s\", \"size_class\": %u, \"slab_bytes\": %zu, \"slab_blocks\": %zu",
           option("BREAK").value && break_moves() ? "sbrk" : "mmap", place->size_class, place->slab_bytes,
           place->slab_blocks);
  if (place->source == BRIM_SOURCE_MAPPING)
    printf(", \"pages\": %" PRIu64, page_count(place->block_bytes));
  printf(", \"threshold\": %" PRId64 ", \"threshold_from\": \"%s\"", threshold.value,
         threshold.value == threshold.initial ? "default" : "environment");
  if (place->source != BRIM_SOURCE_NONE)
    printf(", \"block_bytes\": %zu, \"unused_bytes\": %" PRIu64
           ", \"next_size\": %zu, \"next_source\": \"%s\", \"next_block_bytes\": %zu",
           place->block_bytes, place->block_bytes - size, place->next_size, sources[next.source], next.block_bytes);
  printf(", \"page_bytes\": %" PRIu64 "}\n", page_bytes());
}

static int explain_malloc(char **sizes, bool json)
{
  uint64_t size;
  const char *wrong = parse_bytes(sizes[0], &size);
  if (wrong)
    return fail(EX_USAGE, "'%s' %s", sizes[0], wrong);
  /* malloc(0) gives a block of the smallest class, as malloc(1) does. */
  struct brim_placement place = place_of(size ? size : 1);
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
  if (!has_room(size))
    return fail(EX_USAGE, "'%s' is more than an address space holds: mmap refuses it with ENOMEM", sizes[0]);
  uint64_t pages = page_count(size), mapped = pages * page_bytes(), unused = mapped - size;
  bool refused = mapped > system_promise_bytes();
  if (json) {
    printf("{\"call\": \"mmap\", \"size\": %" PRIu64 ", \"page_bytes\": %" PRIu64 ", \"pages\": %" PRIu64
           ", \"refused\": %s, \"mapped_bytes\": %" PRIu64 ", \"unused_bytes\": %" PRIu64 "}\n",
           size, page_bytes(), pages, refused ? "true" : "false", mapped, unused);
    return 0;
  }
  printf("mmap of %s byte%s\n", grouped(size), plural(size));
  printf("  rounds up  to whole pages of %s bytes (this machine's page size, no option)\n", grouped(page_bytes()));
  printf("  maps       %s bytes, %s page%s\n", grouped(mapped), grouped(pages), plural(pages));
  if (refused)
    printf("  refused    with ENOMEM, if it is private and writable: memory and swap of this\n"
           "             machine are %s bytes (vm.overcommit_memory is 0)\n",
           grouped(system_promise_bytes()));
  printf("  unused     %s bytes (%.1f %%), readable and writable like the rest\n", grouped(unused),
         per_cent(unused, mapped));
  printf("  resident   nothing until it is touched: each page is taken by its first use\n");
  if (unused)
    printf("  next       one byte more changes nothing; %s bytes map %s pages\n", grouped(mapped + 1),
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
  if (!*sign && new_break % page)
    printf("  next       one byte more crosses no other page; %s bytes cross %s pages\n",
           grouped(size + page - new_break % page + 1), grouped(crossed + 1));
  else if (!*sign)
    printf("  next       one byte more crosses %s page%s\n", grouped(crossed + 1), plural(crossed + 1));
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
  if (down ? size > old_break : size > address_space() || old_break > address_space() - size)
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
  bool json = false;
  int words = 0;
  for (int i = 1; i < argc; i++) {
    if (!strcmp(argv[i], "--json"))
      json = true;
    else if (!strncmp(argv[i], "--", 2))
      return argument_unknown(argv[i]);
    else
      argv[words++] = argv[i];
  }
  if (!words)
    return usage();
  environment_warn();
  for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++)
    if (!strcmp(argv[0], calls[i].name))
      return words == 1 + calls[i].arguments ? calls[i].run(argv + 1, json) : usage();
  return fail(EX_USAGE, "'%s' is no call that can be explained; malloc, mmap and sbrk are", argv[0]);
}
