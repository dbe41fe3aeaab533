/* report_plot.c: charts as a gnuplot script. What gnuplot draws is used as it is. */
#define _GNU_SOURCE
#include "cli.h"
#include "report.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PANEL_WIDTH = 560, PANEL_HEIGHT = 320, ROW_HEIGHT = 15 };

static bool is_scaling(const struct result_case *row) { return !strcmp(row->suite, "scaling"); }

/* Text in gnuplot's single quotes. */
static void print_quoted(FILE *out, const char *text)
{
  fputc('\'', out);
  for (; *text; text++)
    fputs(*text == '\'' ? "''" : (char[]){*text, '\0'}, out);
  fputc('\'', out);
}

/* The range of a panel's numbers. If none is known, gnuplot would end with an error. */
struct span {
  double low, high;
};

static const struct span no_span = {INFINITY, 0};

static bool is_known(const struct span *span) { return span->high > 0; }

/* A number of a data block. */
static void print_number(FILE *out, double number, struct span *span)
{
  if (!isfinite(number) || number <= 0) {
    fputs(" NaN", out);
    return;
  }
  fprintf(out, " %.6g", number);
  span->low = fmin(span->low, number);
  span->high = fmax(span->high, number);
}

/* A logarithmic axis between powers of the base. If all numbers are equal, gnuplot finds its own axis empty and complains. */
static void print_log_axis(FILE *out, char axis, double base, const struct span *span)
{
  double first = floor(log(span->low * 0.99) / log(base)), last = ceil(log(span->high * 1.01) / log(base));
  fprintf(out, "set %crange [%g:%g]\nset logscale %c %g\n", axis, pow(base, first), pow(base, last), axis, base);
}

static void print_style(FILE *out)
{
  /* Colours that colour-blind people can tell apart (Okabe and Ito). */
  static const char *const colours[] = {"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9",
                                        "#000000", "#999999", "#f0e442", "#882255", "#44aa99", "#332288"};
  for (size_t i = 0; i < sizeof colours / sizeof colours[0]; i++)
    fprintf(out, "set linetype %zu lc rgb '%s' lw 1.5 pt %zu ps 0.6\n", i + 1, colours[i],
            i % 4 == 0 ? 7 : 3 + 2 * (i % 4));
  fputs("set linetype cycle 12\nset border 3 lc rgb '#888888'\nset tics nomirror scale 0.5\nset grid lc rgb "
        "'#dddddd'\n",
        out);
}

/* ---- One program: a bar for each allocator ---- */

static void print_bars(const struct results *results, size_t index, enum metric metric, FILE *out)
{
  double scale = metric_info[metric].unit == UNIT_BYTES ? 1 << 20 : 1;
  const char *unit = metric_info[metric].unit == UNIT_BYTES ? "MiB" : "s";
  fprintf(out, "set title '%s (%s), median and quartiles'\n$data << EOD\n", metric_info[metric].title, unit);
  size_t rows = 0;
  double most = 0;
  for (size_t a = 0; a < results->allocators.count; a++) {
    struct summary summary = results_summary(results, index, a, metric);
    double low = isnan(summary.low) ? summary.median : summary.low,
           high = isnan(summary.high) ? summary.median : summary.high;
    if (isnan(summary.median))
      continue;
    most = fmax(most, high);
    fprintf(out, "%zu %.9g %.9g %.9g %zu %s\n", rows++, summary.median / scale, low / scale, high / scale, a + 1,
            results->allocators.row[a].name);
  }
  fputs("EOD\n", out);
  if (!rows)
    return;
  /* All may be 0: a time may be shorter than the kernel can count. */
  fprintf(out, "set yrange [%zu.5:-0.5]\nset xrange [0:%s]\nunset key\nset style fill solid 0.8\n", rows - 1,
          most > 0 ? "*" : "1");
  fputs("plot $data using ($2/2):1:($2/2):(0.35):5:ytic(6) with boxxyerror lc variable, "
        "$data using 2:1:3:4 with xerrorbars lc rgb 'black' pt 0\n",
        out);
}

