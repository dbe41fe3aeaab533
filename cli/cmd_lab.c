/* cmd_lab.c: `brim lab` lists the lab's steps, or builds one with the machine's C compiler, runs it, and draws the memory of
 * which it has kept pictures.
 *
 * A step N is the files lab/N-*.c, one program each, in the order of their names. If there is an N-*.sh, it runs in
 * their place, once they are built. The first line of a file says what it shows. */
#define _GNU_SOURCE
#include "arguments.h"
#include "cli.h"
#include "draw.h"
#include "layout.h"
#include "measure.h"
#include "preload.h"
#include "process.h"
#include "scratch.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { INTERRUPTED = 130 };

struct lab {
  char sources[PATH_MAX];
  char scratch[PATH_MAX]; /* built programs and pictures; removed at the end */
  const char *plot;       /* folder for the SVG files, or NULL */
};

static bool is_lab(const char *folder)
{
  char file[PATH_MAX + 64];
  snprintf(file, sizeof file, "%s/lab.h", folder);
  return access(file, R_OK) == 0;
}

/* The lab of this checkout (build/brim, build/VARIANT/brim) or of this installation (PREFIX/bin/brim). */
static bool find_sources(char folder[PATH_MAX])
{
  static const char *const places[] = {"../lab", "../../lab", "../share/brim/lab"};
  for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
    if (own_neighbour(places[i], folder) && is_lab(folder))
      return true;
  return realpath(BRIM_PREFIX "/share/brim/lab", folder) && is_lab(folder);
}

/* ---- which files ---- */

static int is_step_file(const struct dirent *entry)
{
  const char *name = entry->d_name, *dot = strrchr(name, '.');
  return name[0] >= '1' && name[0] <= '9' && name[1] == '-' && dot && (!strcmp(dot, ".c") || !strcmp(dot, ".sh"));
}

static bool is_script(const char *name) { return !strcmp(strrchr(name, '.'), ".sh"); }

/* Whether a file belongs to what was asked for: a step ("6") or one of its programs ("6-leak"). */
static bool is_asked_for(const char *name, const char *step)
{
  size_t length = strlen(step);
  return !strncmp(name, step, length) && (length == 1 ? name[1] == '-' : name[length] == '.');
}

/* What the first comment of a file says after the file's name. */
static void print_subject(const struct lab *lab, const char *name)
{
  char path[2 * PATH_MAX], line[256];
  snprintf(path, sizeof path, "%s/%s", lab->sources, name);
  FILE *file = fopen(path, "re");
  if (!file)
    return;
  for (int i = 0; i < 2 && fgets(line, sizeof line, file); i++) {
    char *subject = strstr(line, name);
    if (subject)
      printf("%s", subject + strlen(name) + 2);
  }
  fclose(file);
}

/* The folder of the text that goes with the programs, in a checkout or in an installation. */
static bool find_text(const struct lab *lab, char folder[PATH_MAX])
{
  static const char *const places[] = {"../docs/learn", "../../doc/brim/learn"};
  char place[PATH_MAX + 32];
  for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
    snprintf(place, sizeof place, "%s/%s", lab->sources, places[i]);
    if (realpath(place, folder))
      return true;
  }
  return false;
}

/* Whether file i is a program with a script of the same name, which runs it and is listed for both. */
static bool is_listed_by_script(struct dirent **files, int count, int i)
{
  size_t stem = strcspn(files[i]->d_name, ".") + 1;
  return i + 1 < count && !strncmp(files[i]->d_name, files[i + 1]->d_name, stem);
}

static int list_steps(const struct lab *lab, struct dirent **files, int count)
{
  char text[PATH_MAX];
  printf("The lab's programs are in %s.\n", lab->sources);
  if (find_text(lab, text))
    printf("The text beside them begins with %s/README.md.\n", text);
  printf("'brim lab N' builds and runs a step, 'brim lab N-name' one program of it.\n\n");
  for (int i = 0; i < count; i++) {
    const char *name = files[i]->d_name;
    if (is_listed_by_script(files, count, i))
      continue;
    printf("  %-18.*s ", (int)strcspn(name, "."), name);
    fflush(stdout);
    print_subject(lab, name);
  }
  return 0;
}

/* ---- building and running ---- */

