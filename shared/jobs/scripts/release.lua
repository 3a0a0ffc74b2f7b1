-- Give a stage back in the middle, unharmed; the attempt does not count. Returns 'released' or 'lost'.
local job, stage, token = ARGV[2], ARGV[3], ARGV[4]
if not owns(job, stage, token) then return 'lost' end
redis.call('HINCRBY', stage_key(job, stage), 'attempts', -1)
put_back(job, stage, now_ms(), 'released')
return 'released'
