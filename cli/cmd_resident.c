/* cmd_resident.c: `brim resident` says what each resident byte of a process on Brim is for, or of a program at its end or at its
 * peak. */
#include "arguments.h"
#include "cli.h"
#include "number.h"
#include "observe.h"
#include "preload.h"
#include "process.h"
#include "resident.h"
#include "text.h"

#include <brim/brim.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const struct {
  const char *key, *text;
} places[PLACES] = {
#define PLACE(id, key, text) [PLACE_##id] = {key, text},
#include "places.def"
#undef PLACE
};

struct request {
  bool json, at_peak, is_program;
  char **program; /* and its arguments */
  pid_t pid;
};

/* What is known of a process. */
struct seen {
  struct resident resident;
  char name[64];
  pid_t pid;
  bool is_read;
  bool own_malloc;     /* of a program: it has become one with its own malloc, so that Brim does not serve it */
  bool has_children;   /* of a program: it has started processes, whose memory is not counted */
  uint64_t peak_bytes; /* of a program, as the kernel says at its end, or as was seen; else 0 */
};

/* ---- looking ----------------------------------------------------------------------------------------------------- */

static int look_at_process(const struct request *request, struct seen *seen)
{
  static struct on_brim on;
  resident_read(&on, request->pid, &seen->resident);
  seen->pid = request->pid;
  process_name(request->pid, seen->name, sizeof seen->name);
  return on_brim_say(&on);
}

struct visit {
  const struct request *request;
  struct seen *seen;
};

/* At other moments Brim is not loaded yet. If the process is about to go away, the read fails, and what was seen stays. */
static void visit_program(enum moment moment, pid_t tid, void *context)
{
  static struct on_brim on;
  static struct resident now;
  struct visit *visit = context;
  struct seen *seen = visit->seen;
  if (moment != MOMENT_PEAK && moment != MOMENT_END)
    return;
  resident_read(&on, tid, &now);
  seen->has_children |= moment == MOMENT_END && process_has_children(tid);
  double peak = moment == MOMENT_END ? process_memory(tid).peak_bytes : 0;
  seen->peak_bytes = peak > 0 ? (uint64_t)peak : seen->peak_bytes;
  if (on.result == ON_BRIM_OWN_MALLOC) {
    seen->own_malloc = true;
    seen->is_read = false;
  }
  /* What is hardly larger than what was seen before tells less: mostly, memory has been freed since. */
  bool is_more = !visit->request->at_peak || !seen->is_read || observe_is_more(now.all, seen->resident.all);
  if (on.result != PEEK_READ || !is_more)
    return;
  seen->resident = now;
  seen->is_read = true;
  process_name(tid, seen->name, sizeof seen->name);
}

/* Sets *code to the program's exit code. Returns 0, or our own exit code after a message. */
static int look_at_program(const struct request *request, struct seen *seen, int *code)
{
  char path[PATH_MAX];
  const char *library;
  struct visit visit = {request, seen};
  struct observation how = {
      .at_peak = request->at_peak, .output_aside = request->json, .visit = visit_program, .context = &visit};
  int failed = program_require(request->program[0], path);
  if (!failed)
    failed = preload_require(&library);
  if (!failed)
    failed = preload_brim(library, path);
  if (failed)
    return failed;
  *code = observe(request->program, &how, NULL);
  /* The kernel's count lags behind by a few pages for each processor. */
  if (seen->peak_bytes < seen->resident.all)
    seen->peak_bytes = seen->resident.all;
  if (*code < 0)
    return EX_UNAVAILABLE;
  if (seen->is_read)
    return 0;
  return fail(EX_UNAVAILABLE,
              seen->own_malloc ? "'%s' has become a program that brings its own malloc, which no library replaces"
                               : "'%s' ended before its memory could be read",
              request->program[0]);
}

/* ---- printing ---------------------------------------------------------------------------------------------------- */

static void print_bar(uint64_t part, uint64_t whole)
{
  enum { CELLS = 24 };
  const char *cell = shows_utf8() ? "█" : "#";
  uint64_t cells = (part * CELLS + whole - 1) / whole;
  for (uint64_t i = 0; i < CELLS; i++)
    fputs(i < cells ? cell : " ", stdout);
}

static void print_text(const struct request *request, const struct seen *seen)
{
  const struct resident *resident = &seen->resident;
  uint64_t most = 1;
  plain_text(stdout, seen->name);
  if (seen->pid)
    printf(" (%d)", (int)seen->pid);
  printf(": %s resident%s", brief_bytes(resident->all),
         !request->is_program ? ""
         : request->at_peak   ? " at its peak"
                              : " at its end");
  printf(seen->peak_bytes ? "; its true peak was %s\n" : "\n", brief_bytes(seen->peak_bytes));
  for (int i = 0; i < PLACES; i++)
    most = resident->bytes[i] > most ? resident->bytes[i] : most;
  for (int i = 0; i < PLACES; i++) {
    printf("%7s ", brief_bytes(resident->bytes[i]));
    print_bar(resident->bytes[i], most);
    printf(" %s\n", places[i].text);
  }
  if (seen->has_children)
    printf("It has started other processes, which are not in it.\n");
}

static void print_json(const struct seen *seen)
{
  printf("{\"version\": \"" BRIM_VERSION_STRING "\"");
  if (seen->pid)
    printf(", \"process\": %d", (int)seen->pid);
  printf(", \"program\": ");
  json_string(stdout, seen->name);
  if (seen->peak_bytes)
    printf(", \"resident_peak\": %" PRIu64, seen->peak_bytes);
  printf(", \"resident\": %" PRIu64, seen->resident.all);
  for (int i = 0; i < PLACES; i++)
    printf(", \"%s\": %" PRIu64, places[i].key, seen->resident.bytes[i]);
  printf("%s}\n", seen->has_children ? ", \"has_children\": true" : "");
}

/* ------------------------------------------------------------------------------------------------------------------ */

/* Returns 0, or the exit code of a usage error. */
static int parse(char **argv, struct request *request)
{
  int at = 1;
  for (; argv[at] && *argv[at] == '-' && !request->is_program; at++) {
    if (!strcmp(argv[at], "--json"))
      request->json = true;
    else if (!strcmp(argv[at], "--at-peak"))
      request->at_peak = true;
    else if (!strcmp(argv[at], "--"))
      request->is_program = true;
    else
      return argument_unknown(argv[at]);
  }
  request->program = argv + at;
  if (!argv[at] || (!request->is_program && argv[at + 1]))
    return usage();
  if (request->at_peak && !request->is_program)
    return fail(EX_USAGE, "--at-peak needs a program to run: brim resident --at-peak -- PROGRAM");
  if (!request->is_program && !argument_process(argv[at], &request->pid))
    return fail(EX_USAGE, "'%s' is no process id; to run a program put -- before it", argv[at]);
  return 0;
}

int cmd_resident(int argc, char **argv)
{
  (void)argc;
  static struct seen seen;
  struct request request = {0};
  int code = 0, failed = parse(argv, &request);
  if (!failed)
    failed = request.is_program ? look_at_program(&request, &seen, &code) : look_at_process(&request, &seen);
  if (failed)
    return failed;
  if (request.json)
    print_json(&seen);
  else
    print_text(&request, &seen);
  return code;
}
