/* 6-read-only.c: pitfall: writing to a read-only page, caught and explained
 *
 * docs/learn/6-pitfalls.md */
#define _DEFAULT_SOURCE
#include "lab.h"

#include <setjmp.h>
#include <signal.h>

static sigjmp_buf back;
static volatile int fault_code;
static void *volatile fault_address;

static void on_fault(int number, siginfo_t *info, void *context)
{
  (void)number;
  (void)context;
  fault_code = info->si_code;
  fault_address = info->si_addr;
  siglongjmp(back, 1); /* printf is not allowed here: it could have been printf that was interrupted */
}

/* Writes, and says what came of it. True if the write was done. */
static bool write_to(volatile char *byte)
{
  if (sigsetjmp(back, 1) == 0) {
    *byte = 'w';
    printf("  written\n");
    return true;
  }
  printf("  SIGSEGV at %p: %s\n", fault_address,
         fault_code == SEGV_ACCERR   ? "SEGV_ACCERR, the page is there but may not be used so"
         : fault_code == SEGV_MAPERR ? "SEGV_MAPERR, there is no page"
                                     : "another reason");
  return false;
}

int main(void)
{
  lab_begin();
  picture("before");
  struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
  if (sigaction(SIGSEGV, &action, NULL) != 0)
    give_up("sigaction");
  size_t page = page_size();

  printf("Wrong: to write where only PROT_READ was asked for\n");
  char *memory = mmap_or_exit(page, PROT_READ);
  show_in_map("read-only", memory);
  picture("after");
  expect(!write_to(memory + 7) && fault_code == SEGV_ACCERR, "refused: the page is read-only");
  expect(fault_address == memory + 7, "the signal names the address");

  printf("Wrong: a literal is in such a page too\n");
  char *volatile literal = (char *)(uintptr_t) "text";
  show_in_map("literal", literal);
  expect(!write_to(literal) && fault_code == SEGV_ACCERR, "refused as well");

  printf("Different: a page that is gone\n");
  munmap_or_exit(memory, page);
  expect(!write_to(memory) && fault_code == SEGV_MAPERR, "refused: nothing is mapped there");

  printf("Right: say before that you will write\n");
  memory = mmap_or_exit(page, PROT_READ);
  mprotect_or_exit(memory, page, PROT_READ | PROT_WRITE);
  expect(write_to(memory), "after mprotect the write is done");
  munmap_or_exit(memory, page);
  return lab_end();
}
