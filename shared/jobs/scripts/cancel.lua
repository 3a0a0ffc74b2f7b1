-- Stop a job: what waits is canceled at once, what runs at its next unit. Returns the status that it found.
local job = ARGV[2]
local status = job_get(job, 'status')
if not status then return 'none' end
if is_final(status) or status == 'canceling' then return status end

local now = now_ms()
cancel_waiting(job, now)
if any_running(job) then
  set_job_status(job, 'canceling', now)
  tell_job(job, 'canceling')
else
  set_job_status(job, 'canceled', now)
  tell_job(job, 'canceled')
end
return status
