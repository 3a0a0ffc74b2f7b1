-- End an attempt that went wrong: back into the queue after a pause, or for good. Returns 'queued', 'failed' or 'lost'.
local job, stage, token = ARGV[2], ARGV[3], ARGV[4]
local failure, retry, attempts_allowed, pause_ms = ARGV[5], ARGV[6] == '1', tonumber(ARGV[7]), tonumber(ARGV[8])
local traceback, log_tail = ARGV[9], ARGV[10]
if not holds(job, stage, token) then return 'lost' end

local now = now_ms()
stage_set(job, stage, 'failure', failure)
keep_evidence(job, stage, now, traceback, log_tail)
if retry and number_of(stage_get(job, stage, 'attempts')) < attempts_allowed then
  stage_set(job, stage, 'not_before', now + pause_ms)
  put_back(job, stage, now, 'queued')
  return 'queued'
end
bury(job, stage, failure, now)
return 'failed'
