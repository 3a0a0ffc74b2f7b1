-- Which checkpoints and previews the stages of a job still need: {keys...}, {{stage, token of its holder}...}.
-- A failed job may be taken up again where it stopped; one that is canceled, done or parted from its pictures may not.
local job = ARGV[2]
local fields = redis.call('HMGET', job_key(job), 'status', 'pictures_gone_at')
local over = not fields[1] or fields[1] == 'succeeded' or fields[1] == 'canceled' or fields[2]
local keys, holders = {}, {}
for _, stage in ipairs(stage_ids(job)) do
  local found = redis.call('HMGET', stage_key(job, stage), 'checkpoint', 'preview', 'token', 'status')
  local held = found[4] == 'running'
  if held then table.insert(holders, { stage, found[3] }) end
  if held or not over then
    for i = 1, 2 do
      if found[i] and found[i] ~= '' then table.insert(keys, found[i]) end
    end
  end
end
return { keys, holders }
