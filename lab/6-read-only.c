/* 6-read-only.c: pitfall: writing to a read-only page, caught and explained
 *
 * docs/learn/6-pitfalls.md */
#define _DEFAULT_SOURCE
#include "lab.h"

#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>

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
  struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
  sigaction(SIGSEGV, &action, NULL);
  size_t page = page_size();

  printf("Wrong: to write where only PROT_READ was asked for\n");
  char *memory = mmap(NULL, page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    perror("mmap");
    return EXIT_FAILURE;
  }
  show_in_map("read-only", memory);
  expect(!write_to(memory + 7) && fault_code == SEGV_ACCERR, "refused: the page is read-only");
  expect(fault_address == memory + 7, "the signal names the address");

  printf("Wrong: a literal is in such a page too\n");
  char *volatile literal = (char *)(uintptr_t) "text";
  show_in_map("literal", literal);
  expect(!write_to(literal) && fault_code == SEGV_ACCERR, "refused as well");

  printf("Different: a page that is gone\n");
  munmap(memory, page);
  expect(!write_to(memory) && fault_code == SEGV_MAPERR, "refused: nothing is mapped there");

  printf("Right: say before that you will write\n");
  memory = mmap(NULL, page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  mprotect(memory, page, PROT_READ | PROT_WRITE);
  expect(write_to(memory), "after mprotect the write is done");
  munmap(memory, page);
  return lab_end();
}
