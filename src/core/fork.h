/* fork.h: a fork in a process with threads leaves a working heap in parent and child. */
#ifndef BRIM_FORK_H
#define BRIM_FORK_H

void brimi_fork_init(void);

#endif
