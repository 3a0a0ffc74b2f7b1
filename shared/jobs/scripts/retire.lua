-- Part an ended job from its pictures: it needs no result any more, and cannot be taken up again.
-- Returns 'retired', 'none', 'changed' (it has ended anew since ended_at, given in ms or '') or, where something of it
-- may still run, its status.
local job, ended_at = ARGV[2], ARGV[3]
local status = job_get(job, 'status')
if not status then return 'none' end
if not is_final(status) or any_running(job) then return status end
if ended_at ~= '' and job_get(job, 'finished_at') ~= ended_at then return 'changed' end
if job_get(job, 'pictures_gone_at') then return 'retired' end

for _, stage in ipairs(stage_ids(job)) do
  redis.call('SREM', references_key(stage_get(job, stage, 'key')), job)
  stage_set(job, stage, 'checkpoint', '', 'preview', '')
end
redis.call('HSET', job_key(job), 'pictures_gone_at', now_ms())
return 'retired'
