#include "core/reentry.h"

THREAD_LOCAL bool brimi_is_inside, brimi_past_end;
