/* stats.h: where every byte is. The numbers are derived from counts that the allocator keeps anyway; rows in stats.def. */
#ifndef BRIM_STATS_H
#define BRIM_STATS_H

#include "base/print.h"
#include <stdint.h>

struct stats {
#define STAT(name, unit, help) uint64_t name;
#include "core/stats.def"
#undef STAT
};
void brimi_stats_read(struct stats *stats);

/* The rows as text, JSON or XML. */
void brimi_stats_print_text(struct text *out);
void brimi_stats_print_json(struct text *out);
void brimi_stats_print_xml(struct text *out);
/* Twice what they take: a thread may have 16 KiB of stack. */
enum { STATS_TEXT_MAX = 4096 };

/* At the end of the program, on stderr, in the form that BRIM_STATS asks for. */
void brimi_stats_report(void);

#endif
