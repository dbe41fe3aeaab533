/* format.h: the file that `brim profile` makes and that libbrim-profile.so, in the program, fills in. Both map it, so that
 * what was recorded is there however the program ends. The command owns the first fields, the library the others.
 *
 * Only the process whose pid is in it writes. The command reads the library's fields after that process has ended. */
#ifndef BRIM_PROFILE_FORMAT_H
#define BRIM_PROFILE_FORMAT_H

#include <stdint.h>

/* The environment variable with the path of the file. A name that begins with BRIM_ would be an option of libbrim.so. */
#define PROFILE_VARIABLE "LIBBRIM_PROFILE"

#define PROFILE_MAGIC 0x656c69666f727063ull /* to be raised by one when this layout changes */
enum {
  PROFILE_DEPTH = 48,     /* addresses that are kept of a stack: the innermost */
  PROFILE_BLOCK = 65536,  /* one block, in the unit of profile_sum.blocks */
  PROFILE_OTHER_SITE = 0, /* takes what is allocated when there is no place for another site; has no stack */
};

/* Sums over all blocks, sampled or not, as far as the samples tell. */
struct profile_sum {
  uint64_t bytes;
  uint64_t blocks; /* in units of 1 / PROFILE_BLOCK: a sample stands for a fraction of them */
};

/* A stack that allocated. */
struct profile_site {
  struct profile_sum total, live;
  /* `live` as it was at the heap's peak number `peak_number`. If a later peak has come, `live` has not changed since that
   * one, and is what was live at it (profile_at_peak). */
  struct profile_sum at_peak;
  uint64_t peak_number;
  uint32_t next, depth;
  uint64_t stack[PROFILE_DEPTH]; /* addresses inside the calling instructions, innermost first */
};

struct profile {
  uint64_t magic;
  int32_t pid;
  uint32_t is_on;     /* set by the library when it begins; cleared by the command when another program takes over */
  uint32_t is_short;  /* set by the library when it finds no memory to begin with; cleared likewise */
  uint64_t rate;      /* bytes between two samples, on average; 1: every block is one */
  uint32_t sites_max; /* length of `sites` */
  uint32_t blocks_max;

  uint32_t sites_n;
  uint64_t samples;
  struct profile_sum live, peak;
  uint64_t peak_number;    /* how often the heap was larger than ever before */
  uint64_t other_samples;  /* those at PROFILE_OTHER_SITE */
  struct profile_sum lost; /* what is in `total` and in no other sum, as there was no place for another block */
  struct profile_site sites[];
};

static inline uint64_t profile_file_bytes(uint32_t sites_max)
{
  return sizeof(struct profile) + sites_max * sizeof(struct profile_site);
}

static inline struct profile_sum profile_at_peak(const struct profile *profile, const struct profile_site *site)
{
  return site->peak_number == profile->peak_number ? site->at_peak : site->live;
}

#endif
