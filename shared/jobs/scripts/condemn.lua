-- Take objects that nobody needs, holds or sweeps; until 'swept', or for hold_ms, no stage that would make or find one
-- is given out. Returns those that were taken.
local token, hold_ms = ARGV[2], ARGV[3]
local taken = {}
for i = 4, #ARGV do
  local object = ARGV[i]
  if redis.call('EXISTS', references_key(object), hold_key(object), sweep_key(object)) == 0 then
    redis.call('SET', sweep_key(object), token, 'PX', hold_ms)
    table.insert(taken, object)
  end
end
return taken
