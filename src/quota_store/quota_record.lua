-- The rule of quota_record.cpp, in its order and with its names. Nothing else changes the record.
-- KEYS[1]: the record. ARGV: quota, window, reserve, and the members of record_exchange in order.
-- Answers with the members of record_answer in order, and the time.
local probe_patience = 1000
local probe_pause = 100
local settling_pause = 2000
local longest_wait = 24 * 3600 * 1000
local usual_block = 1000
local windows_ahead = 6
local overbooking = 2
local arrivals = 10
local most_requests = 1000000000

local policy = {quota = tonumber(ARGV[1]), window = tonumber(ARGV[2]), reserve = tonumber(ARGV[3])}
local what = {
    generation = tonumber(ARGV[4]), opened = tonumber(ARGV[5]), ends_in = tonumber(ARGV[6]),
    in_flight = tonumber(ARGV[7]), answers = tonumber(ARGV[8]), remaining = tonumber(ARGV[9]),
    resets_in = tonumber(ARGV[10]), silent = tonumber(ARGV[11]), refused_for = tonumber(ARGV[12]),
    unused = tonumber(ARGV[13]), wanted = tonumber(ARGV[14])}

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)

local names = {'generation', 'opened', 'end', 'remaining', 'out', 'told', 'heard', 'granted',
    'blocked', 'turn'}
local record = {}
local kept = redis.call('HMGET', KEYS[1], unpack(names))
for i, name in ipairs(names) do
    local number = tonumber(kept[i] or 0)
    if not number or number ~= math.floor(number) then
        number = 0
    end
    record[name] = number
end

local margin = math.min(1000, math.floor(policy.window / 100))

local function opens_next()
    return math.max(record['end'], record.blocked) + margin
end

local function is_blocked()
    return record.blocked > 0 and now < record.blocked + margin
end

local function open_window()
    record.opened = now
    record['end'] = now + policy.window
    record.remaining = policy.quota
    record.out = 0
    record.told = 0
    record.heard = 0
    record.granted = 0
end

local function is_sound()
    for _, name in ipairs(names) do
        if record[name] < 0 then
            return false
        end
    end
    return record.generation > 0 and record.opened <= now
        and math.max(record['end'], record.blocked) <= now + 2 * longest_wait
        and record.turn <= now + 2 * (windows_ahead + 1) * longest_wait
        and math.max(record.remaining, record.out, record.heard) <= most_requests
end

local function turn_to()
    if not is_sound() then
        for _, name in ipairs(names) do
            record[name] = 0
        end
        record.generation = now
        open_window()
    elseif now >= opens_next() then
        open_window()
    end
end

local function meet()
    if what.generation == record.generation and what.opened == record.opened then
        return
    end
    record.out = record.out + what.in_flight
    if what.generation == record.generation or what.ends_in <= margin then
        return
    end
    local known = now
    if record.told == 1 then
        known = record['end']
    end
    record['end'] = math.max(known, now + what.ends_in)
    record.told = 1
    record.remaining = 0
end

local function observe()
    local is_of_window = what.generation == record.generation and what.opened == record.opened
    if is_of_window and what.answers > 0 then
        record.out = math.max(record.out - what.answers, 0)
        if record.told == 1 then
            record['end'] = math.min(record['end'], now + what.resets_in)
            record.remaining = math.min(record.remaining, what.remaining)
        else
            record['end'] = now + what.resets_in
            record.remaining = what.remaining
        end
        record.told = 1
    end
    if is_of_window and what.silent > 0 and record.told == 0 then
        record.heard = record.heard + what.silent
        record['end'] = math.max(record['end'], now + policy.window)
    end
    if what.refused_for < 0 then
        return
    end
    local wait = usual_block
    if what.refused_for > 0 then
        wait = what.refused_for
    end
    record.blocked = math.max(record.blocked, now + math.min(wait, longest_wait))
    record.told = 0
    record.heard = 0
    record.granted = 0
end

local function give_back()
    if what.generation == record.generation and what.opened == record.opened then
        record.out = math.max(record.out - what.unused, 0)
    end
end

local function turn_in()
    local next_start = opens_next()
    if is_blocked() then
        next_start = record.blocked + margin
    end
    if record.turn < next_start or record.turn >= next_start + windows_ahead * policy.window then
        record.turn = next_start
    end
    local ahead = record.turn - next_start
    local in_window = ahead % policy.window
    local at = next_start + (ahead - in_window) + math.floor(in_window / arrivals)
    local step = math.floor(what.wanted * policy.window / (overbooking * policy.quota))
    record.turn = record.turn + math.max(math.min(step, windows_ahead * policy.window), 1)
    return at - now
end

-- Granted, how long that lasts, whether it is a probe.
local function reserve()
    local ends = record['end'] - margin
    local left = record.remaining - record.out - policy.reserve
    local pause = math.max(math.min(math.floor(policy.window / arrivals), settling_pause), probe_pause)
    local settles = record.told == 1 and left <= 0 and record.remaining > policy.reserve
        and now < record.granted + pause and now + pause < ends
    if settles and not is_blocked() then
        return 0, pause, 0
    end
    if is_blocked() or left <= 0 or (record.told == 1 and now >= ends) then
        return 0, turn_in(), 0
    end
    local room = left
    if record.told == 0 then
        room = 1 + 2 * record.heard - record.out
        if room <= 0 and now >= record.granted + probe_patience then
            room = 1
        end
        room = math.min(room, left)
        if room <= 0 then
            return 0, probe_pause, 0
        end
    end
    record.granted = now
    local granted = math.min(what.wanted, room)
    record.out = record.out + granted
    if record.told == 1 then
        return granted, ends - now, 0
    end
    return granted, probe_patience, 1
end

turn_to()
meet()
observe()
give_back()
local granted, lasts, is_probe = 0, 0, 0
if what.wanted > 0 then
    granted, lasts, is_probe = reserve()
end

local fields = {}
for _, name in ipairs(names) do
    fields[#fields + 1] = name
    fields[#fields + 1] = string.format('%.0f', record[name])
end
redis.call('HSET', KEYS[1], unpack(fields))
redis.call('PEXPIRE', KEYS[1], string.format('%.0f',
    math.max(opens_next(), record.turn) + policy.window - now))
return {record.generation, record.opened, record['end'] - now, granted, lasts, is_probe, now}
