# way.awk: reads four lines, the prefix, two folders, and how the first of them is known, and prints the way from the first folder to
# the second: without the prefix if both are in it, so that the tree may be moved, else the second as it is.
{
  gsub(/\/+/, "/")
  sub(/\/$/, "")
  line[NR] = $0
}
END {
  prefix = line[1] "/"
  from = line[2] "/"
  to = line[3] "/"
  if (index(from, prefix) != 1 || index(to, prefix) != 1) {
    print line[3]
    exit
  }
  up = substr(from, length(prefix) + 1)
  gsub(/[^\/]+/, "..", up)
  way = (line[4] == "" ? "" : line[4] "/") up substr(to, length(prefix) + 1)
  sub(/\/$/, "", way)
  print way
}
