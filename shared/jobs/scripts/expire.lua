-- Take a stage from a holder whose lease died. Returns 'queued', 'failed' or 'held' (somebody was alive after all).
local job, stage, token, attempts_allowed, failure = ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5]), ARGV[6]
if not holds(job, stage, token) or redis.call('EXISTS', lease_key(job, stage)) == 1 then return 'held' end

local now = now_ms()
tell_stage(job, stage, 'lost')
stage_set(job, stage, 'failure', failure)
keep_evidence(job, stage, now)
local stopping = job_get(job, 'status') == 'canceling' or is_final(job_get(job, 'status'))
if not stopping and number_of(stage_get(job, stage, 'attempts')) >= attempts_allowed then
  bury(job, stage, failure, now)
  return 'failed'
end
put_back(job, stage, now, 'queued')
return 'queued'
