-- Keep objects from being swept for hold_ms, long enough to take in a job that names them.
-- Returns '', or the first of them that is being swept just now.
local hold_ms = ARGV[2]
for i = 3, #ARGV do
  if redis.call('EXISTS', sweep_key(ARGV[i])) == 1 then return ARGV[i] end
end
for i = 3, #ARGV do redis.call('SET', hold_key(ARGV[i]), 1, 'PX', hold_ms) end
return ''
