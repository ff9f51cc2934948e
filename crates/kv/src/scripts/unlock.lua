-- Releases a lock that is still held by the one who says so. ARGV: the holder's token.
if redis.call('GET', KEYS[1]) == ARGV[1] then
    return redis.call('DEL', KEYS[1])
end
return 0
