-- Remove every trace of a job that was parted from its pictures. Returns 'forgotten', 'none', or its status while it is
-- not parted from them.
local job = ARGV[2]
local fields = redis.call('HMGET', job_key(job), 'status', 'pictures_gone_at', 'idempotency_at', 'image_ids')
if not fields[1] then return 'none' end
if not fields[2] then return fields[1] end

for _, image in ipairs(cjson.decode(fields[4] or '[]')) do redis.call('SREM', references_key(image), job) end
for _, stage in ipairs(stage_ids(job)) do redis.call('DEL', stage_key(job, stage), lease_key(job, stage)) end
if fields[3] and redis.call('HGET', fields[3], 'job') == job then redis.call('DEL', fields[3]) end
redis.call('ZREM', prefix .. ':jobs', job)
redis.call('ZREM', prefix .. ':jobs:' .. fields[1], job)
redis.call('DEL', job_key(job) .. ':events', job_key(job))
return 'forgotten'
