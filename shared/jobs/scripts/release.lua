-- Give a stage back in the middle, unharmed; the attempt does not count.
-- Returns what the stage becomes, 'queued', 'paused' or 'canceled': its job may have changed since its holder looked; or 'lost'.
local job, stage, token = ARGV[2], ARGV[3], ARGV[4]
if not holds(job, stage, token) then return 'lost' end
redis.call('HINCRBY', stage_key(job, stage), 'attempts', -1)
return put_back(job, stage, now_ms(), 'released')
