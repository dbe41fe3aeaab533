#!/bin/sh
# perl.sh: scalars, hashes and strings that grow; references are counted, so that frees follow at once.
if [ "$1" = --describe ]; then
  echo "suite programs"
  echo "help Perl fills hashes, grows strings and sorts"
  echo "needs perl"
  echo "quick 1"
  echo "full 1"
  exit
fi
PERL_HASH_SEED=0 exec perl -e '
for (1 .. $ARGV[0]) {
  my (%words, $text);
  for my $i (1 .. 60000) {
    my $key = "key" . ($i * 7919 % 10007);
    push @{$words{$key}}, "value $i";
    $text .= "$key ";
  }
  my @sorted = sort map { join ",", @{$words{$_}} } keys %words;
  die unless @sorted == 10007 && length $text;
}
' "$2"
