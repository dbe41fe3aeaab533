#!/bin/sh
# ruby.sh: strings and hashes; small objects live in the interpreter's own heap, their contents in malloc's.
if [ "$1" = --describe ]; then
  echo "suite programs"
  echo "help Ruby builds strings, arrays and hashes"
  echo "needs ruby"
  echo "quick 1"
  echo "full 1"
  exit
fi
exec ruby --disable-gems -e '
ARGV[0].to_i.times do
  words = Hash.new { |h, k| h[k] = [] }
  50_000.times { |i| words["key number #{i * 7919 % 10007} of many"] << "a string of some length #{i}" }
  raise unless words.values.map { |v| v.join(" ") }.join("\n").size > 1_000_000
end
' "$2"
