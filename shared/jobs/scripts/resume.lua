-- Wake a paused job. Returns the status that it found.
local job = ARGV[2]
local status = job_get(job, 'status')
if not status then return 'none' end
if status ~= 'paused' then return status end

local started = false
for _, stage in ipairs(stage_ids(job)) do
  local was = stage_get(job, stage, 'status')
  started = started or was ~= 'queued'
  if was == 'paused' then
    stage_set(job, stage, 'status', 'queued')
  end
end
local becomes = started and 'running' or 'queued'
set_job_status(job, becomes, now_ms())
tell_job(job, becomes)
return status
