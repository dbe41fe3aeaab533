#!/bin/bash
# ruby.sh: strings, hashes, threads, fork and the garbage collector of ruby.
. "$(dirname "$0")/real.sh"
needs ruby
cat >work.rb <<'END'
n = ARGV[0].to_i
words = (1..n).map { |i| "word #{i * 7919 % 10007} " + "x" * (i % 300) }
groups = words.group_by { |w| w[5, 2] }.transform_values { |v| v.map(&:upcase).sort.uniq.size }
p groups.sort.first(20), words.join.gsub(/(\d)x+/, '<\1>').size
p (1..8).map { |t| Thread.new { (1..n / 20).map { |i| [t, i].to_s * 3 }.sum(&:size) } }.map(&:value)
3.times { |i| pid = fork { words.map!(&:reverse); GC.start; exit! words.size == n ? 0 : 1 }; Process.wait pid; p $?.exitstatus }
GC.stress = true
p 50.times.map { |i| "s#{i}" * i }.join.size
GC.stress = false
GC.compact if GC.respond_to?(:compact)
p words.size
END
same 'strings, hashes, threads, fork, GC.stress' ruby work.rb "$(quick 30000 300000)"
end
