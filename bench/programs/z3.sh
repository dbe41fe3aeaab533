#!/bin/sh
# z3.sh: a solver; many small objects of C++ with short and long lives.
if [ "$1" = --describe ]; then
  echo "suite programs"
  echo "help Z3 factors a number as a product of bit vectors"
  echo "needs z3"
  echo "quick 1"
  echo "full 1"
  exit
fi
i=0
while [ "$i" -lt "$2" ]; do
  i=$((i + 1))
  cat <<'END'
(reset)
(declare-const a (_ BitVec 40))
(declare-const b (_ BitVec 40))
(assert (bvugt a (_ bv1 40)))
(assert (bvule a b))
(assert (bvult b (_ bv1048576 40)))
(assert (= (bvmul a b) (_ bv250957 40)))
(check-sat)
END
done | exec z3 -in -memory:4000
