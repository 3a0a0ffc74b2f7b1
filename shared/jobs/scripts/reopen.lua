-- End an attempt that missed what other stages had made: they are made again, then it is tried again.
-- Returns {'queued', stages that became runnable...}, {'failed'} or {'lost'}.
local job, stage, token, failure = ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local attempts_allowed, gone, gone_too_often = tonumber(ARGV[6]), cjson.decode(ARGV[7]), ARGV[8]
local traceback, log_tail = ARGV[9], ARGV[10]
if not holds(job, stage, token) then return { 'lost' } end

local now = now_ms()
local job_status = job_get(job, 'status')
local open = job_status ~= 'canceling' and not is_final(job_status)

-- Another stage that missed them may have reopened some already.
local wanted, hopeless = {}, false
for _, id in ipairs(open and gone or {}) do
  if is_done(stage_get(job, id, 'status')) then
    table.insert(wanted, id)
    hopeless = hopeless or number_of(stage_get(job, id, 'reopenings')) >= attempts_allowed
  end
end

local function reopen(id)
  stage_set(job, id, 'status', 'queued', 'attempts', 0, 'artifacts', '', 'committed_by', '')
  stage_set(job, id, 'seconds', '', 'finished_at', '', 'not_before', 0)
  -- Gone, not empty: it is set only where there is none.
  redis.call('HDEL', stage_key(job, id), 'started_at')
  redis.call('HINCRBY', stage_key(job, id), 'reopenings', 1)
  set_progress(job, id, 0)
  for _, needing in ipairs(cjson.decode(stage_get(job, id, 'needed_by'))) do
    redis.call('HINCRBY', stage_key(job, needing), 'waiting', 1)
  end
  redis.call('HINCRBY', job_key(job), 'stages_done', -1)
  tell_stage(job, id, 'queued')
end

keep_evidence(job, stage, now, traceback, log_tail)
local last = number_of(stage_get(job, stage, 'attempts')) >= attempts_allowed
-- Reopened stages have all their attempts again: without a bound of its own, each link of a chain would multiply them.
if last or hopeless then
  bury(job, stage, last and failure or gone_too_often, now)
  return { 'failed' }
end
stage_set(job, stage, 'failure', failure)
for _, id in ipairs(wanted) do reopen(id) end
put_back(job, stage, now, 'queued')
return { 'queued', unpack(runnable(job, now)) }
