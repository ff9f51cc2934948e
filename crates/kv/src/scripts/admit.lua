-- One request, which must be within several limits, and may be counted where it is.
-- KEYS: of each limit, when it has everything again, in microseconds of Redis' clock; then the count.
-- ARGV: of each limit, the time between two requests in microseconds, and how many may come at once;
-- of the count, the window in milliseconds, which begins with the first.
-- Limits are asked in order; of what comes after one that refuses nothing is counted.
-- Answers, of each limit that was asked, whether it allows the request, and what is used then; of the
-- count, the number, and how long its window still lasts in milliseconds.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local limits = math.floor(#ARGV / 2)
local answer = {}
for number = 1, limits do
    local key = KEYS[number]
    local interval = tonumber(ARGV[2 * number - 1])
    local full = interval * tonumber(ARGV[2 * number])
    local used = tonumber(redis.call('GET', key) or 0) - now
    if used < 0 then used = 0 end
    -- More than everything cannot be used: the quota was changed, or the clock was set back.
    local changed = used > full
    if changed then used = full end
    local allowed = used + interval <= full
    if allowed then used = used + interval end
    if allowed or changed then
        redis.call('SET', key, string.format('%.0f', now + used), 'PX', math.ceil(used / 1000))
    end
    answer[#answer + 1] = allowed and 1 or 0
    answer[#answer + 1] = used
    if not allowed then return answer end
end
if #KEYS > limits then
    local key = KEYS[limits + 1]
    local count = redis.call('INCR', key)
    if count == 1 then
        redis.call('PEXPIRE', key, ARGV[#ARGV])
    end
    answer[#answer + 1] = count
    answer[#answer + 1] = redis.call('PTTL', key)
end
return answer
