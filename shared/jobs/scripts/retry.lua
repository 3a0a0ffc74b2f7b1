-- Take up a failed job where it failed, with all its attempts again. Returns the status that it found.
local job = ARGV[2]
local status = job_get(job, 'status')
if not status then return 'none' end
if status ~= 'failed' then return status end
if job_get(job, 'pictures_gone_at') then return 'retired' end

redis.call('HSET', job_key(job), 'failure', '')
-- A stage that ran beside the failed one may not have noticed yet.
local becomes = any_running(job) and 'running' or 'queued'
set_job_status(job, becomes, now_ms())
tell_job(job, becomes)
for _, stage in ipairs(stage_ids(job)) do
  local was = stage_get(job, stage, 'status')
  stage_set(job, stage, 'reopenings', 0)
  if was == 'failed' or was == 'canceled' then
    stage_set(job, stage, 'status', 'queued', 'attempts', 0, 'not_before', 0, 'finished_at', '')
    forget_failure(job, stage)
    tell_stage(job, stage, 'queued')
  end
end
return status
