#!/bin/bash
# node.sh: node with worker threads, buffers and compression.
. "$(dirname "$0")/real.sh"
needs node
cat >work.js <<'END'
const { Worker, isMainThread, workerData, parentPort } = require('worker_threads');
const zlib = require('zlib'), crypto = require('crypto');
function work(seed, n) {
  const hash = crypto.createHash('sha256');
  let objects = [];
  for (let i = 0; i < n; i++) {
    objects.push({ id: i, name: 'object ' + (i * seed) % 9973, list: Array.from({ length: i % 20 }, (_, k) => k * i) });
    if (i % 1000 === 999) {
      const text = JSON.stringify(objects), packed = zlib.deflateSync(text);
      if (zlib.inflateSync(packed).toString() !== text) throw new Error('damaged');
      hash.update(text);
      objects = objects.filter((o) => o.id % 7 === 0);
    }
  }
  return hash.digest('hex');
}
if (!isMainThread) parentPort.postMessage(work(workerData.seed, workerData.n));
else {
  const n = +process.argv[2], rounds = +process.argv[3], results = {};
  let left = 4 * rounds;
  const start = (id) => new Worker(__filename, { workerData: { seed: id + 1, n } })
    .on('message', (m) => { results[id] = m; })
    .on('exit', (code) => {
      if (code) process.exit(1);
      if (id + 4 < 4 * rounds) start(id + 4);
      if (--left === 0) console.log(Object.keys(results).map((k) => results[k]).join('\n'));
    });
  for (let id = 0; id < 4; id++) start(id);
}
END
same 'workers, JSON, zlib' node work.js "$(quick 3000 20000)" "$(quick 1 8)"
end
