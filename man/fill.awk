# fill.awk: makes a manual page of its source. @VERSION@ is filled in; a line @COMMANDS@ or @OPTIONS@ becomes the list in
# the file that `rows`.help or `rows`.options names, which is what `brim help` or `brim options` printed; @STATISTICS@ the
# rows of the table `stats`, which is src/core/stats.def; "@OPTIONS_OF@ COMMAND" those of a command in the table `flags`, which is
# cli/command_options.def.
function escape(text) { gsub(/\\/, "\\e", text); gsub(/-/, "\\-", text); return text }

# An item of the list for a head, whose text follows on the next line, indented further.
function items(file, head_pattern,    line, head) {
  while ((getline line < file) > 0) {
    if (line ~ head_pattern) {
      sub(/^ +/, "", line)
      print ".It " item_head(line)
    } else if (line ~ /^    /) {
      sub(/^ +/, "", line)
      print escape(line)
    }
  }
  close(file)
}

# STAT(name, unit, "help")
function statistics(    line, words) {
  while ((getline line < stats) > 0)
    if (line ~ /^STAT\(/) {
      split(line, words, "\"")
      print ".It Li " substr(line, 6, index(line, ",") - 6)
      print escape(words[2])
    }
  close(stats)
}

# OPTION("COMMAND ...", "--option VALUE", "help"), over as many lines as it takes.
function options_of(command,    line, row, words, n, i, help) {
  while ((getline line < flags) > 0) {
    row = line ~ /^OPTION\(/ ? line : row line
    if (line !~ /"\)$/)
      continue
    n = split(row, words, "\"")
    help = ""
    for (i = 6; i < n; i += 2)
      help = help words[i]
    if (index(" " words[2] " ", " " command " "))
      print ".It " option_head(words[4]) "\n" escape(help)
  }
  close(flags)
}

# "--option VALUE"
function option_head(text,    blank) {
  blank = index(text " ", " ")
  return "Fl " escape(substr(text, 2, blank - 2)) (blank < length(text) ? " Ar " escape(substr(text, blank + 1)) : "")
}

# "brim NAME USAGE" in the help, "BRIM_NAME=DEFAULT  [CHOICES]" among the options.
function item_head(line,    words, rest) {
  split(line, words, " ")
  if (words[1] == "brim") {
    rest = substr(line, length("brim " words[2]) + 2)
    return "Ic " words[2] (rest == "" ? "" : " No " escape(rest))
  }
  rest = substr(line, length(words[1]) + 1)
  sub(/^ +/, "", rest)
  return "Ev " escape(words[1]) (rest == "" ? "" : " No " escape(rest))
}

/^@COMMANDS@$/ { items(rows ".help", "^  brim [a-z]"); next }
/^@OPTIONS@$/ { items(rows ".options", "^BRIM_"); next }
/^@OPTIONS_OF@ / { options_of($2); next }
/^@STATISTICS@$/ { statistics(); next }
{ gsub(/@VERSION@/, version); print }
