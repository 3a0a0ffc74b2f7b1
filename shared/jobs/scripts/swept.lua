-- Let go of objects that were condemned under this token: what is left of them may be taken up again.
local token = ARGV[2]
for i = 3, #ARGV do
  if redis.call('GET', sweep_key(ARGV[i])) == token then redis.call('DEL', sweep_key(ARGV[i])) end
end
return 1
