#include "os/fault.h"

#if defined(BRIM_FAULT_INJECTION) && BRIM_FAULT_INJECTION
#include "base/atomic.h"
#include <string.h>

static const char *const call_names[FAULT_CALLS] = {"brk",     "mmap",  "munmap",    "mremap",
                                                    "madvise", "clone", "membarrier"};

/* every == 0: never. Written once, before threads. `calls` is a plain count: relaxed, no partner. */
static struct {
  unsigned every;
  bool onwards;
  _Atomic unsigned calls;
} faults[FAULT_CALLS];

static const char *parse_rule(const char *text)
{
  for (int call = 0; call < FAULT_CALLS; call++) {
    size_t length = strlen(call_names[call]);
    if (strncmp(text, call_names[call], length) != 0 || text[length] != ':')
      continue;
    text += length + 1;
    faults[call].every = 0;
    while (*text >= '0' && *text <= '9')
      faults[call].every = faults[call].every * 10 + (unsigned)(*text++ - '0');
    faults[call].onwards = *text == '+';
    return text + faults[call].onwards;
  }
  return text + strcspn(text, ",");
}

void brimi_fault_configure(const char *text)
{
  while (*text) {
    text = parse_rule(text);
    text += *text == ',';
  }
}

bool brimi_fault_strikes(enum fault_call call)
{
  if (!faults[call].every)
    return false;
  unsigned n = add_relaxed(&faults[call].calls, 1) + 1;
  return faults[call].onwards ? n >= faults[call].every : n % faults[call].every == 0;
}
#endif
