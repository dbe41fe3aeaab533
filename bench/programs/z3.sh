#!/bin/sh
# z3.sh: a solver; many small objects of C++ with short and long lives.
if [ "$1" = --describe ]; then
  echo "suite programs"
  echo "help Z3 factors a product of two bit vectors, then proves that it can't be done otherwise"
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
(declare-const a (_ BitVec 28))
(declare-const b (_ BitVec 28))
(assert (= (bvmul a b) #x0000000))
(assert (bvugt a #x0000001))
(assert (bvult a #x0004000))
(assert (= (bvmul a b) (_ bv1022117 28)))
(check-sat)
(reset)
(declare-const a (_ BitVec 20))
(declare-const b (_ BitVec 20))
(assert (bvugt a (_ bv1 20)))
(assert (bvugt b (_ bv1 20)))
(assert (bvult a (_ bv1024 20)))
(assert (bvult b (_ bv1024 20)))
(assert (= (bvmul a b) (_ bv1018081 20)))
(check-sat)
END
done | exec z3 -in -memory:4000
