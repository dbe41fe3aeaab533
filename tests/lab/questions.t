#!/bin/bash
# questions.t: the answers of docs/learn/8-the-questions.md are what the commands beside them print.
. "$(dirname "$0")/tap.sh"
page=docs/learn/8-the-questions.md
cd "$(dirname "$0")/../.." || exit 1
unset BRIM_MMAP_THRESHOLD
export LC_ALL=C

# answers COMMAND PATTERN: the page shows the command, and the command shows the answer.
asked=
answers() {
  grep -qxF "\$ $1" "$page" || { echo "$page does not show: $1"; return 1; }
  local words=($1)
  shows "$2" $brim "${words[@]:1}"
}
answered() { # NAME COMMAND PATTERN
  asked+="$2"$'\n'
  ok "$1" answers "$2" "$3"
}

# Where pages have another size, answers that count pages differ; the text says so.
if [ "$(getconf PAGESIZE)" = 4096 ]; then
  ok "5,000 bytes map 8,192" shows 'maps +8,192 bytes, 2 pages' $brim explain mmap 5000
  ok "malloc(200000) takes 49 pages" shows 'takes +200,704 bytes' $brim explain malloc 200000
fi
answered "the break after sbrk(8192)" "brim explain sbrk 0x10000000 8192" 'new break +0x10002000'
answered "5,000 bytes map whole pages" "brim explain mmap 5000" "maps +([0-9],?)+ bytes, [0-9]+ page"
answered "malloc(200000) is served by mmap" "brim explain malloc 200000" 'source +a mapping of its own, by mmap'
answered "... 100,000 by sbrk" "brim explain malloc 100000" 'source +the break heap, grown by sbrk'
answered "large blocks go back at once" "brim lab 8-pinned" 'yes: what is unmapped goes back at once, in any order'
answered "... and grow without copying" "brim lab 4-large" 'yes: and were not copied'
ok "... and go back whole" answers "brim lab 4-large" 'yes: unmapped'
ok "what is on top of the break holds the rest" answers "brim lab 8-pinned" 'yes: and none of the others went back'
answered "another's sbrk is in the way" "brim lab 6-foreign-sbrk" 'yes: our two pieces are not one'
answered "mappings need no lock" "brim lab 6-threads" 'yes: no mapping was given out twice'
ok "... the break does" answers "brim lab 6-threads" 'yes: all of it is there, and nothing was given out'
answered "a picture of a program's break and mappings" "brim map -- ls" 'break may grow into it$'

# Each section is a question that ends with commands; each of them is checked above, and `brim lab 8` runs them all.
ok "each question ends with the command that shows its answer" \
  awk '/^## / { n++ } NF { last = $0 } /^## / && n > 1 && before != "```" { exit bad = 1 } NF { before = last }
       END { exit bad || n == 0 || last != "```" }' "$page"
$brim lab 8 >"$work/eight" 2>&1
while read -r command; do
  ok "page: $command: its answer is checked" grep -qxF "$command" <<<"$asked"
  ok "brim lab 8 runs: $command" grep -qxF "\$ $command" "$work/eight"
done < <(grep -E '^\$ ' "$page" | cut -c3- | sort -u)

# Every command that the learning path shows runs, in the order of the pages. Those that install something have already been run.
case $B in /*) PATH=$B:$PATH ;; *) PATH=$PWD/$B:$PATH ;; esac
while read -r command; do
  case $command in
  sudo* | make | export*) continue ;;
  *musl-gcc*) tool=musl-gcc ;;
  *"brim lab 5 --plot"*) tool=gnuplot ;;
  *) tool=sh ;;
  esac
  if command -v $tool >/dev/null; then
    ok "docs: $command" sh -c "${command/--plot pictures/--plot $work/pictures}"
  else
    skip "docs: $command" "no $tool"
  fi
done < <(cat docs/learn/README.md docs/learn/[1-9]-*.md | grep -E '^\$ ' | cut -c3-)
# Every file that the path links to is there, and every source that it points at.
while IFS=: read -r file link; do
  ok "$file: $link" test -e "$(dirname "$file")/$link"
done < <(grep -oE '\]\([^)#:]+' docs/learn/*.md | sed 's/:](/:/' | sort -u)
while read -r path; do
  ok "docs: $path is there" test -e "$path"
done < <(grep -ohE '`(src|docs|include)/[^` ]*`' docs/learn/*.md | tr -d '`' | sort -u)
# And every program of the lab has its place in the path.
for source in lab/[1-9]-*.c; do
  ok "docs name $(basename "$source")" grep -q "$(basename "$source" .c)" docs/learn/"$(basename "$source" | cut -c1)"-*.md
done
finish