static void plot_program(const struct results *results, FILE *out)
{
  static const enum metric metrics[] = {METRIC_WALL, METRIC_CPU, METRIC_PEAK, METRIC_END};
  fputs("set multiplot layout 2,2\n", out);
  for (size_t i = 0; i < 4; i++)
    print_bars(results, 0, metrics[i], out);
}

/* ---- The suite: a dot for each case and allocator, and lines for what scales ---- */

/* Whether the case has a row of dots. */
static bool is_dotted(const struct results *results, size_t index)
{
  return results_measured(results, index) && !is_scaling(&results->cases[index]);
}

/* Whether the case is the first of a series that is drawn as lines. */
static bool begins_lines(const struct results *results, size_t index)
{
  bool first = !index || strcmp(results->cases[index].name, results->cases[index - 1].name) != 0;
  return first && is_scaling(&results->cases[index]) && results_measured(results, index);
}

/* Of three panels side by side, only the first names the cases. */
static void print_dots(const struct results *results, enum metric metric, bool named, FILE *out)
{
  const char *base = results->allocators.row[results->base].name;
  size_t rows = 0;
  struct span span = no_span;
  fputs("$data << EOD\n", out);
  for (size_t i = 0; i < results->cases_n; i++) {
    if (!is_dotted(results, i))
      continue;
    fprintf(out, "%zu \"%s %s\"", rows++, results->cases[i].name, results->cases[i].point);
    for (size_t a = 0; a < results->allocators.count; a++) {
      bool failed = results_cell(results, i, a)->failure[0] != '\0';
      double ratio = failed ? NAN : results_summary(results, i, a, metric).ratio;
      print_number(out, ratio, &span);
    }
    fputc('\n', out);
  }
  fputs("EOD\n", out);
  if (!is_known(&span))
    return;
  fprintf(out, "set title '%s, ratio to %s (left is less)' noenhanced\n", metric_info[metric].title, base);
  print_log_axis(out, 'x', 2, &span);
  fprintf(out, "set yrange [%zu.5:-0.5]\nset key outside bottom horizontal noenhanced\n", rows - 1);
  /* There is room for about five labels. */
  double breadth = span.high / span.low;
  fprintf(out, "set xtics %d\n", breadth > 1024 ? 16 : breadth > 32 ? 4 : 2);
  fputs(named ? "set ytics noenhanced\nplot " : "set ytics 0,1 format ''\nplot ", out);
  for (size_t a = 0; a < results->allocators.count; a++)
    fprintf(out, "%s$data using %zu:1%s with points lt %zu title '%s'", a ? ", " : "", a + 3, named ? ":ytic(2)" : "",
            a + 1, results->allocators.row[a].name);
  fputs("\nunset logscale x\nset xtics autofreq\nset ytics autofreq format '% h'\n", out);
}

static size_t points_of(const struct results *results, size_t first)
{
  size_t count = 1;
  while (first + count < results->cases_n && !strcmp(results->cases[first].name, results->cases[first + count].name))
    count++;
  return count;
}

static void print_lines(const struct results *results, size_t first, bool time, FILE *out)
{
  size_t points = points_of(results, first);
  struct span span = no_span;
  fputs("$data << EOD\n", out);
  for (size_t i = 0; i < points; i++) {
    fprintf(out, "%zu %s", i, results->cases[first + i].point);
    for (size_t a = 0; a < results->allocators.count; a++) {
      double scaled = report_scaled(results, first + i, a, time) * (time ? 1e9 : 1);
      print_number(out, scaled, &span);
    }
    fputc('\n', out);
  }
  fputs("EOD\n", out);
  if (!is_known(&span))
    return;
  fprintf(out, "set title '%s: %s' noenhanced\nset xrange [-0.3:%zu.3]\n", results->cases[first].name,
          time ? "ns per operation" : "peak RSS per live byte", points - 1);
  print_log_axis(out, 'y', 10, &span);
  fputs("set key outside bottom horizontal noenhanced\nplot ", out);
  for (size_t a = 0; a < results->allocators.count; a++)
    fprintf(out, "%s$data using 1:%zu:xtic(2) with linespoints lt %zu title '%s'", a ? ", " : "", a + 3, a + 1,
            results->allocators.row[a].name);
  fputs("\nunset logscale y\n", out);
}

