/* tap.h: the Test Anything Protocol for tests in C and C++. prove reads what ok() prints.
 *
 * Nothing here allocates, so that each test decides when the allocator is called for the first time. Only the
 * thread that runs main() reports; children and other threads hand their verdicts back to it. */
#ifndef BRIM_TESTS_TAP_H
#define BRIM_TESTS_TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define TAP_PRINTF(at, first) __attribute__((format(printf, at, first), unused))

static int tap_count, tap_failures;

/* Prints one line on stdout, by write(): stdio would allocate a buffer. */
static void tap_line(const char *head, const char *format, va_list args)
{
  char line[1024];
  int used = snprintf(line, sizeof line, "%s", head);
  used += vsnprintf(line + used, sizeof line - 1 - (size_t)used, format, args);
  if (used > (int)sizeof line - 2)
    used = (int)sizeof line - 2;
  line[used++] = '\n';
  if (write(1, line, (size_t)used) != used)
    _exit(70);
}

/* What prove -v shows, and what explains a failure. */
TAP_PRINTF(1, 2) static void diag(const char *format, ...)
{
  va_list args;
  va_start(args, format);
  tap_line("# ", format, args);
  va_end(args);
}

TAP_PRINTF(2, 3) static bool ok(bool passed, const char *format, ...)
{
  char head[32];
  snprintf(head, sizeof head, "%sok %d - ", passed ? "" : "not ", ++tap_count);
  tap_failures += !passed;
  va_list args;
  va_start(args, format);
  tap_line(head, format, args);
  va_end(args);
  return passed;
}

/* A check that can't be made here, and why. */
TAP_PRINTF(1, 2) static void skip(const char *format, ...)
{
  char head[32];
  snprintf(head, sizeof head, "ok %d # SKIP ", ++tap_count);
  va_list args;
  va_start(args, format);
  tap_line(head, format, args);
  va_end(args);
}

/* Prints the plan, which comes last: prove counts a program that ends before it as failed. */
__attribute__((unused)) static int done_testing(void)
{
  char plan[32];
  int length = snprintf(plan, sizeof plan, "1..%d\n", tap_count);
  if (write(1, plan, (size_t)length) != length)
    return 70;
  return tap_failures != 0;
}

/* Hide a value from the compiler, which knows malloc and would warn of (or remove) what these tests do on purpose. */
__attribute__((unused)) static void *hide(const void *pointer)
{
  __asm__ volatile("" : "+r"(pointer));
  return (void *)(uintptr_t)pointer;
}

__attribute__((unused)) static size_t hide_size(size_t size)
{
  __asm__ volatile("" : "+r"(size));
  return size;
}

/* check-all sets TEST_LONG for the full sizes and counts. */
__attribute__((unused)) static bool long_run(void) { return getenv("TEST_LONG") != NULL; }

/* For checks of memory, in which a sanitizer's own would count, too. It makes everything slower: counts are a tenth. */
#ifdef BRIM_TEST_SANITIZED
#define TAP_SLOW                          10
#define ok_without_sanitizer(passed, ...) ((void)(passed), skip("a sanitizer's own memory counts too"))
#else
#define TAP_SLOW                          1
#define ok_without_sanitizer(passed, ...) ((void)ok(passed, __VA_ARGS__))
#endif

/* ---- Children ---------------------------------------------------------------------------------------------------- */

/* How a child ended: signal (0: none), exit code, and what it wrote to stderr. */
struct ending {
  int signal, code;
  char text[2048];
};

/* What only the child of ended_as() knows of the expected message; in memory shared with the parent. */
struct accused {
  uintptr_t address, block;
  size_t bytes;
};
static volatile struct accused *tap_accused;

/* Runs act(argument) in a child, for `seconds` at most (then it ends by SIGALRM). The child's exit code is what `act`
 * returns. */
__attribute__((unused)) static struct ending ended_as(int (*act)(void *), void *argument, unsigned seconds)
{
  struct ending end;
  int fds[2], status;
  if (!tap_accused)
    tap_accused = (volatile struct accused *)mmap(NULL, sizeof *tap_accused, PROT_READ | PROT_WRITE,
                                                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  memset(&end, 0, sizeof end);
  if (pipe(fds))
    _exit(71);
  pid_t child = fork();
  if (child < 0)
    _exit(71);
  if (!child) {
    dup2(fds[1], 2);
    close(fds[0]);
    close(fds[1]);
    alarm(seconds);
    _exit(act(argument));
  }
  close(fds[1]);
  size_t used = 0;
  for (ssize_t n; used < sizeof end.text - 1 && (n = read(fds[0], end.text + used, sizeof end.text - 1 - used)) > 0;)
    used += (size_t)n;
  close(fds[0]);
  waitpid(child, &status, 0);
  /* An emulator's own line about the signal. */
  char *emulator = strstr(end.text, "qemu: uncaught target signal");
  if (emulator)
    *emulator = 0;
  end.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  end.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return end;
}

/* `pattern` with the accused address for @, the block for #, its bytes for $, the distance of both for ~. */
__attribute__((unused)) static void expected_text(char *text, size_t capacity, const char *pattern)
{
  size_t used = 0;
  for (; *pattern && used + 24 < capacity; pattern++)
    if (*pattern == '@')
      used += (size_t)sprintf(text + used, "%#llx", (unsigned long long)tap_accused->address);
    else if (*pattern == '#')
      used += (size_t)sprintf(text + used, "%#llx", (unsigned long long)tap_accused->block);
    else if (*pattern == '$')
      used += (size_t)sprintf(text + used, "%zu", tap_accused->bytes);
    else if (*pattern == '~')
      used += (size_t)sprintf(text + used, "%zu", (size_t)(tap_accused->address - tap_accused->block));
    else
      text[used++] = *pattern;
  text[used] = 0;
}

/* Whether the child ends by `expected_signal` (0: it goes on and returns 0), and its stderr is exactly what the pattern
 * says. */
__attribute__((unused)) static bool dies_with(int expected_signal, const char *pattern, int (*act)(void *),
                                              void *argument, const char *name)
{
  struct ending end = ended_as(act, argument, 60);
  char expected[2048];
  expected_text(expected, sizeof expected, pattern);
  bool passed = end.signal == expected_signal && (expected_signal || !end.code) && !strcmp(end.text, expected);
  if (!ok(passed, "%s", name)) {
    diag("signal %d, expected %d; exit code %d", end.signal, expected_signal, end.code);
    diag("stderr:   %.900s", end.text);
    diag("expected: %.900s", expected);
  }
  return passed;
}

#endif
