-- Notes that a node is there. KEYS[1]: the nodes by the moment they were last heard of.
-- ARGV: the node, and after how many milliseconds a silent one is gone. Answers how many there are.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local lifetime = tonumber(ARGV[2])
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', '(' .. (now - lifetime))
-- From before a clock was set back.
redis.call('ZREMRANGEBYSCORE', KEYS[1], '(' .. (now + lifetime), '+inf')
redis.call('PEXPIRE', KEYS[1], lifetime)
return redis.call('ZCARD', KEYS[1])
