#!/bin/bash
# map.t: pictures of processes and saved files; names, order, gaps, exit codes.
. "$(dirname "$0")/tap.sh"
saved=$(dirname "$0")/named.smaps
export LC_ALL=C

# All regions of a JSON picture follow each other without overlap or hole, and their sums are the totals.
is_whole() {
  "$@" >"$work/json" && python3 - "$work/json" <<'END'
import json, sys
picture = json.load(open(sys.argv[1]))
at = 0
for region in picture["regions"]:
    assert int(region["start"], 16) == at, region
    at = int(region["end"], 16)
mapped = [r for r in picture["regions"] if r["kind"] != "gap"]
assert sum(r["bytes"] for r in mapped) == picture["mapped_bytes"]
assert sum(r["resident_bytes"] for r in mapped) == picture["resident_bytes"]
assert all(r["resident_bytes"] <= r["bytes"] for r in mapped)
END
}
# The widest line of a picture, in characters.
fits_80_columns() {
  "$@" >"$work/out" && [ "$(LC_ALL=C.UTF-8 wc -L <"$work/out")" -le 80 ]
}
# The picture of a program, whatever the program ends with.
picture() { $brim map "$@" || true; }
# Whether the gaps of an SVG (dotted lines on its left side) have different heights.
gaps_differ() {
  sed -nE 's/<line x1="150" y1="([0-9]+)" x2="150" y2="([0-9]+)".*/\2 \1/p' "$1" | awk '{ print $1 - $2 }' | sort -u >"$work/heights"
  [ "$(wc -l <"$work/heights")" -gt 1 ]
}

sleep 100 &
sleeper=$!
sleep 0.1
ok "a process by its id" shows 'sleep \([0-9]+\): .* mapped' $brim map $sleeper
for name in text data 'stack$' 'vdso' 'libc|ld-'; do
  ok "it has: $name" shows "[#+-] +(.*$name)" $brim map $sleeper
done
ok "gaps are named" shows '[.>] +break may grow into it' $brim map $$
ok "80 columns" fits_80_columns $brim map $sleeper
ok "80 columns with UTF-8" fits_80_columns env LC_ALL=C.UTF-8 $brim map $sleeper
ok "no colour where nobody sees it" bash -c "! $brim map $sleeper | grep -q $'\033'"

ok "a saved smaps, of a process on Brim" shows 'sample: .*, on Brim' $brim map --smaps "$saved"
for name in 'break heap \(Brim\)' 'Brim: large blocks' 'Brim: metadata' 'Brim: heap'; do
  ok "it has: $name" shows "$name" $brim map --smaps "$saved"
done
sed 's/\[anon:brim[^]]*\]//' "$saved" >"$work/unnamed"
ok "... without names: what is Brim's by its look" shows "Brim's, probably" $brim map --smaps "$work/unnamed"
ok "... which is said" shows 'told by their look here' $brim map --smaps "$work/unnamed"
printf '%s\n' '1000-2000 rw-s 0 00:01 1026 /dev/zero (deleted)' 'Rss: 4 kB' '3000-5000 rw-s 0 00:01 7 /SYSV5101001e (deleted)' \
  'Rss: 8 kB' '6000-7000 rw-s 0 00:01 9 /memfd:seen (deleted)' 'Rss: 4 kB' >"$work/shared"
ok "memory that is shared without a file is no deleted file" bash -c \
  "[ \$($brim map --smaps $work/shared | grep -c ' shared memory$') = 2 ]"
ok "... and a memfd keeps its name" shows ' memfd:seen \(deleted\)$' $brim map --smaps "$work/shared"
printf '%s\n' '1000-3000 rw-p 0 00:00 0 [heap]' 'Rss: 8 kB' '1000-4000 rw-p 0 00:00 0 [heap]' 'Rss: 12 kB' \
  '5000-6000 rw-p 0 00:00 0' 'Rss: 4 kB' >"$work/grows"
