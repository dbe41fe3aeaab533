/* metric.h: the numbers that are kept of every run, from metrics.def. A number that is not known is NAN. */
#ifndef BRIM_CLI_METRIC_H
#define BRIM_CLI_METRIC_H

enum metric_unit { UNIT_SECONDS, UNIT_BYTES, UNIT_COUNT };

enum metric {
#define METRIC(id, key, title, unit, help) METRIC_##id,
#include "metrics.def"
#undef METRIC
  METRICS
};

struct metric_info {
  const char *key, *title, *help;
  enum metric_unit unit;
};
extern const struct metric_info metric_info[METRICS];

#endif
