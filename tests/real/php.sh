#!/bin/bash
# php.sh: PHP with its extensions, which it loads with RTLD_DEEPBIND.
. "$(dirname "$0")/real.sh"
needs php
cat >work.php <<'END'
<?php
$n = (int)$argv[1];
$all = [];
for ($i = 0; $i < $n; $i++) $all["key $i"] = str_repeat("wörter ", $i % 50) . md5((string)$i);
ksort($all);
echo count($all), ' ', md5(implode($all)), "\n";
if (extension_loaded('mbstring')) echo 'mbstring ', md5(mb_convert_case(implode(' ', array_slice($all, 0, 2000)), MB_CASE_UPPER)), "\n";
if (extension_loaded('dom')) {
  $d = new DOMDocument; $r = $d->appendChild($d->createElement('r'));
  for ($i = 0; $i < $n / 10; $i++) { $e = $r->appendChild($d->createElement('e', "text $i")); $e->setAttribute('i', (string)$i); }
  $x = $d->saveXML(); $e = new DOMDocument; $e->loadXML($x);
  echo 'dom ', md5($x), ' ', (new DOMXPath($e))->query('//e[@i mod 7 = 0]')->length, ' ', count(simplexml_load_string($x)->e), "\n";
}
if (extension_loaded('sqlite3')) {
  $s = new SQLite3(':memory:'); $s->exec('create table t (a, b)');
  $q = $s->prepare('insert into t values (?, ?)');
  for ($i = 0; $i < $n / 10; $i++) { $q->bindValue(1, $i); $q->bindValue(2, "row $i"); $q->execute(); $q->reset(); }
  echo 'sqlite3 ', $s->querySingle('select sum(a) || max(b) from t'), ' ', $s->querySingle('pragma integrity_check'), "\n";
}
if (extension_loaded('intl')) { $c = new Collator('de_DE'); $w = ['zebra', 'Äpfel', 'apfel', 'öl']; $c->sort($w); echo 'intl ', implode(' ', $w), ' ', (new NumberFormatter('de_DE', NumberFormatter::CURRENCY))->formatCurrency(1234567.891, 'EUR'), "\n"; }
if (extension_loaded('gd')) { $i = imagecreatetruecolor(500, 500); for ($k = 0; $k < 200; $k++) imagefilledellipse($i, $k * 2, $k, $k, $k, $k * 1000); ob_start(); imagepng($i); echo 'gd ', md5(ob_get_clean()), "\n"; }
if (extension_loaded('curl')) { file_put_contents('f', $t = str_repeat('curl ', $n)); $c = curl_init('file://' . getcwd() . '/f'); curl_setopt($c, CURLOPT_RETURNTRANSFER, true); echo 'curl ', md5((string)curl_exec($c)) === md5($t) ? 'same' : 'differs', "\n"; curl_close($c); }
echo strlen(gzuncompress(gzcompress(implode($all)))), ' ', strlen(serialize(unserialize(serialize($all)))), "\n";
END
same 'extensions' php work.php "$(quick 5000 60000)"
export USE_ZEND_ALLOC=0
same 'every value by malloc' php work.php "$(quick 2000 30000)"
unset USE_ZEND_ALLOC
check 'the interpreter ends well' on_brim php -r 'exit((int)!extension_loaded("standard"));'
end
