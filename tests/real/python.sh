#!/bin/bash
# python.sh: python3's own tests, every object by malloc.
. "$(dirname "$0")/real.sh"
needs /usr/bin/python3
export PYTHONMALLOC=malloc
if ! /usr/bin/python3 -c 'import test.test_dict' 2>/dev/null; then
  echo '1..0 # SKIP libpython3.11-testsuite is not installed'
  exit 0
fi
tests='test_dict test_list test_set test_json test_re test_gc test_pickle test_threading test_zlib test_unicode'
more='test_bz2 test_lzma test_array test_ctypes test_concurrent_futures test_subprocess test_decimal test_hashlib
test_io test_mmap test_multiprocessing_fork test_queue test_random test_sort test_struct test_tarfile test_thread
test_threadsignals test_weakref test_xml_etree_c test_zipfile test_fork1 test_asyncio'
for name in $tests $(quick '' "$more"); do
  /usr/bin/python3 -c "import test.$name" 2>/dev/null || continue # not packaged
  check "$name" on_brim /usr/bin/python3 -m test -q "$name"
done
end
