-- permit.lua: every decision of the throttle, each atomic. Owns the four keys of one connection, and one of all; calls nobody but Redis.
--
-- KEYS[1] state  hash   run      run_id of the server process that this memory is known to be whole for; absent: Cold
--                       episode  names one loss of memory, so that a warm() for an earlier loss does nothing: <run>:<when it was noticed>
--                       last     the latest instant seen on this connection's own clock (see "now" below)
--                       offset   that clock minus the server's TIME
--                       pause    no permit before this instant: the service asked for it
--                       quiet    no permit before this instant: warm() asked for it
--                       keep     the longest window ever asked for: entries are trimmed by it
--                       seq      number of the ticket that joined the line last
--                       took     microseconds that calls last, averaged over the last few: the line's turns are told with it
--               run may also be a process before this one, when it and all since ended in order and lost nothing: whoever stopped
--               one says so in the key hookline:kept:<run_id of the next process>, whose value is the run_id of the one before
-- KEYS[2] log    zset   <permit id>:<grant> -> end of its call (assumed: grant + deadline; done: the real end). It counts until end + window
-- KEYS[3] line   zset   ticket -> its number: the order of the line; of an attempt that has begun AHEAD less, so that it is before all others
-- KEYS[4] turns  zset   ticket -> the instant at which it was told to come back; a grace after that it has left
-- KEYS[5] whole  string  run_id (see "run") of the server process since whose start, or since a loss that was waited out, nothing was lost of any
--                       connection. Without it, one that is Cold is not just new or long unused: permits may be under way that this memory forgot
--
-- `state` and `log` expire at the same instant, LINGER after nothing in them counts any more: what is left of a memory that expired is
-- nothing, and that reads as Cold. Losing `line` or `turns` costs waiters their places, and never lets anybody pass the limit.
--
-- ARGV[1] operation   ARGV[2] bound   ARGV[3] "shift" or ""   ARGV[4..] as the operation says
-- Instants are integer microseconds. The answer is {word, now, ...}; the words are
--   permit | wait, us, position, us that the pause still lasts | cold, episode, us since it was noticed, "lost" or "" | ok | late
-- "late": now is after `bound`, so the command was delayed or the server's clock was set forward. Nothing has been done. A caller who
-- knows that it was the clock asks again with "shift", and this connection's clock then goes on from `bound`. 0 is no bound.

local STATE, LOG, LINE, TURNS, WHOLE = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local LINGER = 3600000000
-- done() on a memory that is gone cannot know the windows; a week and a day is longer than any that a service declares.
local UNKNOWN_WINDOW = 691200000000
local DROP_AT_ONCE = 1000
-- More tickets than ever join a line, and small enough that a number less it is still exact in a double.
local AHEAD = 1000000000000000
-- A turn that is told too early costs a question, one that is told too late costs budget: calls count as no longer than this part of a window.
local LONGEST_TOOK = 50
-- How many processes back a connection's memory may lie (see "run"); an older one reads as Cold, which costs a wait and no limit.
local RESTARTS = 1000

local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
local kept = redis.call('HMGET', STATE, 'run', 'episode', 'last', 'offset', 'pause', 'quiet', 'keep', 'took')
local last, offset = tonumber(kept[3] or 0), tonumber(kept[4] or 0)
local pause, quiet, keep = tonumber(kept[5] or 0), tonumber(kept[6] or 0), tonumber(kept[7] or 0)
local took = tonumber(kept[8] or 0)

local function integer(number)
  return string.format('%.0f', number)
end

-- A clock that never goes back, whatever happens to the server's, and goes forward by no more than a caller has seen go by.
local time = redis.call('TIME')
time = time[1] * 1000000 + time[2]
local now = time + offset
local bound = tonumber(ARGV[2])
if last > 0 and bound > 0 and now > bound then
  if ARGV[3] ~= 'shift' then
    return {'late', integer(now)}
  end
  now = bound
end
now = math.max(now, last)

-- `until_then`: the instant up to which this operation's own outcome counts, before any window is added.
local function remember(until_then, ...)
  redis.call('HSET', STATE, 'last', integer(now), 'offset', integer(now - time), ...)
  local ttl = integer(math.ceil((math.max(until_then, pause, quiet, now) - now + keep + LINGER) / 1000))
  redis.call('PEXPIRE', STATE, ttl)
  redis.call('PEXPIRE', LOG, ttl)
  return ttl
end

local function forget_the_absent(grace)
  local gone = redis.call('ZRANGEBYSCORE', TURNS, '-inf', '(' .. integer(now - grace), 'LIMIT', 0, DROP_AT_ONCE)
  if #gone > 0 then
    redis.call('ZREM', TURNS, unpack(gone))
    redis.call('ZREM', LINE, unpack(gone))
  end
end

-- When the ticket behind `ahead` others gets its slot in one window, if nobody dawdles: those ahead fill it in rounds of `limit`, and
-- the first round gets the slots as the log's entries run out. A call in flight is taken to end now; a later round begins a window and
-- a call after the one before it.
local function turn_in(limit, seconds, counted, ahead, from)
  local nth = counted + ahead % limit - limit
  local turn = from
  if nth >= 0 then
    local rank = redis.call('ZCARD', LOG) - counted + nth
    local entry = redis.call('ZRANGE', LOG, rank, rank, 'WITHSCORES')
    turn = math.max(from, math.min(tonumber(entry[2]), now) + seconds + 1)
  end
  return turn + math.floor(ahead / limit) * (seconds + math.min(took, math.floor(seconds / LONGEST_TOOK)))
