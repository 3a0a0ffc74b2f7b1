-- Start an attempt at a stage. Returns {'granted', token, attempt, checkpoint, preview, seconds} or {reason for refusing}.
local job, stage, worker, task, nonce = ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local lease_ms, attempts_allowed, gave_up = ARGV[7], tonumber(ARGV[8]), ARGV[9]

local function granted()
  local fields = redis.call('HMGET', stage_key(job, stage), 'token', 'attempts', 'checkpoint', 'preview', 'seconds')
  return { 'granted', fields[1], fields[2], fields[3] or '', fields[4] or '', fields[5] or '0' }
end

local job_status, status = job_get(job, 'status'), stage_get(job, stage, 'status')
if not job_status or not status then return { 'not_found' } end
if is_done(status) then return { 'done' } end
if status == 'running' then
  if stage_get(job, stage, 'nonce') == nonce then return granted() end
  return { 'leased' }
end
if is_final(job_status) or job_status == 'canceling' then return { 'job_over' } end
if job_status == 'paused' then return { 'paused' } end
local now = now_ms()
if not is_runnable(job, stage, now) then return { 'not_runnable' } end

local attempts = number_of(stage_get(job, stage, 'attempts'))
if attempts >= attempts_allowed then
  local last = stage_get(job, stage, 'failure')
  bury(job, stage, last and last ~= '' and last or gave_up, now)
  return { 'dead' }
end

-- A server that loses its last writes, or a replica that never had them, would count the same token out again; its
-- clock has gone on.
local token = math.max(number_of(redis.call('GET', prefix .. ':fence')) + 1, now)
redis.call('SET', prefix .. ':fence', token)
redis.call('SET', lease_key(job, stage), token, 'PX', lease_ms)
stage_set(job, stage, 'status', 'running', 'token', token, 'nonce', nonce, 'attempts', attempts + 1)
stage_set(job, stage, 'worker', worker, 'task_id', task, 'failure', '', 'log_tail', '', 'finished_at', '')
redis.call('HSETNX', stage_key(job, stage), 'started_at', now)
redis.call('HINCRBY', stage_key(job, stage), 'starts', 1)
if job_status == 'queued' then
  set_job_status(job, 'running', now)
  tell_job(job, 'running')
end
tell_stage(job, stage, 'running')
return granted()
