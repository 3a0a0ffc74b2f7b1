-- End an attempt that missed what other stages had made: they are made again, then it is tried again.
-- Returns {'queued', stages that became runnable...}, {'failed'} or {'lost'}.
local job, stage, token, failure = ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local attempts_allowed, gone = tonumber(ARGV[6]), cjson.decode(ARGV[7])
if not owns(job, stage, token) then return { 'lost' } end

local function reopen(id)
  stage_set(job, id, 'status', 'queued', 'attempts', 0, 'artifacts', '', 'committed_by', '')
  stage_set(job, id, 'seconds', '', 'finished_at', '', 'not_before', 0)
  -- Gone, not empty: it is set only where there is none.
  redis.call('HDEL', stage_key(job, id), 'started_at')
  set_progress(job, id, 0)
  for _, needing in ipairs(cjson.decode(stage_get(job, id, 'needed_by'))) do
    redis.call('HINCRBY', stage_key(job, needing), 'waiting', 1)
  end
  redis.call('HINCRBY', job_key(job), 'stages_done', -1)
  tell_stage(job, id, 'queued')
end

local now = now_ms()
stage_set(job, stage, 'failure', failure)
if number_of(stage_get(job, stage, 'attempts')) >= attempts_allowed then
  bury(job, stage, failure, now)
  return { 'failed' }
end
local job_status = job_get(job, 'status')
if job_status ~= 'canceling' and not is_final(job_status) then
  for _, id in ipairs(gone) do
    -- Another stage that missed it may have reopened it already.
    if is_done(stage_get(job, id, 'status')) then reopen(id) end
  end
end
put_back(job, stage, now, 'queued')
return { 'queued', unpack(runnable(job, now)) }