end

-- Whether each process since that one followed another that ended in order; in some of them nobody asked for this connection.
local function followed_in_order(since)
  local one = run
  for _ = 1, RESTARTS do
    one = redis.call('GET', 'hookline:kept:' .. one)
    if not one or one == since then
      return one == since
    end
  end
  return false
end

-- ARGV[4] ticket  [5] permit id  [6] deadline  [7] grace  [8] "begun" or ""  [9] a pause that the caller knows of, from now
-- [10..] limit, seconds of each window
local function acquire()
  local ticket, id, deadline, grace = ARGV[4], ARGV[5], tonumber(ARGV[6]), tonumber(ARGV[7])
  if kept[1] and kept[1] ~= run and followed_in_order(kept[1]) then
    redis.call('HSET', STATE, 'run', run)
    kept[1] = run
  end
  if kept[1] ~= run then
    local episode = kept[2]
    if not episode or string.sub(episode, 1, #run) ~= run then
      episode = run .. ':' .. integer(now)
      remember(now, 'episode', episode)
    end
    local whole = redis.call('GET', WHOLE)
    local lost = not whole or (whole ~= run and not followed_in_order(whole))
    local since = tonumber(string.match(episode, ':(%d+)$'))
    return {'cold', integer(now), episode, integer(math.max(0, now - since)), lost and 'lost' or ''}
  end

  for i = 10, #ARGV, 2 do
    keep = math.max(keep, tonumber(ARGV[i + 1]))
  end
  -- The first write must be one that a full server refuses: after any other, it lets a script grow its memory.
  redis.call('HSET', STATE, 'keep', integer(keep))
  redis.call('ZREMRANGEBYSCORE', LOG, '-inf', '(' .. integer(now - keep))
  local ahead, known = redis.call('ZCARD', LINE), false
  if ahead > 0 then
    forget_the_absent(grace)
    known = redis.call('ZRANK', LINE, ticket)
    ahead = known or redis.call('ZCOUNT', LINE, '-inf', ARGV[8] == 'begun' and '(0' or '+inf')
  end

  -- What this memory has lost of a pause, a caller may still know.
  if tonumber(ARGV[9]) > 0 then
    pause = math.max(pause, now + tonumber(ARGV[9]))
    redis.call('HSET', STATE, 'pause', integer(pause))
  end
  local from = math.max(now, pause, quiet)
  local turn, free = from, from == now
  for i = 10, #ARGV, 2 do
    local limit, seconds = tonumber(ARGV[i]), tonumber(ARGV[i + 1])
    local counted = redis.call('ZCOUNT', LOG, integer(now - seconds), '+inf')
    if counted + ahead >= limit then
      free = false
      turn = math.max(turn, turn_in(limit, seconds, counted, ahead, from))
    end
  end

  if free then
    if known then
      redis.call('ZREM', LINE, ticket)
      redis.call('ZREM', TURNS, ticket)
    end
    redis.call('ZADD', LOG, integer(now + deadline), id .. ':' .. integer(now))
    remember(now + deadline)
    return {'permit', integer(now)}
  end
  if not known then
    local number = redis.call('HINCRBY', STATE, 'seq', 1)
    redis.call('ZADD', LINE, integer(ARGV[8] == 'begun' and number - AHEAD or number), ticket)
  end
  redis.call('ZADD', TURNS, integer(turn), ticket)
  local ttl = remember(turn)
  redis.call('PEXPIRE', LINE, ttl)
  redis.call('PEXPIRE', TURNS, ttl)
  return {'wait', integer(now), integer(turn - now), ahead, integer(math.max(0, pause - now))}
end

-- ARGV[4] <permit id>:<grant>. An entry that was lost is put back, and one that outlived its deadline counts on: both only make the limit stricter.
local function done()
  redis.call('ZADD', LOG, integer(now), ARGV[4])
  if kept[1] then
    local lasted = math.max(0, now - tonumber(string.match(ARGV[4], ':(%d+)$') or now))
    remember(now, 'took', integer(kept[8] and (7 * took + lasted) / 8 or lasted))
  else
    redis.call('PEXPIRE', LOG, integer(UNKNOWN_WINDOW / 1000))
  end
  return {'ok', integer(now)}
end

-- ARGV[4] ticket
local function leave()
  redis.call('ZREM', LINE, ARGV[4])
  redis.call('ZREM', TURNS, ARGV[4])
  return {'ok', integer(now)}
end

-- ARGV[4] duration
local function hold()
  pause = math.max(pause, now + tonumber(ARGV[4]))
  remember(pause, 'pause', integer(pause))
  return {'ok', integer(now)}
end

-- ARGV[4] duration  [5] the episode that the caller was told of, or ""
local function warm()
  if kept[1] ~= run and (ARGV[5] == '' or ARGV[5] == kept[2]) then
    quiet = math.max(quiet, now + tonumber(ARGV[4]))
    redis.call('HDEL', STATE, 'episode')
    remember(quiet, 'run', run, 'quiet', integer(quiet))
    redis.call('SET', WHOLE, run)
  end
  return {'ok', integer(now)}
end

return ({acquire = acquire, done = done, leave = leave, pause = hold, warm = warm})[ARGV[1]]()
