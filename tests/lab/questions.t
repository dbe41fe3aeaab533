#!/bin/bash
# questions.t: the answers of docs/learn/8-the-questions.md are what the commands beside them print.
. "$(dirname "$0")/tap.sh"
page=docs/learn/8-the-questions.md
cd "$(dirname "$0")/../.." || exit 1
unset BRIM_MMAP_THRESHOLD
export LC_ALL=C

# answers COMMAND PATTERN: the page shows the command, and the command shows the answer.
answers() {
  grep -qxF "\$ $1" "$page" || { echo "$page does not show: $1"; return 1; }
  local words=($1)
  shows "$2" $brim "${words[@]:1}"
}

# On a machine with other pages the answers in pages are other ones; the text says so.
if [ "$(getconf PAGESIZE)" = 4096 ]; then
  ok "5,000 bytes map 8,192" answers "brim explain mmap 5000" 'maps +8,192 bytes, 2 pages'
  ok "malloc(200000) takes 49 pages" shows 'takes +200,704 bytes' $brim explain malloc 200000
fi
ok "the break after sbrk(8192)" answers "brim explain sbrk 0x10000000 8192" 'new break +0x10002000'
ok "malloc(200000) is served by mmap" answers "brim explain malloc 200000" 'source +a mapping of its own, by mmap'
ok "... 100,000 by sbrk" answers "brim explain malloc 100000" 'source +the break heap, grown by sbrk'
ok "large blocks grow without copying" answers "brim lab 4-large" 'yes: and were not copied'
ok "... and go back whole" answers "brim lab 4-large" 'yes: unmapped'
ok "another's sbrk is in the way" answers "brim lab 6-foreign-sbrk" 'yes: our two pieces are not one'
ok "one lock mends the break for threads" answers "brim lab 6-threads" 'yes: all of it is there, and nothing was given out'
ok "a picture of a program's threads and mappings" answers "brim map -- ls" 'stack$'
ok "all of them at once: brim lab 8" shows 'Which call serves malloc\(200000\)' $brim lab 8

# Every command that any page of the path shows is one that there is.
while read -r command; do
  words=($command)
  ok "docs: $command" bash -c "$brim help | grep -q '^  brim ${words[1]}\b'"
done < <(grep -hoE '^\$ brim .*' docs/learn/*.md | cut -c3- | sort -u)
# And every program of the lab has its place in the path.
for source in lab/[1-9]-*.c; do
  ok "docs name $(basename "$source")" grep -q "$(basename "$source" .c)" docs/learn/"$(basename "$source" | cut -c1)"-*.md
done
finish