/* The heights, in pixels, of the part with the dots and of the whole chart. */
static void suite_heights(const struct results *results, unsigned *dots, unsigned *whole)
{
  size_t rows = 0, scaling = 0;
  for (size_t i = 0; i < results->cases_n; i++) {
    rows += is_dotted(results, i);
    scaling += begins_lines(results, i);
  }
  *dots = rows ? (unsigned)(rows * ROW_HEIGHT + 160) : 0;
  *whole = *dots + (unsigned)(scaling * PANEL_HEIGHT);
}

static void plot_suite(const struct results *results, FILE *out)
{
  unsigned dots, whole, row = 0;
  suite_heights(results, &dots, &whole);
  /* Margins are given in letters and are the same in all panels, so that the rows are at the same height in each. */
  fputs("set multiplot\nset tmargin 3\nset bmargin 7\n", out);
  for (int i = 0; dots && i < 3; i++) {
    static const double lefts[] = {0, 0.4, 0.7}, widths[] = {0.4, 0.3, 0.3};
    static const enum metric metrics[] = {METRIC_WALL, METRIC_PEAK, METRIC_END};
    fprintf(out, "set origin %g,%g\nset size %g,%g\nset lmargin %d\nset rmargin 2\n", lefts[i],
            1 - (double)dots / whole, widths[i], (double)dots / whole, i ? 2 : 18);
    print_dots(results, metrics[i], !i, out);
  }
  fputs("set lmargin 14\nset bmargin 6\n", out);
  for (size_t i = 0; i < results->cases_n; i++) {
    if (!begins_lines(results, i))
      continue;
    row++;
    for (int j = 0; j < 2; j++) {
      fprintf(out, "set origin %g,%g\nset size 0.5,%g\n", j * 0.5, 1 - (double)(dots + row * PANEL_HEIGHT) / whole,
              (double)PANEL_HEIGHT / whole);
      print_lines(results, i, !j, out);
    }
  }
}

/* ---- The frame ---- */

/* Sends the script to gnuplot, which draws into the file. */
static bool draw(const struct results *results, const char *path)
{
  bool suite = report_is_suite(results);
  unsigned dots, height = 2 * PANEL_HEIGHT;
  if (suite)
    suite_heights(results, &dots, &height);
  FILE *out = popen("command -v gnuplot > /dev/null || exit 127; exec gnuplot", "we");
  if (!out)
    return fail(false, "no chart: can't start gnuplot");
  fprintf(out, "set terminal svg size %u,%u background 'white' font 'sans-serif,11'\nset output ", 2 * PANEL_WIDTH,
          height);
  print_quoted(out, path);
  fputc('\n', out);
  print_style(out);
  suite ? plot_suite(results, out) : plot_program(results, out);
  fputs("unset multiplot\nset output\n", out);
  int status = pclose(out);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
    return fail(false, "no chart: " NO_GNUPLOT);
  return status ? fail(false, "no chart: gnuplot failed") : true;
}

/* The whole text of a drawing, or NULL. gnuplot does not say when the disk is full. */
static char *read_drawing(const char *path)
{
  char *text = NULL;
  size_t size = 0;
  FILE *in = fopen(path, "re");
  bool whole = in && getdelim(&text, &size, '\0', in) > 0 && strstr(text, "</svg>");
  if (in)
    fclose(in);
  if (whole)
    return text;
  free(text);
  fail(0, "no chart: gnuplot did not finish it");
  return NULL;
}

char *report_chart(const struct results *results)
{
  char path[] = "/tmp/brim-chart-XXXXXX";
  int fd = mkstemp(path);
  if (fd < 0) {
    fail(0, "no chart: can't make a file in /tmp: %s", strerror(errno));
    return NULL;
  }
  close(fd);
  /* If gnuplot ends early, we must go on. */
  void (*before)(int) = signal(SIGPIPE, SIG_IGN);
  char *text = draw(results, path) ? read_drawing(path) : NULL;
  signal(SIGPIPE, before);
  unlink(path);
  return text;
}
