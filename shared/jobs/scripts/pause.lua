-- Let a job rest: nothing more is started, what runs stops at its next unit. Returns the status that it found.
local job = ARGV[2]
local status = job_get(job, 'status')
if not status then return 'none' end
if not gives_out(status) then return status end
set_job_status(job, 'paused', now_ms())
tell_job(job, 'paused')
return status
