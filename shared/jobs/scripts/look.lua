-- What the reconciler must know of a job: {status, stages that could start with their ranks, running stages without a lease}.
local job = ARGV[2]
local holderless = {}
for _, stage in ipairs(stage_ids(job)) do
  local fields = redis.call('HMGET', stage_key(job, stage), 'status', 'token', 'worker', 'task_id', 'attempts')
  if fields[1] == 'running' and redis.call('EXISTS', lease_key(job, stage)) == 0 then
    table.insert(holderless, { stage, fields[2] or '', fields[3] or '', fields[4] or '', fields[5] or '0' })
  end
end
return { job_get(job, 'status') or 'none', ranked(job, now_ms()), holderless }
