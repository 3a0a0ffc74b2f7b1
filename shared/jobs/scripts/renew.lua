-- Prolong a lease; one that ran out while nobody took the stage is taken up again. Returns 1, or 0 when it is lost.
local job, stage, token, lease_ms, log_tail = ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
if not holds(job, stage, token) then return 0 end
-- Of the two only the second needs memory: a full Redis lets no lease run out.
if redis.call('PEXPIRE', lease_key(job, stage), lease_ms) == 0 then
  redis.call('SET', lease_key(job, stage), token, 'PX', lease_ms)
end
if log_tail and log_tail ~= '' then stage_set(job, stage, 'log_tail', log_tail) end
return 1