/* Runs argv until it ends or an interrupt comes. Returns its exit code, or 127 if it could not be started. */
static int run(char *const argv[])
{
  pid_t pid;
  int status;
  posix_spawnattr_t group;
  fflush(stdout);
  if (run_interrupted())
    return INTERRUPTED;
  posix_spawnattr_init(&group);
  posix_spawnattr_setflags(&group, POSIX_SPAWN_SETPGROUP);
  int error = posix_spawnp(&pid, argv[0], NULL, &group, argv, environ);
  posix_spawnattr_destroy(&group);
  if (error)
    return 127;
  run_set_group(pid);
  while (waitpid(pid, &status, 0) < 0)
    if (errno != EINTR)
      return 127;
  run_set_group(0);
  return run_interrupted() ? INTERRUPTED : WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int build(const struct lab *lab, const char *name)
{
  const char *chosen = getenv("CC");
  char *compiler = strdup(chosen && *chosen ? chosen : "cc");
  char source[2 * PATH_MAX], program[2 * PATH_MAX];
  snprintf(source, sizeof source, "%s/%s", lab->sources, name);
  snprintf(program, sizeof program, "%s/%.*s", lab->scratch, (int)strcspn(name, "."), name);
  int code = run((char *[]){compiler, "-std=c17", "-O2", "-g", "-o", program, source, "-pthread", NULL});
  if (code == 127)
    fail(EX_UNAVAILABLE, "there is no C compiler '%s'; name another one in CC, or install it: apt-get install %s",
         compiler, strstr(compiler, "musl") ? "musl-tools" : "gcc libc6-dev");
  else if (code && !run_interrupted())
    fail(EX_SOFTWARE, "'%s' could not build %s (exit code %d); its message is above", compiler, name, code);
  free(compiler);
  return code == 127 ? EX_UNAVAILABLE : code ? EX_SOFTWARE : 0;
}

static bool read_picture(const struct lab *lab, const char *name, const char *which, struct layout *layout)
{
  char path[2 * PATH_MAX];
  snprintf(path, sizeof path, "%s/%s-%s", lab->scratch, name, which);
  FILE *smaps = fopen(path, "re");
  if (!smaps)
    return false;
  bool found = layout_read(layout, smaps, NULL, 0, true);
  fclose(smaps);
  return found;
}

static int plot_picture(const struct lab *lab, const char *name, const char *which, const struct layout *layout,
                        const struct layout *before)
{
  char path[2 * PATH_MAX], title[NAME_MAX + 16];
  snprintf(path, sizeof path, "%s/%s-%s.svg", lab->plot, name, which);
  snprintf(title, sizeof title, "%s, %s", name, which);
  int code = draw_svg(path, layout, before, title);
  if (!code)
    printf("wrote %s\n", path);
  return code;
}

/* Draws the pictures that the program has kept: of the memory before and after, or none. */
static int show_pictures(const struct lab *lab, const char *file)
{
  struct layout before = {0}, after = {0};
  char name[NAME_MAX + 1];
  int code = 0;
  snprintf(name, sizeof name, "%.*s", (int)strcspn(file, "."), file);
  if (read_picture(lab, name, "before", &before) && read_picture(lab, name, "after", &after)) {
    printf("\nThe memory of %s before\n", name);
    draw_text(stdout, &before, NULL);
    printf("\nThe memory of %s after: + new, * different\n", name);
    draw_text(stdout, &after, &before);
    if (lab->plot) {
      code = plot_picture(lab, name, "before", &before, NULL);
      if (!code)
        code = plot_picture(lab, name, "after", &after, &before);
    }
  }
  layout_free(&before);
  layout_free(&after);
  return code;
}

/* Runs one program or script of the step. */
static int perform(const struct lab *lab, const char *file)
{
  char path[2 * PATH_MAX], pictures[2 * PATH_MAX], name[NAME_MAX + 1];
  snprintf(name, sizeof name, "%.*s", (int)strcspn(file, "."), file);
  snprintf(path, sizeof path, "%s/%s", is_script(file) ? lab->sources : lab->scratch, is_script(file) ? file : name);
  snprintf(pictures, sizeof pictures, "%s/%s", lab->scratch, name);
  setenv("LAB_PICTURES", pictures, 1);
  printf("\n%s: ", name);
  print_subject(lab, file);
  int code = run((char *[]){path, NULL});
  if (code && !run_interrupted())
    return fail(code == EX_UNAVAILABLE ? code : EX_SOFTWARE, "%s ended with exit code %d; what failed is above", name,
                code);
  return code;
}

/* Variables for the programs and scripts of the lab. */
static void prepare_environment(const struct lab *lab)
{
  const char *library = preload_library();
  setenv("LAB_BRIM", own_path(), 1);
  setenv("LAB_LIBRARY", library ? library : "", 1);
  setenv("LAB_BIN", lab->scratch, 1);
  if (lab->plot)
    setenv("LAB_PLOT", lab->plot, 1);
  else
    unsetenv("LAB_PLOT");
}

static int run_step(const struct lab *lab, const char *step, struct dirent **files, int count)
{
  bool scripted = false;
  int code = 0, found = 0;
  for (int i = 0; i < count; i++) {
    bool asked = is_asked_for(files[i]->d_name, step);
    found += asked;
    scripted |= asked && is_script(files[i]->d_name);
  }
  if (!found)
    return fail(EX_USAGE, "there is no step '%s'; 'brim lab' lists them", step);
  /* The script of step 8 uses programs of other steps. */
  bool build_all = scripted && step[0] == '8';
  for (int i = 0; i < count && !code; i++)
    if (!is_script(files[i]->d_name) && (build_all || is_asked_for(files[i]->d_name, step)))
      code = build(lab, files[i]->d_name);
  for (int i = 0; i < count && !code; i++)
    if (is_asked_for(files[i]->d_name, step) && is_script(files[i]->d_name) == scripted)
      code = perform(lab, files[i]->d_name);
  /* The pictures that a failed step has kept may show why. */
  for (int i = 0; i < count && !run_interrupted(); i++) {
    if (!is_asked_for(files[i]->d_name, step) || is_script(files[i]->d_name) != scripted)
      continue;
    int shown = show_pictures(lab, files[i]->d_name);
    code = code ? code : shown;
  }
  return code;
}

static int with_scratch(struct lab *lab, const char *step, struct dirent **files, int count)
{
  run_catch_interrupt();
  int code = scratch_make(lab->scratch, "lab");
  if (code)
    return code;
  prepare_environment(lab);
  code = run_step(lab, step, files, count);
  scratch_remove(lab->scratch);
  return run_interrupted() ? INTERRUPTED : code;
}

/* Makes the folder if it is not there, before anything is run. Returns 0, or the exit code after a message. */
static int make_folder(const char *folder)
{
  char inside[PATH_MAX];
  if (mkdir(folder, 0777) && errno != EEXIST)
    return fail(EX_CANTCREAT, "can't make the folder '%s': %s", folder, strerror(errno));
  snprintf(inside, sizeof inside, "%s/", folder);
  return access(inside, W_OK | X_OK) ? fail(EX_CANTCREAT, "can't write into '%s': %s", folder, strerror(errno)) : 0;
}

int cmd_lab(int argc, char **argv)
{
  static struct lab lab;
  const char *step = argc > 1 ? argv[1] : NULL;
  int at = step && *step == '-' ? 1 : 2;
  if (argc > at && !argument_with_value(argv, &at, "--plot", &lab.plot))
    return argv[at][0] == '-' ? argument_unknown(argv[at]) : usage();
  if (argc > at + 1 || (step && *step == '-'))
    return usage();
  if (argc > 2 && !lab.plot)
    lab.plot = ".";
  int refused = lab.plot ? make_folder(lab.plot) : 0;
  if (refused)
    return refused;
  if (!find_sources(lab.sources))
    return fail(EX_UNAVAILABLE, "the lab's sources are not here; they are in a source checkout, or %s/share/brim/lab",
                BRIM_PREFIX);
  struct dirent **files;
  int count = scandir(lab.sources, &files, is_step_file, alphasort);
  if (count < 0)
    return fail(EX_IOERR, "can't read '%s': %s", lab.sources, strerror(errno));
  int code = step ? with_scratch(&lab, step, files, count) : list_steps(&lab, files, count);
  for (int i = 0; i < count; i++)
    free(files[i]);
  free(files);
  return code;
}
