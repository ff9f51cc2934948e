-- Counts one more in a window that begins with the first. ARGV: the window in milliseconds.
-- Answers the count, and how long the window still lasts in milliseconds.
local count = redis.call('INCR', KEYS[1])
if count == 1 then
    redis.call('PEXPIRE', KEYS[1], ARGV[1])
end
return {count, redis.call('PTTL', KEYS[1])}