ok "an area that grew while it was told counts once" shows ': 16K mapped, 16K resident' $brim map --smaps "$work/grows"
printf '%s\n' '1000-401000 rw-p 0 00:0f 7 /anon_hugepage (deleted)' 'Rss: 0 kB' 'Private_Dirty: 0 kB' 'Anonymous: 0 kB' \
  'Shared_Hugetlb: 0 kB' 'Private_Hugetlb: 2048 kB' >"$work/hugetlb"
ok "huge pages of hugetlbfs are resident and dirty, though no resident set has them" \
  shows ': 4M mapped, 2M resident, 2M dirty' $brim map --smaps "$work/hugetlb"
ok "... and are no deleted file" shows ' 4M +2M +2M .* huge pages \(hugetlb\)$' $brim map --smaps "$work/hugetlb"
# As many mappings of files as a database has; a pass over all of them for each one would take minutes.
awk 'BEGIN { for (i = 1; i <= 250000; i++) printf "%x000-%x000 r--s 0 00:01 7 /data/%d\nRss: 4 kB\n", 2 * i, 2 * i + 1, i }' \
  >"$work/mappings"
ok "250,000 mappings of files" timeout 30 $brim map --brief --smaps "$work/mappings"
ok "--brief joins libraries" bash -c \
  "[ \$($brim map --brief --smaps $saved | wc -l) -lt \$($brim map --smaps $saved | wc -l) ]"

if command -v python3 >/dev/null; then
  ok "JSON without holes, of a process" is_whole $brim map --json $sleeper
  ok "JSON without holes, of a saved one" is_whole $brim map --json --smaps "$saved"
fi
ok "SVG" $brim map --svg "$work/a.svg" $sleeper
ok "... as another word of the same option" $brim map --svg="$work/b.svg" $sleeper
ok "... is the same" grep -q '>stack</text>' "$work/b.svg"
ok "... names the stack" grep -q '>stack</text>' "$work/a.svg"
ok "... draws gaps to scale, as all else" gaps_differ "$work/a.svg"
# between NAME: draws into a log under that name; what was written to the log before and after is still there.
between() {
  local command
  command=$(realpath $brim)
  (cd "$work" && echo before && "$command" map --svg "$1" $sleeper && echo after) >"$work/log"
  [ "$(sed -n '1p;$p' "$work/log" | xargs)" = "before after" ] && grep -q '^</svg>' "$work/log" && [ ! -e "$work/-" ]
}
for name in - /dev/stdout /dev/fd/1; do
  ok "... into $name as it stands" between "$name"
done
if command -v xmllint >/dev/null; then
  ok "... is XML" xmllint --noout "$work/a.svg"
fi

# A name may hold any bytes; only what JSON, XML and terminals can take is written.
odd="$work/$(printf 'we\033[31mird\377<&"')" long=$work/a-name-that-is-longer-than-a-row-of-a-terminal-has-room-for-and-than-64-letters
cp "$(command -v sleep)" "$odd"
cp "$(command -v sleep)" "$long"
"$odd" 100 &
odd_pid=$!
"$long" 100 &
long_pid=$!
sleep 0.1
ok "an odd name" shows '^we\?\[31mird\?<&" ' $brim map $odd_pid
ok "... brings no commands to the terminal" bash -c "! LC_ALL=C grep -q '[[:cntrl:]]' '$work/out'"
ok "... is drawn" $brim map --svg "$work/odd.svg" $odd_pid
if command -v python3 >/dev/null; then
  ok "... as XML" python3 -c 'import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.argv[1])' "$work/odd.svg"
  ok "... and is JSON" python3 -c 'import json, sys; assert json.loads(sys.stdin.buffer.read().decode())["program"] == "we\33[31mird\ufffd<&\""' \
    < <($brim map --json $odd_pid)
fi
broken=$work/$'a\nname' && cp "$(command -v sleep)" "$broken"
ok "a name of two lines is one, and that of a program" shows '^a\\012name \([0-9]+\): ' \
  bash -c "'$broken' 5 & sleep 0.1; $brim map \$! | grep -B 9 ' text\$'; kill \$!"
