#!/bin/bash
# explain.t: what `brim explain` says of each call, and of input that makes no sense.
. "$(dirname "$0")/tap.sh"
unset BRIM_MMAP_THRESHOLD
page=$(getconf PAGESIZE)
up() { echo $((($1 + page - 1) / page * page)); }

ok "malloc(200000) is a mapping" shows 'source +a mapping of its own, by mmap' $brim explain malloc 200000
ok "... of whole pages" shows "\"block_bytes\": $(up 200000)," $brim explain --json malloc 200000
ok "malloc(100) is a block of the break heap" shows 'source +the break heap, grown by sbrk' $brim explain malloc 100
ok "128 KiB is the first mapping" shows '"source": "mapping"' $brim explain malloc 128K --json
ok "one byte less is the last block" shows '"source": "break".*"next_size": 131072' $brim explain malloc 131071 --json
ok "... with what decides how long a freed one is kept" shows '250 ms \(BRIM_PURGE_DELAY, the default\)' \
  $brim explain malloc 200000
ok "... and that a few stay longer" shows 'or longer, while no more than 4 MiB are free' $brim explain malloc 200000
ok "... and how many, by a thread and by all" shows '524,288 bytes by each thread, as many by all' \
  env BRIM_CACHE_MAX=1M $brim explain malloc 200000
ok "... also of one that is larger than that" shows 'freed +may be kept' \
  env BRIM_CACHE_MAX=100K BRIM_CACHE_SHARE=0 $brim explain malloc 200000
ok "... or that it is not" shows 'unmapped at once \(BRIM_CACHE_MAX is 0, from the environment\)' \
  env BRIM_CACHE_MAX=0 $brim explain malloc 200000
ok "... for want of a delay, too" shows 'unmapped at once \(BRIM_PURGE_DELAY is 0, from the environment\)' \
  env BRIM_PURGE_DELAY=0 $brim explain malloc 200000
ok "the heap is grown by what BRIM_BREAK says" shows 'grown by mmap \(BRIM_BREAK is 0, from the environment\)' \
  env BRIM_BREAK=0 $brim explain malloc 100
ok "... in JSON" shows '"grown_by": "mmap"' env BRIM_BREAK=0 $brim explain malloc 100 --json
ok "the threshold names its option" shows 'threshold +131,072 bytes \(BRIM_MMAP_THRESHOLD, the default\)' \
  $brim explain malloc 1
ok "... and follows it" shows 'source +the break heap' env BRIM_MMAP_THRESHOLD=1M $brim explain malloc 200000
ok "... and says where it is from" shows '1,048,576 bytes .*from the environment' \
  env BRIM_MMAP_THRESHOLD=1M $brim explain malloc 200000
ok "... as far as the break heap has a block" shows 'source +the break heap' env BRIM_MMAP_THRESHOLD=4G $brim explain malloc 1073725440
ok "... and no farther" shows 'source +a mapping' env BRIM_MMAP_THRESHOLD=4G $brim explain malloc 1073725441
ok "... in JSON" shows '"threshold_from": "environment"' env BRIM_MMAP_THRESHOLD=1M $brim explain malloc 200000 --json
ok "what one byte more changes" shows 'one byte more changes that: a mapping of 131,072 bytes, by mmap' \
  $brim explain malloc 131071
ok "... in JSON" shows '"next_size": 131072, "next_source": "mapping", "next_block_bytes": 131072' \
  $brim explain malloc 131071 --json
ok "no line is wider than 80 columns" bash -c \
  "for n in 1 5000 131071 200000 8388608; do $brim explain malloc \$n; done | (! grep -E '.{81}')"
ok "malloc(0) takes the smallest block" shows 'takes +16 bytes, of which 16 unused' $brim explain malloc 0
ok "what no address space holds is refused" shows 'refused +NULL and ENOMEM' $brim explain malloc 0xffffffffffffffff
ok "... though it is below 2^63" shows 'refused +NULL and ENOMEM' $brim explain malloc 0x7fffffffffff0000
if [ "$(uname -m)${RUNNER:-}" = x86_64 ]; then
  ok "... and all of an address space, in which something is always" \
    shows 'refused +NULL and ENOMEM: no address space' $brim explain malloc 128T
  ok "... by mmap, too" fails 64 'mmap refuses it with ENOMEM' $brim explain mmap 128T
