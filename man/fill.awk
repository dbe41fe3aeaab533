# fill.awk: makes a manual page of its source. @VERSION@ is filled in; a line @COMMANDS@ or @OPTIONS@ becomes the list in
# the file that `rows`.help or `rows`.options names, which is what `brim help` or `brim options` printed; @STATISTICS@ the
# rows of the table `stats`, which is src/core/stats.def.
function escape(text) { gsub(/\\/, "\\e", text); gsub(/-/, "\\-", text); return text }

# An item of the list for a head, whose text follows on the next line, indented further.
function items(file, head_pattern,    line, head) {
  while ((getline line < file) > 0) {
    if (line ~ head_pattern) {
      sub(/^ +/, "", line)
      print ".It " item_head(line)
    } else if (line ~ /^    / && line !~ /^ *brim help, /) {
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

/^@COMMANDS@$/ { items(rows ".help", "^  brim [a-z]+ "); next }
/^@OPTIONS@$/ { items(rows ".options", "^BRIM_"); next }
/^@STATISTICS@$/ { statistics(); next }
{ gsub(/@VERSION@/, version); print }
