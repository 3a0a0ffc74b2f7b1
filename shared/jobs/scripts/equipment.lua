-- Note which networks and extras a worker has (a name given), drop what is older than keep_ms; returns what is known.
local worker, networks, extras, keep_ms = ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])
local key = prefix .. ':equipment'
local now = now_ms()
if worker ~= '' then
  redis.call('HSET', key, worker, cjson.encode({ networks = networks, extras = extras, at = now }))
end
local known = {}
local all = redis.call('HGETALL', key)
for i = 1, #all, 2 do
  local report = cjson.decode(all[i + 1])
  if now - report.at > keep_ms then
    redis.call('HDEL', key, all[i])
  else
    table.insert(known, { report.networks, report.extras })
  end
end
return known
