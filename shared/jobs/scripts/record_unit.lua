-- Note a finished unit of work. Returns what the holder must do: 'continue', 'cancel', 'pause' or 'lost'.
local job, stage, token, lease_ms = ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local progress, detail, seconds, eta = tonumber(ARGV[6]), ARGV[7], ARGV[8], tonumber(ARGV[9])
local checkpoint, preview = ARGV[10], ARGV[11]
if not holds(job, stage, token) then return 'lost' end

local now = now_ms()
redis.call('SET', lease_key(job, stage), token, 'PX', lease_ms)
set_progress(job, stage, progress)
stage_set(job, stage, 'detail', detail, 'seconds', seconds)
redis.call('HSET', job_key(job), 'updated_at', now)
if checkpoint ~= '' then stage_set(job, stage, 'checkpoint', checkpoint) end
local new_preview = preview ~= '' and stage_get(job, stage, 'preview') ~= preview
if new_preview then stage_set(job, stage, 'preview', preview) end
-- The distance, not the difference: Redis' clock may be set back.
if new_preview or math.abs(now - number_of(stage_get(job, stage, 'told_at'))) >= EVENT_EVERY_MS then
  stage_set(job, stage, 'told_at', now)
  tell_stage(job, stage, new_preview and 'preview' or 'progress', eta)
end

local status = job_get(job, 'status')
if status == 'canceling' or is_final(status) then return 'cancel' end
if status == 'paused' then return 'pause' end
return 'continue'
