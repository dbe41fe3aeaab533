#!/bin/bash
# perl.sh: hashes, strings, sorting, regular expressions and threads of perl.
. "$(dirname "$0")/real.sh"
needs perl
cat >work.pl <<'END'
use strict; use warnings;
my $n = shift;
my (%h, @a);
for my $i (1 .. $n) {
  my $key = join '-', map { ($i * $_) % 9973 } 1 .. 4;
  $h{$key} .= "value $i ";
  push @a, $key . 'x' x ($i % 200);
  delete $h{$a[rand(1) * 0 + $i / 2]} if $i % 3 == 0;
}
my @sorted = sort { length $a <=> length $b or $a cmp $b } @a;
my $text = join ' ', @sorted;
my $count = () = $text =~ /(\d+)-(\d+)-\1?x+/g;
$text =~ s/(\d+)/<$1>/g;
print scalar(keys %h), " $count ", length $text, " $sorted[0] $sorted[-1]\n";
if (eval { require threads; 1 }) {
  my @t = map { my $k = $_; threads->create(sub { my %own = map { ("$k $_" => 'y' x ($_ % 500)) } 1 .. $n / 20; scalar keys %own }) } 1 .. 8;
  print join(' ', map { $_->join } @t), "\n";
}
END
same 'hashes, sorting, regular expressions, threads' perl work.pl "$(quick 40000 400000)"
end
