-- Who may work on something. KEYS[1]: the lease. ARGV: take, renew or release; who asks, by an
-- identifier of its own; what others are told of it; how long it lasts.
-- Answers with the lease's number, 0 where another has it, and who that is.
local operation, id, name, lasts = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)

local kept = redis.call('HMGET', KEYS[1], 'id', 'ends', 'number', 'name')
local is_own = kept[1] == id
local is_free = (tonumber(kept[2] or 0) or 0) <= now
local number = tonumber(kept[3] or 0) or 0

if operation == 'release' then
    if is_own then
        redis.call('HSET', KEYS[1], 'ends', '0')
    end
    return {0, ''}
end
if not is_own and (operation == 'renew' or not is_free) then
    return {0, kept[4] or ''}
end
if operation == 'take' then
    -- Also where the one before was forgotten.
    number = math.max(now, number + 1)
end
redis.call('HSET', KEYS[1], 'id', id, 'name', name, 'ends', string.format('%.0f', now + lasts),
    'number', string.format('%.0f', number))
-- The number is kept beyond the lease.
redis.call('PEXPIRE', KEYS[1], string.format('%.0f', lasts + 30 * 24 * 3600 * 1000))
return {number, ''}
