-- The words that every transition is written in; it is put before each script.
-- Every transition may be sent twice: a connection that breaks after Redis has acted makes clients ask again.

local prefix = ARGV[1]
local EVENTS_KEPT = 2000
local EVENT_EVERY_MS = 1000

-- Redis' own clock: nothing depends on two machines agreeing on the time.
local function now_ms()
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end

local function job_key(job) return prefix .. ':job:' .. job end
local function stage_key(job, stage) return prefix .. ':job:' .. job .. ':stage:' .. stage end
local function lease_key(job, stage) return prefix .. ':lease:' .. job .. ':' .. stage end

-- Which jobs need an object: a stage's result, named by its key, or an uploaded image, named by its id.
-- While a sweep removes one nobody may take it up, and while a client is about to name one no sweep may begin.
local function references_key(object) return prefix .. ':references:' .. object end
local function sweep_key(object) return prefix .. ':sweep:' .. object end
local function hold_key(object) return prefix .. ':hold:' .. object end

local function job_get(job, field) return redis.call('HGET', job_key(job), field) end
local function stage_get(job, stage, field) return redis.call('HGET', stage_key(job, stage), field) end
local function stage_set(job, stage, ...) redis.call('HSET', stage_key(job, stage), ...) end
local function number_of(text) return tonumber(text or '0') or 0 end
local function stage_ids(job) return cjson.decode(job_get(job, 'stage_ids') or '[]') end
local function is_done(status) return status == 'succeeded' or status == 'reused' end
local function is_final(status) return status == 'succeeded' or status == 'failed' or status == 'canceled' end
local function gives_out(job_status) return job_status == 'queued' or job_status == 'running' end

-- The jobs of one owner that give out stages, oldest first; jobs from before there were owners are nobody's.
local function owner_key(job) return prefix .. ':owner:' .. (job_get(job, 'owner') or 'anonymous') end

local function job_progress(job)
  local fields = redis.call('HMGET', job_key(job), 'status', 'worked', 'work')
  if fields[1] == 'succeeded' then return 1 end
  return math.max(0, math.min(1, number_of(fields[2]) / math.max(number_of(fields[3]), 1e-12)))
end

local function append(job, type, data)
  data.job = job
  data.status = job_get(job, 'status')
  data.progress = job_progress(job)
  data.stages_done = number_of(job_get(job, 'stages_done'))
  data.stages_total = number_of(job_get(job, 'stages_total'))
  redis.call('XADD', job_key(job) .. ':events', 'MAXLEN', '~', EVENTS_KEPT, '*', 'type', type, 'data', cjson.encode(data))
end

local function tell_job(job, type)
  local failure = job_get(job, 'failure')
  append(job, 'job.' .. type, { failure = failure and failure ~= '' and cjson.decode(failure) or nil })
end

local function tell_stage(job, stage, type, eta_seconds)
  local names = { 'kind', 'label', 'status', 'detail', 'worker', 'preview', 'failure', 'index', 'attempts', 'progress' }
  local fields = redis.call('HMGET', stage_key(job, stage), unpack(names))
  local told = { id = stage, eta_seconds = eta_seconds }
  for i, name in ipairs(names) do
    local value = fields[i]
    if value and value ~= '' then
      if i > 7 then value = tonumber(value) end
      if name == 'failure' then value = cjson.decode(value) end
      told[name] = value
    end
  end
  append(job, 'stage.' .. type, { stage = told })
end

-- How far a stage is counts towards its job in proportion to its work.
local function set_progress(job, stage, progress)
  local fields = redis.call('HMGET', stage_key(job, stage), 'progress', 'work')
  -- Rounded before it is counted: what is taken back later is then exactly what was given.
  local rounded = string.format('%.6f', progress)
  local gained = (tonumber(rounded) - number_of(fields[1])) * number_of(fields[2])
  redis.call('HINCRBYFLOAT', job_key(job), 'worked', string.format('%.9f', gained))
  stage_set(job, stage, 'progress', rounded)
end

local function any_running(job)
  for _, stage in ipairs(stage_ids(job)) do
    if stage_get(job, stage, 'status') == 'running' then return true end
  end
  return false
end

-- A job's status and the indexes that are kept by status change together or not at all.
-- A job that has ended stays active while one of its stages runs: its holder may die, and somebody must notice.
local function set_job_status(job, status, now)
  local before = job_get(job, 'status')
  local place = job_get(job, 'sequence')
  if before then redis.call('ZREM', prefix .. ':jobs:' .. before, job) end
  redis.call('ZADD', prefix .. ':jobs:' .. status, place, job)
  redis.call('HSET', job_key(job), 'status', status, 'updated_at', now)
  redis.call('HSET', job_key(job), 'finished_at', is_final(status) and now or '')
  if gives_out(status) then
    redis.call('ZADD', owner_key(job), place, job)
  else
    redis.call('ZREM', owner_key(job), job)
  end
  if is_final(status) and not any_running(job) then
    redis.call('SREM', prefix .. ':active', job)
  else
    redis.call('SADD', prefix .. ':active', job)
  end
