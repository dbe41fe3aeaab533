#!/bin/bash
# stress-ng.sh: stress-ng's stressors of malloc, fork and the break, with its own verification.
. "$(dirname "$0")/real.sh"
needs stress-ng
n=$(quick 1 20)
check 'malloc' on_brim stress-ng --malloc 2 --malloc-ops $((n * 20000)) --malloc-pthreads 2 --verify --timeout $((n * 20))
check 'malloc, touched' on_brim stress-ng --malloc 2 --malloc-touch --malloc-bytes 256M --malloc-ops $((n * 2000)) --verify --timeout $((n * 20))
check 'fork' on_brim stress-ng --fork 2 --fork-ops $((n * 1000)) --verify --timeout $((n * 20))
check 'vfork' on_brim stress-ng --vfork 2 --vfork-ops $((n * 1000)) --verify --timeout $((n * 20))
check 'break' on_brim stress-ng --brk 1 --brk-ops $((n * 5000)) --verify --timeout $((n * 20))
check 'threads' on_brim stress-ng --pthread 2 --pthread-ops $((n * 2000)) --verify --timeout $((n * 20))
end
