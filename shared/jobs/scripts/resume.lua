-- Wake a paused job. Returns the status that it found.
local job = ARGV[2]
local status = job_get(job, 'status')
if not status then return 'none' end
if status ~= 'paused' then return status end

local started, put_away = false, {}
for _, stage in ipairs(stage_ids(job)) do
  local was = stage_get(job, stage, 'status')
  started = started or was ~= 'queued'
  if was == 'paused' then table.insert(put_away, stage) end
end
local becomes = started and 'running' or 'queued'
set_job_status(job, becomes, now_ms())
tell_job(job, becomes)
for _, stage in ipairs(put_away) do
  stage_set(job, stage, 'status', 'queued')
  tell_stage(job, stage, 'queued')
end
return status