fi
ok "... by mmap" fails 64 'mmap refuses it with ENOMEM' $brim explain mmap 0x7fffffffffff0000
# Under the kernel's usual rule, no single request is promised more memory than there is.
if [ "$(cat /proc/sys/vm/overcommit_memory)" = 0 ]; then
  all=$(awk '/^(MemTotal|SwapTotal):/ { kib += $2 } END { print kib }' /proc/meminfo)
  ok "what is more than memory and swap is refused" shows 'refused .* more than memory and swap' \
    $brim explain malloc $((all + 1024))K
  ok "... in JSON" shows '"source": "none"' $brim explain malloc $((all + 1024))K --json
  ok "... by mmap, if it is private" shows 'refused +with ENOMEM, if it is private' $brim explain mmap $((all + 1024))K
  ok "... in JSON" shows '"refused": true' $brim explain mmap $((all + 1024))K --json
  ok "... with no line wider than 80 columns" bash -c \
    "for call in malloc mmap; do $brim explain \$call $((all + 1024))K; done | (! grep -E '.{81}')"
  ok "... and less is not" shows '"source": "mapping"' $brim explain malloc $((all - 1024))K --json
fi
ok "what it says is what malloc does" shows "\"block_bytes\": 112, \"unused_bytes\": 12" $brim explain malloc 100 --json

ok "mmap rounds up to pages" shows "\"mapped_bytes\": $(up 5000), \"unused_bytes\": $(($(up 5000) - 5000))}" \
  $brim explain mmap 5000 --json
ok "sbrk adds" shows 'new break +0x10002000' $brim explain sbrk 0x10000000 8192
ok "... and returns the old break" shows 'returns +0x10000000, the old break' $brim explain sbrk 0x10000000 8192
ok "... and subtracts" shows '"new_break": "0x10000000"' $brim explain sbrk 0x10002000 -8K --json
ok "a break inside a page crosses none" shows 'crosses +0 pages' $brim explain sbrk 0x10000010 100
ok "... and one byte more does" shows "one byte more crosses 1 page" $brim explain sbrk $page 0
ok "... or as many as are left of the page" shows "next +one byte more crosses no other page; $((page - 99)),?[0-9]* bytes" \
  bash -c "$brim explain sbrk $((page + 100)) 0 | tr -d ','"

for size in 200K 200KiB 204800 0x32000 204800B; do
  ok "$size is 204800" shows '"size": 204800,' $brim explain malloc $size --json
done
ok "no size" fails 64 "'abc' is not a size; write bytes as" $brim explain malloc abc
ok "negative" fails 64 "'-5' is not a size" $brim explain malloc -5
ok "empty" fails 64 "'' is not a size" $brim explain mmap ''
ok "unknown unit" fails 64 'unit that is not known; K, M, G and T' $brim explain malloc 12Q
ok "fraction" fails 64 'has a fraction; write whole units' $brim explain malloc 1.5M
ok "above 2^64" fails 64 'above 2\^64' $brim explain malloc 99999999999999999999
ok "above 2^64 by its unit" fails 64 'above 2\^64' $brim explain malloc 99999999999T
ok "mmap of 0" fails 64 'refuses a length of 0 with EINVAL' $brim explain mmap 0
ok "a break below 0" fails 64 "can't go from 0x1000 by -8192" $brim explain sbrk 0x1000 -8192
ok "another call" fails 64 "'calloc' is no call that can be explained; malloc, mmap and sbrk are" $brim explain calloc 1
ok "no such option" fails 64 'there is no option --nonsense' $brim explain malloc 1 --nonsense
ok "no call" fails 64 '^usage: brim explain' $brim explain
ok "too many sizes" fails 64 '^usage: brim explain' $brim explain malloc 1 2
if command -v python3 >/dev/null; then
  ok "JSON" is_json $brim explain --json malloc 300
  ok "JSON of a refusal" is_json $brim explain --json malloc 0xffffffffffffffff
  ok "JSON of a move down" is_json $brim explain --json sbrk 0x10002000 -8K
else
  skip "JSON" "no python3 to read it"
fi
finish
