#!/bin/sh
# lua.sh: tables and strings of an interpreter with a tracing collector; every object is a block from malloc.
if [ "$1" = --describe ]; then
  echo "suite programs"
  echo "help Lua builds tables and strings and collects them"
  echo "needs lua5.4"
  echo "quick 1"
  echo "full 1"
  exit
fi
exec lua5.4 -e "effort = $2" - <<'END'
for _ = 1, effort do
  local t = {}
  for i = 1, 60000 do
    local key = (i * 7919) % 10007
    t[key] = { value = i, text = tostring(i) .. ":" .. key, old = t[key] and t[key].text }
  end
  local parts = {}
  for k, v in pairs(t) do parts[#parts + 1] = v.text end
  assert(#table.concat(parts, " ") > 10007)
end
END