ok "a long name is whole where nobody's terminal is" shows "${long##*/}" $brim map $long_pid
cat >"$work/mapped.c" <<'END'
#include <fcntl.h>
#include <sys/mman.h>
int main(int argc, char **argv) { return argc != 2 || !mmap(0, 4096, PROT_READ, MAP_PRIVATE, open(argv[1], O_RDONLY), 0); }
END
${CC:-cc} -o "$work/mapped" "$work/mapped.c"
ok "... that of a region, too" shows "[#+-] +${long##*/}$" picture -- "$work/mapped" "$long"
if script -qec true /dev/null >/dev/null 2>&1; then
  ok "... on a terminal it is cut, with a mark" shows 'a-name-that-is-longer-tha>' \
    env TERM=dumb script -qec "$brim map -- $work/mapped $long" /dev/null
else
  skip "... on a terminal it is cut, with a mark" "no pseudo-terminal here"
fi
kill $odd_pid $long_pid
wait $odd_pid $long_pid 2>/dev/null

kill $sleeper
wait $sleeper 2>/dev/null
ok "a process that is gone" fails 66 'no process .*it has ended' $brim map $sleeper
ok "a kernel thread" fails 66 "no process 2 with memory" $brim map 2
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null && [ -x "$(readlink -f $brim)" ]; then
  cp $brim "$work/brim" && chmod 755 "$work" "$work/brim" && cp "$(command -v sleep)" "$work/unread" && chmod 711 "$work/unread"
  ok "a program that may not be read, of which there is no picture but one of this command before it became it" \
    fails 69 'its file may not be read' setpriv --reuid=65534 --clear-groups "$work/brim" map --at-peak -- "$work/unread" 0.1
  ok "another user's" fails 77 'may not be read.*sudo' setpriv --reuid=65534 --clear-groups "$work/brim" map $$
fi
ok "not a number" fails 64 "'x' is no process id; to run a program put -- before it" $brim map x
ok "negative" fails 64 "there is no option -5" $brim map -5
ok "nothing" fails 64 '^usage: brim map' $brim map
ok "two pictures on standard output" fails 64 "two options write to '-'" $brim map --json --svg - 1
ok "no such option" fails 64 "there is no option --nonsense; 'brim help map' lists them" $brim map --nonsense 1
ok "no file" fails 64 '--svg needs a value' $brim map --svg
printf '#!/nowhere/interpreter\n' >"$work/lost" && chmod +x "$work/lost"
ok "a script without its interpreter" fails 72 "asks for the interpreter '/nowhere/interpreter'" $brim map -- "$work/lost"
ok "two" fails 64 '^usage: brim map' $brim map 1 2
ok "no program after --" fails 64 '^usage: brim map' $brim map --
ok "--at-peak of a process" fails 64 'need a program to run' $brim map --at-peak 1
ok "a file that is no smaps" fails 65 'is no copy of smaps; save one with' $brim map --smaps /etc/passwd
printf '%s\n' '5000-3000 rw-p 0 00:00 0' 'Rss: 4 kB' >"$work/backwards"
ok "a file whose areas end before they begin" fails 65 'is no copy of smaps; save one with' $brim map --smaps "$work/backwards"
cat /proc/self/maps >"$work/maps"
ok "a file that is maps, without sizes" fails 65 'is no copy of smaps; save one with' $brim map --smaps "$work/maps"
ok "a file that is not there" fails 66 "can't read" $brim map --smaps /nonexistent
mkdir "$work/limited"
limited() { (ulimit -f 1 && fails 74 "can't write '.*a.svg': File too large" $brim map --svg "$work/limited/a.svg" $$); }
ok "a limit on the size of files" limited
ok "... leaves no half a file" rmdir "$work/limited"
ok "an SVG that can't be written" fails 73 "can't write" $brim map --svg /nonexistent/a.svg $$
finish
