-- One request of a client. KEYS[1]: when it has everything again, in microseconds of Redis' clock.
-- ARGV: the time between two requests in microseconds, and how many may come at once.
-- Answers whether it is allowed, and what is used then.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local interval = tonumber(ARGV[1])
local full = interval * tonumber(ARGV[2])
local used = tonumber(redis.call('GET', KEYS[1]) or 0) - now
if used < 0 then used = 0 end
local function remember()
    redis.call('SET', KEYS[1], string.format('%.0f', now + used), 'PX', math.ceil(used / 1000))
end
if used > full then
    -- More than everything cannot be used: the quota was changed, or the clock was set back.
    used = full
    remember()
end
if used + interval > full then
    return {0, used}
end
used = used + interval
remember()
return {1, used}
