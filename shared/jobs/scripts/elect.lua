-- Become or stay the only reconciler for hold_ms; 1 ms resigns. Returns 1 to the elected, 0 to the others.
local token, hold_ms = ARGV[2], ARGV[3]
local key = prefix .. ':reconciler'
local elected = redis.call('GET', key)
if elected and elected ~= token then return 0 end
redis.call('SET', key, token, 'PX', hold_ms)
return 1
