-- Prolong a lease; one that ran out while nobody took the stage is taken up again. Returns 1, or 0 when it is lost.
local job, stage, token, lease_ms, log_tail = ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
if not owns(job, stage, token) then return 0 end
redis.call('SET', lease_key(job, stage), token, 'PX', lease_ms)
if log_tail and log_tail ~= '' then stage_set(job, stage, 'log_tail', log_tail) end
return 1
