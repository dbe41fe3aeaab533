/* 7-measure.h: runs one allocator of step 7 through the same churn and prints a row about it.
 *
 * The including file defines grab() and give(), takes its memory by more(), and calls measure(). */
#ifndef MEASURE_H
#define MEASURE_H

#include "lab.h"

enum { SLOTS = 4000, STEPS = 60000, PHASES = 4, PHASE_SIZES = 256 };

static void *grab(size_t size);
static void give(void *block);

/* `bytes` more from the system, aligned to 16; NULL if it has none. From the break, or, where that is refused, mapped. */
static inline void *more(size_t bytes)
{
  size_t gap = -(uintptr_t)sbrk(0) % 16;
  char *memory = sbrk((intptr_t)(gap + bytes));
  if (memory == (char *)-1) {
    gap = 0;
    memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
      return NULL;
  }
  return memory + gap;
}

static inline unsigned next_random(void)
{
  static uint32_t state = 2024;
  state = state * 1664525 + 1013904223;
  return state >> 8;
}

/* A program that changes its mind: sizes of 1 to 256 at first, 769 to 1024 at the end. What was cut for the sizes of one
 * phase has to serve in the next one, or lies idle. */
static inline size_t random_size(int step)
{
  unsigned phase = (unsigned)step / (STEPS / PHASES);
  return phase * PHASE_SIZES + 1 + next_random() % PHASE_SIZES;
}

static struct slot {
  unsigned char *block;
  size_t size;
} slots[SLOTS];

/* Both ends of a block carry a mark that only this slot has. */
static inline bool slot_intact(size_t i)
{
  const struct slot *slot = &slots[i];
  return slot->block[0] == (i & 255) && slot->block[slot->size - 1] == (i & 255);
}

static inline bool churn_once(const char *name, int step, size_t *live)
{
  size_t i = next_random() % SLOTS;
  struct slot *slot = &slots[i];
  if (slot->block) {
    if (!slot_intact(i))
      return false;
    give(slot->block);
    *live -= slot->size;
  }
  slot->size = random_size(step);
  slot->block = grab(slot->size);
  if (!slot->block)
    give_up(name);
  slot->block[0] = slot->block[slot->size - 1] = (unsigned char)i;
  *live += slot->size;
  return (uintptr_t)slot->block % 8 == 0;
}

static inline int measure(const char *name)
{
  lab_begin();
  size_t live = 0;
  bool sound = true;
  picture("before");
  memset(slots, 0, sizeof slots); /* so that the table itself is not counted below */
  size_t before = memory_now().resident;
  double start = nanoseconds();
  for (int step = 0; step < STEPS && sound; step++)
    sound = churn_once(name, step, &live);
  double each = (nanoseconds() - start) / STEPS;
  picture("after");
  size_t taken = memory_now().resident - before;
  printf("%-21s %5.0f ns a step, %5zu KiB in use, %6zu KiB taken: %5.2f for 1\n", name, each, live / 1024,
         taken / 1024, (double)taken / (double)live);
  if (!sound)
    expect(false, "blocks are aligned, and keep what was written into them");
  return lab_end();
}

#endif
