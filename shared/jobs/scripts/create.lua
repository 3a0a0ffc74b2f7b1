-- Take in a job, once for each id and each idempotency key of its owner.
-- Returns {whose id: 'created' | 'known' | 'conflict', job id}.
local job, idempotency_key, digest, keep_ms = ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local fields, stages = cjson.decode(ARGV[6]), cjson.decode(ARGV[7])

if redis.call('EXISTS', job_key(job)) == 1 then return { 'created', job } end
if idempotency_key ~= '' then
  -- No owner's name has a line break in it, so no two owners share a key.
  local key = prefix .. ':idempotency:' .. fields.owner .. '\n' .. idempotency_key
  local known = redis.call('HMGET', key, 'job', 'digest')
  if known[1] then return { known[2] == digest and 'known' or 'conflict', known[1] } end
  redis.call('HSET', key, 'job', job, 'digest', digest)
  redis.call('PEXPIRE', key, keep_ms)
  redis.call('HSET', job_key(job), 'idempotency_at', key)
end

local now = now_ms()
local sequence = redis.call('INCR', prefix .. ':sequence')
for name, value in pairs(fields) do redis.call('HSET', job_key(job), name, value) end
redis.call('HSET', job_key(job), 'sequence', sequence, 'created_at', now, 'stages_done', 0, 'worked', 0)
for _, image in ipairs(cjson.decode(fields.image_ids)) do redis.call('SADD', references_key(image), job) end
for _, stage in ipairs(stages) do
  for name, value in pairs(stage) do stage_set(job, stage.id, name, value) end
  stage_set(job, stage.id, 'status', 'queued', 'attempts', 0, 'progress', 0)
  redis.call('SADD', references_key(stage.key), job)
end
redis.call('ZADD', prefix .. ':jobs', sequence, job)
set_job_status(job, 'queued', now)
tell_job(job, 'created')
return { 'created', job }
