#!/bin/bash
# java.sh: a JVM with threads, garbage collection, compression and class loading.
. "$(dirname "$0")/real.sh"
needs java javac
cat >Work.java <<'END'
import java.util.*;
import java.util.concurrent.*;
import java.util.zip.*;

public class Work {
  static long work(int seed, int n) throws Exception {
    Random random = new Random(seed);
    Map<String, byte[]> map = new HashMap<>();
    CRC32 sum = new CRC32();
    for (int i = 0; i < n; i++) {
      byte[] data = new byte[random.nextInt(20000)];
      random.nextBytes(data);
      map.put("key " + random.nextInt(500), data);
      Deflater deflater = new Deflater();
      deflater.setInput(data, 0, data.length / 10);
      deflater.finish();
      byte[] packed = new byte[data.length + 100];
      sum.update(packed, 0, deflater.deflate(packed));
      deflater.end();
    }
    return sum.getValue() + map.size();
  }
  public static void main(String[] a) throws Exception {
    int n = Integer.parseInt(a[0]);
    ExecutorService pool = Executors.newFixedThreadPool(6);
    List<Future<Long>> results = new ArrayList<>();
    for (int i = 0; i < 24; i++) { int seed = i; results.add(pool.submit(() -> work(seed, n))); }
    for (Future<Long> r : results) System.out.println(r.get());
    pool.shutdown();
  }
}
END
check 'javac' on_brim javac Work.java
same 'threads, garbage collection, compression' java -Xmx256m Work "$(quick 300 6000)"
end
