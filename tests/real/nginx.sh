#!/bin/bash
# nginx.sh: an nginx server under load; every answer is whole.
. "$(dirname "$0")/real.sh"
PATH=$PATH:/usr/sbin
needs nginx wrk curl
mkdir -p www
port=$((10000 + $$ % 10000 * 2)) proxy=$((port + 1)) # below those that the kernel hands out
head -c 300000 /dev/urandom | base64 >www/large.txt
echo small >www/small.txt
chmod -R a+rX .
cat >nginx.conf <<END
worker_processes 2; daemon off; pid $PWD/pid; error_log $PWD/error.log;
events { worker_connections 512; }
http { access_log off; client_body_temp_path $PWD/b; proxy_temp_path $PWD/p; fastcgi_temp_path $PWD/f;
  uwsgi_temp_path $PWD/u; scgi_temp_path $PWD/s; gzip on; gzip_types text/plain; types { text/plain txt; }
  server { listen 127.0.0.1:$port; root $PWD/www; }
  server { listen 127.0.0.1:$proxy; location / { proxy_pass http://127.0.0.1:$port; } } }
END
LD_PRELOAD=$LIB nginx -p "$PWD" -c "$PWD/nginx.conf" >server.log 2>&1 &
server=$!
trap 'kill $server 2>/dev/null; wait $server 2>/dev/null; finish' EXIT
for _ in $(seq 50); do curl -s http://127.0.0.1:$port/small.txt >/dev/null && break; sleep 0.1; done
seconds=$(quick 2 20)
check 'the server runs on the library' sh -c "cat error.log server.log; grep -q '$(basename "$(readlink -f "$LIB")")' /proc/$server/maps"
# wrk compares every answer with the file; a compressed one is as long as the first, but for what buffering changes.
cat >whole.lua <<'END'
function setup(thread) threads = threads or {}; table.insert(threads, thread) end
function init(args)
  answers, wrong = 0, 0
  if args[1] then local file = io.open(args[1]); expected = file:read("*a"); file:close() end
end
function response(status, headers, body)
  expected_length = expected_length or #body
  local whole = expected and body == expected or not expected and math.abs(#body - expected_length) < 1000
  answers = answers + 1
  if status ~= 200 or not whole then wrong = wrong + 1 end
end
function done()
  local all, bad = 0, 0
  for _, thread in ipairs(threads) do all, bad = all + thread:get("answers"), bad + thread:get("wrong") end
  print("answers " .. (all > 0 and "came" or "did not come") .. ", wrong " .. bad)
end
END
# load CONNECTIONS URL [HEADER] [FILE]
load() {
  wrk -t 2 -c "$1" -d "$seconds" --timeout 60s -s whole.lua ${3:+-H "$3"} "$2" -- ${4:+"$4"} >wrk.log
  cat wrk.log
  grep -q 'answers came, wrong 0' wrk.log && ! grep -q 'Socket errors' wrk.log
}
check 'small answers' load 50 http://127.0.0.1:$port/small.txt '' www/small.txt
check 'large answers' load 8 http://127.0.0.1:$port/large.txt '' www/large.txt
check 'large answers, compressed' load 8 http://127.0.0.1:$port/large.txt 'Accept-Encoding: gzip'
check 'through a proxy' load 8 http://127.0.0.1:$proxy/large.txt '' www/large.txt
check 'an answer is what was served' sh -c "curl -s --compressed http://127.0.0.1:$proxy/large.txt | cmp - www/large.txt"
check 'reload of the configuration' kill -HUP $server
sleep 0.5
check 'answers after it' load 50 http://127.0.0.1:$port/small.txt '' www/small.txt
check 'no worker crashed' sh -c "! grep -E 'brim: |exited on signal' error.log server.log"
end
