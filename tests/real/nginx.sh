#!/bin/bash
# nginx.sh: an nginx server under load; every answer is whole.
. "$(dirname "$0")/real.sh"
PATH=$PATH:/usr/sbin
needs nginx ab curl
mkdir -p www
port=$((20000 + $$ % 20000)) proxy=$((port + 1))
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
n=$(quick 3000 100000)
load() { ab -q -n "$1" -c 50 -H 'Accept-Encoding: gzip' "$2" >ab.log && grep -qE '^Failed requests: +0' ab.log && ! grep -q 'Non-2xx' ab.log; }
check 'small answers' load "$n" http://127.0.0.1:$port/small.txt
check 'large answers, compressed' load $((n / 20)) http://127.0.0.1:$port/large.txt
check 'through a proxy' load $((n / 10)) http://127.0.0.1:$proxy/large.txt
check 'an answer is what was served' sh -c "curl -s --compressed http://127.0.0.1:$proxy/large.txt | cmp - www/large.txt"
check 'reload of the configuration' kill -HUP $server
sleep 0.5
check 'answers after it' load $((n / 10)) http://127.0.0.1:$port/small.txt
check 'no worker crashed' sh -c "! grep -E 'brim: |exited on signal' error.log server.log"
end
