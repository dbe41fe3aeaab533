/* sample.c: see sample.h. The stack is read before the lock of record.c is taken: older C libraries take a lock of the
 * loader's to find the unwind tables. */
#include "sample.h"

#include <errno.h>
#include <math.h>
#include <unwind.h>

THREAD_LOCAL struct sampler sampler;

/* Takes the guard: what a signal handler of this thread, or the unwinder, allocates and frees meanwhile is not recorded. */
static bool enter(void)
{
  if (sampler.is_inside)
    return false;
  sampler.is_inside = true;
  __asm__ volatile("" ::: "memory"); /* a handler runs on this thread: the compiler's order is enough */
  return true;
}

static void leave(void)
{
  __asm__ volatile("" ::: "memory");
  sampler.is_inside = false;
}

/* ---- Chance ------------------------------------------------------------------------------------------------------ */

/* Splitmix64. Threads begin at different places, runs at the same ones. */
static uint64_t next_random(void)
{
  uint64_t z = sampler.random += 0x9e3779b97f4a7c15u;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
  z = (z ^ z >> 27) * 0x94d049bb133111ebu;
  return z ^ z >> 31;
}

/* Bytes up to the next sample: geometrically distributed, at least 1; 0 if each block is a sample. */
static uint64_t draw_gap(uint64_t rate)
{
  if (rate <= 1)
    return 0;
  double chance = (double)((next_random() >> 11) + 1) * 0x1p-53;
  return (uint64_t)(-log(chance) * (double)rate) + 1;
}

/* Whether this block is a sample. Draws the distance to the next one. */
static bool is_chosen(size_t size)
{
  static _Atomic uint64_t threads; /* relaxed: only the number counts */
  enum record_state state = record_state();
  if (state != RECORD_ON) {
    sampler.left = state == RECORD_OFF ? UINT64_MAX : 0;
    return false;
  }
  bool chosen = true;
  uint64_t rate = record_rate();
  if (!sampler.has_begun) {
    sampler.has_begun = true;
    sampler.random = add_relaxed(&threads, 1) << 32;
    uint64_t gap = draw_gap(rate);
    chosen = size >= gap;
    sampler.left = gap - size;
  }
  if (chosen)
    sampler.left = draw_gap(rate);
  return chosen;
}

/* ---- The stack --------------------------------------------------------------------------------------------------- */

struct walk {
  uint64_t stack[PROFILE_DEPTH];
  uint32_t depth;
};

/* The bounds of this library's code, by the linker. */
extern const char __ehdr_start[] __attribute__((visibility("hidden")));
extern const char etext[] __attribute__((visibility("hidden")));

static _Unwind_Reason_Code visit(struct _Unwind_Context *context, void *argument)
{
  struct walk *walk = argument;
  int at_instruction = 0; /* 0: the address is where the call returns to, just behind it */
  uintptr_t address = _Unwind_GetIPInfo(context, &at_instruction);
  if (!address)
    return _URC_END_OF_STACK;
  if (address >= (uintptr_t)__ehdr_start && address < (uintptr_t)etext)
    return _URC_NO_REASON;
  walk->stack[walk->depth++] = address - !at_instruction;
  return walk->depth < PROFILE_DEPTH ? _URC_NO_REASON : _URC_END_OF_STACK;
}

/* ---- The interface ----------------------------------------------------------------------------------------------- */

NOINLINE void *sample_block(void *block, size_t size)
{
  if (!block || !enter())
    return block;
  int error = errno;
  if (is_chosen(size)) {
    struct walk walk = {.depth = 0};
    _Unwind_Backtrace(visit, &walk);
    record_add(block, size, walk.stack, walk.depth);
  }
  errno = error;
  leave();
  return block;
}

NOINLINE bool sample_take(void *block, struct record *taken)
{
  if (!enter())
    return false;
  bool found = record_take(block, taken);
  leave();
  return found;
}

NOINLINE void sample_forget(void *block)
{
  struct record taken;
  sample_take(block, &taken);
}

NOINLINE void sample_put_back(const struct record *taken)
{
  if (!enter())
    return;
  record_put_back(taken);
  leave();
}

/* So that the command learns also of a program that allocates nothing. */
__attribute__((constructor)) static void begin(void)
{
  if (!enter())
    return;
  record_state();
  leave();
}
