#include "core/sizeclass.h"

struct class_info brimi_classes[CLASSES];
uint32_t brimi_bin_entries;

_Static_assert(CLASS_MAX_BYTES == 131072, "the classes end at the threshold");

/* How many blocks a bin may hold: `bytes_in_bin` of them, but at least as many as programs free and take again by turns. */
static uint16_t blocks_in_bin(size_t bytes_in_bin, size_t bytes, size_t most)
{
  enum { BIN_TURNS = 8 };
  return (uint16_t)min_size(most, max_size(BIN_TURNS, bytes_in_bin / bytes));
}

static uint16_t bin_max(unsigned sc, size_t bytes)
{
  if (brimi_is_wide(sc))
    return blocks_in_bin(BIN_WIDE_BYTES_MAX, bytes, BIN_WIDE_MAX);
  return (uint16_t)max_size(blocks_in_bin(BIN_BYTES_MAX, bytes, BIN_BLOCKS),
                            blocks_in_bin(BIN_TINY_BYTES_MAX, bytes, BIN_TINY_MAX));
}

/* The fewest granules that hold at least MIN_BLOCKS blocks, or one wide block, and leave at most 1/16 over; else
 * those that leave the least part over. */
static unsigned slab_granules(size_t bytes)
{
  enum { MIN_BLOCKS = 8 };
  unsigned best = 0;
  size_t best_waste = 0;
  for (unsigned granules = 1; granules <= SLAB_GRANULES_MAX; granules++) {
    size_t span = (size_t)granules << GRANULE_SHIFT, blocks = span / bytes;
    if (!blocks || (blocks < MIN_BLOCKS && bytes <= 4096))
      continue;
    size_t waste = (span - blocks * bytes) * 1024 / span;
    if (waste <= 64)
      return granules;
    if (!best || waste < best_waste)
      best = granules, best_waste = waste;
  }
  return best;
}

/* A class whose bin never outgrows a tier has the same place in the next. */
static void place_entries(void)
{
  static const uint16_t at[BIN_TIERS] = {0, BIN_TIER_1_AT, BIN_TIER_2_AT};
  static const uint16_t most[BIN_TIERS] = {BIN_TIER_0, BIN_TIER_1, BIN_TINY_MAX};
  for (unsigned tier = 0; tier < BIN_TIERS; tier++) {
    brimi_bin_entries = at[tier];
    for (unsigned sc = 0; sc < CLASSES; sc++) {
      struct class_info *info = &brimi_classes[sc];
      info->entries[tier] = (uint16_t)brimi_bin_entries;
      if (tier && info->bin_max <= most[tier - 1])
        info->entries[tier] = info->entries[tier - 1];
      else
        brimi_bin_entries += min_size(info->bin_max, most[tier]) + 1u;
    }
  }
}

void brimi_sizeclass_init(void)
{
  for (unsigned sc = 0; sc < CLASSES; sc++) {
    size_t bytes = brimi_class_bytes(sc);
    struct class_info *info = &brimi_classes[sc];
    info->bytes = (uint32_t)bytes;
    info->granules = (uint16_t)slab_granules(bytes);
    info->blocks = (uint16_t)(((size_t)info->granules << GRANULE_SHIFT) / bytes);
    info->bin_max = bin_max(sc, bytes);
    info->bin_own = brimi_is_wide(sc) ? 1 : blocks_in_bin(BIN_BYTES, bytes, BIN_BLOCKS);
    info->bin_first = (uint16_t)min_size(BIN_FIRST_BLOCKS, max_size(1, BIN_FIRST_BYTES / bytes));
  }
  place_entries();
}
