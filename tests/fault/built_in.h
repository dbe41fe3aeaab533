/* built_in.h: whether system calls can be made to fail, as in VARIANT=fault. */
#ifndef BRIM_TESTS_BUILT_IN_H
#define BRIM_TESTS_BUILT_IN_H

#include "os/fault.h"

/* To be called before the first call that is to fail. */
static bool faults_are_built_in(void)
{
  brimi_fault_configure("clone:1");
  bool injects = brimi_fault_strikes(FAULT_CLONE);
  brimi_fault_configure("clone:0");
  return injects;
}

#endif