end

local function cancel_waiting(job, now)
  for _, stage in ipairs(stage_ids(job)) do
    local status = stage_get(job, stage, 'status')
    if status == 'queued' or status == 'paused' then
      stage_set(job, stage, 'status', 'canceled', 'finished_at', now)
      tell_stage(job, stage, 'canceled')
    end
  end
end

-- What follows for the job once none of its stages runs any more.
local function settle(job, now)
  if any_running(job) then return end
  local status = job_get(job, 'status')
  if status == 'canceling' then
    set_job_status(job, 'canceled', now)
    tell_job(job, 'canceled')
  elseif is_final(status) then
    redis.call('SREM', prefix .. ':active', job)
  end
end

local function give_up_lease(job, stage)
  redis.call('DEL', lease_key(job, stage))
  stage_set(job, stage, 'token', '', 'nonce', '')
end

-- What is kept beside a stage's failure. The last traceback stays, with the attempt that it is of: a later attempt may
-- end without one. The log's tail is of this attempt: its holder left it there with the lease, or brings it now.
local function keep_evidence(job, stage, now, traceback, log_tail)
  stage_set(job, stage, 'failed_at', now)
  if log_tail and log_tail ~= '' then stage_set(job, stage, 'log_tail', log_tail) end
  if traceback and traceback ~= '' then
    stage_set(job, stage, 'traceback', traceback, 'traceback_attempt', stage_get(job, stage, 'attempts'))
  end
end

local function forget_failure(job, stage)
  stage_set(job, stage, 'failure', '', 'failed_at', '', 'log_tail', '', 'traceback', '', 'traceback_attempt', '')
end

-- A stage that has failed for good takes its job with it; what waits is canceled, what runs is told at its next unit.
local function bury(job, stage, failure, now)
  give_up_lease(job, stage)
  stage_set(job, stage, 'status', 'failed', 'failure', failure, 'finished_at', now)
  tell_stage(job, stage, 'failed')
  local status = job_get(job, 'status')
  if status == 'canceling' or is_final(status) then return settle(job, now) end
  redis.call('HSET', job_key(job), 'failure', failure)
  cancel_waiting(job, now)
  set_job_status(job, 'failed', now)
  tell_job(job, 'failed')
end

-- Where a stage goes that stops in the middle: it follows its job. Returns what it becomes.
local function put_back(job, stage, now, told)
  give_up_lease(job, stage)
  local status = job_get(job, 'status')
  if status == 'canceling' or is_final(status) then
    stage_set(job, stage, 'status', 'canceled', 'finished_at', now)
    tell_stage(job, stage, 'canceled')
    settle(job, now)
    return 'canceled'
  end
  local becomes = status == 'paused' and 'paused' or 'queued'
  stage_set(job, stage, 'status', becomes)
  tell_stage(job, stage, told)
  return becomes
end

local function holds(job, stage, token)
  local fields = redis.call('HMGET', stage_key(job, stage), 'status', 'token')
  return fields[1] == 'running' and fields[2] == token
end

-- Whether a stage could start; and its status.
local function is_runnable(job, stage, now)
  local fields = redis.call('HMGET', stage_key(job, stage), 'status', 'waiting', 'not_before', 'key')
  local waits = fields[1] ~= 'queued' or number_of(fields[2]) > 0 or number_of(fields[3]) > now
  return not waits and redis.call('EXISTS', sweep_key(fields[4])) == 0, fields[1]
end

-- The stages that could start, each with its rank: how many of its owner's go before it. An older job counts as one; so
-- does every stage before it, of its own job, that could start or runs.
local function ranked(job, now)
  local found = {}
  if not gives_out(job_get(job, 'status')) then return found end
  local rank = redis.call('ZCOUNT', owner_key(job), '-inf', '(' .. job_get(job, 'sequence'))
  for _, stage in ipairs(stage_ids(job)) do
    local could_start, status = is_runnable(job, stage, now)
    if could_start then table.insert(found, { stage, rank }) end
    if could_start or status == 'running' then rank = rank + 1 end
  end
  return found
end

local function runnable(job, now)
  local found = {}
  for _, pair in ipairs(ranked(job, now)) do table.insert(found, pair[1]) end
  return found
end
