-- Make a stage's result final. Returns {'committed', stages that became runnable...} or {'lost'}.
local job, stage, token = ARGV[2], ARGV[3], ARGV[4]
local artifacts, seconds, status = ARGV[5], ARGV[6], ARGV[7]

local function answer(now)
  local found = { 'committed' }
  local could_start = {}
  for _, id in ipairs(runnable(job, now)) do could_start[id] = true end
  for _, id in ipairs(cjson.decode(stage_get(job, stage, 'needed_by'))) do
    if could_start[id] then table.insert(found, id) end
  end
  return found
end

local now = now_ms()
if stage_get(job, stage, 'committed_by') == token then return answer(now) end
if not holds(job, stage, token) then return { 'lost' } end

give_up_lease(job, stage)
stage_set(job, stage, 'status', status, 'committed_by', token, 'artifacts', artifacts, 'seconds', seconds)
stage_set(job, stage, 'finished_at', now, 'detail', '', 'checkpoint', '', 'preview', '')
forget_failure(job, stage)
redis.call('HINCRBY', stage_key(job, stage), 'commits', 1)
set_progress(job, stage, 1)
for _, id in ipairs(cjson.decode(stage_get(job, stage, 'needed_by'))) do
  redis.call('HINCRBY', stage_key(job, id), 'waiting', -1)
end
local done = redis.call('HINCRBY', job_key(job), 'stages_done', 1)
redis.call('HSET', job_key(job), 'updated_at', now)
tell_stage(job, stage, status)
local job_status = job_get(job, 'status')
local open = job_status ~= 'canceling' and not is_final(job_status)
if open and done == number_of(job_get(job, 'stages_total')) then
  set_job_status(job, 'succeeded', now)
  tell_job(job, 'succeeded')
else
  settle(job, now)
end
return answer(now)
