#include "connectors/redis/scripts.hpp"

namespace annals::redis::scripts {

const char* const look = R"lua(
if not redis.call('HGET', KEYS[1], 'id') then return false end
return {redis.call('HGETALL', KEYS[1]), redis.call('HGETALL', KEYS[2]), redis.call('SMEMBERS', KEYS[3])}
)lua";

const char* const create = R"lua(
if redis.call('HGET', KEYS[1], 'id') then return 'there' end
for _, key in ipairs(redis.call('HKEYS', KEYS[4])) do redis.call('UNLINK', key) end
redis.call('UNLINK', KEYS[1], KEYS[2], KEYS[3], KEYS[4])
redis.call('HSET', KEYS[1], 'id', ARGV[1], 'shape', ARGV[2], 'history', ARGV[3])
for slot = 0, ARGV[4] - 1 do redis.call('HSET', KEYS[1], slot, '0:0') end
if ARGV[5] == '1' then redis.call('SUNIONSTORE', KEYS[3], KEYS[5]) end
return 'done'
)lua";

const char* const drop = R"lua(
for _, key in ipairs(redis.call('HKEYS', KEYS[4])) do redis.call('UNLINK', key) end
redis.call('UNLINK', KEYS[1], KEYS[2], KEYS[3], KEYS[4])
return 'done'
)lua";

const char* const commit = R"lua(
local at = 0
local function take() at = at + 1; return ARGV[at] end
local function number() return tonumber(take()) end
local sink, parked, skipped, keys, bin = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]

if redis.call('HGET', sink, 'id') ~= take() then return {'moved'} end
local slots, expected, places = {}, {}, {}
for i = 1, number() do
  local place
  slots[i], expected[i], place = take(), take(), take()
  if place ~= expected[i] then
    places[#places + 1] = slots[i]
    places[#places + 1] = place
  end
end
for i, place in ipairs(#slots > 0 and redis.call('HMGET', sink, unpack(slots)) or {}) do
  if place ~= expected[i] then return {'moved'} end
end
local own = {}
local function later(...) own[#own + 1] = {...} end
if #places > 0 then later('HSET', sink, unpack(places)) end
for _ = 1, number() do later('HSET', parked, take(), take()) end
for _ = 1, number() do later('HDEL', parked, take()) end
for _ = 1, number() do later('SADD', skipped, take()) end

-- What is known of each key, and will be. Beyond the limits Redis might not be able to add.
local is_sure = take() == '1'
local limits = {h = 4e18, s = 4e18, z = 1e300, d = 0}
local at_once = 1000
local notes, leaving = {}, {}
local function note(key, known, flags, sum)
  local kind = string.sub(flags, 1, 1)
  if kind == '?' then return true end
  local function has(flag) return string.find(flags, flag, 2, true) end
  local is_alike = kind == 'd' or not known or string.sub(known, 1, 1) == kind
  local bound = not known and 0 or is_alike and tonumber(string.sub(known, 2)) or nil
  if bound then bound = bound + sum end
  if bound and (has('m') or bound > (limits[kind] or 0)) then bound = nil end
  if is_sure and (not is_alike or (has('+') and not bound)) then return false end
  if has('t') then bound = nil end
  if has('r') or has('m') then leaving[#leaving + 1] = {key, has('m')} end
  if kind ~= 'd' then
    notes[#notes + 1] = key
    notes[#notes + 1] = kind .. (bound and string.format('%.17g', bound) or '-')
  end
  return true
end
for from = 6, #KEYS, at_once do
  local to = math.min(from + at_once - 1, #KEYS)
  for i, known in ipairs(redis.call('HMGET', keys, unpack(KEYS, from, to))) do
    if not note(KEYS[from + i - 1], known, take(), number()) then return {'unsure'} end
  end
end

local widths = {HINCRBY = 2, HSET = 2, HDEL = 1, ZINCRBY = 2, ZADD = 2, ZREM = 1, INCRBY = 1, SET = 1, DEL = 0}
local takes_many = {HSET = true, HDEL = true, ZADD = true, ZREM = true}
local subtracts_at = {HINCRBY = 2, ZINCRBY = 1, INCRBY = 1}
local function failed(answer) return type(answer) == 'table' and answer.err end
local done = {}
local function negative(text) return string.sub(text, 1, 1) == '-' and string.sub(text, 2) or '-' .. text end
-- Only another writer, a right that is missing or a want of memory leads here. What was set will be set again to the same.
local function take_back()
  for _, one in ipairs(done) do
    local name, key, first, last = unpack(one)
    local width, by = widths[name], subtracts_at[name]
    for i = first, by and last or 0, width do
      local args = {unpack(ARGV, i, i + width - 1)}
      args[by] = negative(args[by])
      redis.pcall(name, key, unpack(args))
    end
  end
end
local function run(name, key, first, last)
  local width = widths[name]
  if takes_many[name] then
    for i = first, last, at_once do
      local why = failed(redis.pcall(name, key, unpack(ARGV, i, math.min(i + at_once - 1, last))))
      if why then return why end
    end
  elseif width == 2 then
    for i = first, last, 2 do
      local why = failed(redis.pcall(name, key, ARGV[i], ARGV[i + 1]))
      if why then return why, i - 1 end
    end
  elseif width == 1 then
    for i = first, last do
      local why = failed(redis.pcall(name, key, ARGV[i]))
      if why then return why, i - 1 end
    end
  else
    return failed(redis.pcall(name, key))
  end
end
local runs = number()
if redis.acl_check_cmd then
  local before, seen = at, {}
  for _ = 1, runs do
    local name, key, count = take(), KEYS[number()], number()
    at = at + count * widths[name]
    if not seen[name] and not redis.acl_check_cmd(name, key, '0', '0') then return {'refused', '0', 'NOPERM ' .. name, key} end
    seen[name] = true
  end
  at = before
end
for _ = 1, runs do
  local name, key, count = take(), KEYS[number()], number()
  local first, last = at + 1, at + count * widths[name]
  local why, reached = run(name, key, first, last)
  done[#done + 1] = {name, key, first, why and (reached or 0) or last}
  at = last
  if why then
    take_back()
    if string.find(why, '^WRONGTYPE') or string.find(why, '^ERR') then return {'unsure'} end
    return {'refused', '0', why, key}
  end
end

local undo, bins = {}, {}
local function back(...) undo[#undo + 1] = {...} end
local function put_away(key)
  if redis.call('EXISTS', key) == 0 then return back('UNLINK', key) end
  local there = bin .. (#bins + 1)
  redis.call('RENAME', key, there)
  bins[#bins + 1] = there
  back('RENAME', there, key)
end
-- Each returns why it cannot be, if so.
local function note_string(key)
  local was = redis.pcall('GET', key)
  if type(was) == 'table' then return was.err end
  if was then back('SET', key, was) else back('UNLINK', key) end
end
local function note_field(key, args)
  local was = redis.pcall('HGET', key, args[1])
  if type(was) == 'table' then return was.err end
  if was then back('HSET', key, args[1], was) else back('HDEL', key, args[1]) end
end
local function note_score(key, member)
  local was = redis.pcall('ZSCORE', key, member)
  if type(was) == 'table' then return was.err end
  if was then back('ZADD', key, was, member) else back('ZREM', key, member) end
end
local before = {
  INCRBY = note_string, HSET = note_field, HINCRBY = note_field, HDEL = note_field,
  SET = function(key)
    local kind = redis.call('TYPE', key).ok
    if kind == 'string' or kind == 'none' then return note_string(key) end
    put_away(key)
  end,
  DEL = function(key) put_away(key) end,
  ZADD = function(key, args) return note_score(key, args[2]) end,
  ZINCRBY = function(key, args) return note_score(key, args[2]) end,
  ZREM = function(key, args) return note_score(key, args[1]) end,
  EXISTS = function(key)
    if redis.call('EXISTS', key) == 0 then return 'ERR there is no such key' end
  end,
  HEXISTS = function(key, args)
    if redis.pcall('HEXISTS', key, args[1]) ~= 1 then return 'ERR there is no such field' end
  end,
}
for _ = 1, number() do
  local event, name, key, count = take(), take(), KEYS[number()], number()
  local args = {}
  for i = 1, count do args[i] = take() end
  local why = before[name](key, args)
  if not why then
    local answer = redis.pcall(name, key, unpack(args))
    if type(answer) == 'table' and answer.err then why = answer.err end
  end
  if why then
    for i = #undo, 1, -1 do redis.call(unpack(undo[i])) end
    return {'refused', event, why, key}
  end
end

for _, one in ipairs(own) do redis.call(unpack(one)) end
for _, there in ipairs(bins) do redis.call('UNLINK', there) end
for i = 1, #notes, at_once do redis.call('HSET', keys, unpack(notes, i, math.min(i + at_once - 1, #notes))) end
local kinds = {hash = 'h', zset = 'z', string = 's'}
for _, one in ipairs(leaving) do
  local key, is_mixed = unpack(one)
  local kind = redis.call('TYPE', key).ok
  if kind == 'none' then
    redis.call('HDEL', keys, key)
  elseif is_mixed then
    redis.call('HSET', keys, key, kinds[kind] .. '-')
  end
end
return {'done'}
)lua";

const char* const swap = R"lua(
local live, fresh = {KEYS[1], KEYS[2], KEYS[3], KEYS[4]}, {KEYS[5], KEYS[6], KEYS[7], KEYS[8]}
if not redis.call('HGET', fresh[1], 'id') then return 'gone' end
local function is_before(a, b) return #a < #b or (#a == #b and a < b) end
if redis.call('HGET', live[1], 'history') == redis.call('HGET', fresh[1], 'history') then
  for slot = 0, ARGV[3] - 1 do
    local now = redis.call('HGET', live[1], slot)
    if now and is_before(string.match(redis.call('HGET', fresh[1], slot), '^%d+'), string.match(now, '^%d+')) then return 'behind' end
  end
end
redis.call('SUNIONSTORE', fresh[3], fresh[3], live[3])
for _, position in ipairs(redis.call('SMEMBERS', fresh[3])) do redis.call('HDEL', fresh[2], position) end
local names = redis.call('HGETALL', fresh[4])
for _, key in ipairs(redis.call('HKEYS', live[4])) do redis.call('UNLINK', key) end
redis.call('UNLINK', unpack(live))
for i = 1, #names, 2 do
  if redis.call('EXISTS', names[i]) == 1 then
    local to = ARGV[1] .. string.sub(names[i], #ARGV[2] + 1)
    redis.call('RENAME', names[i], to)
    redis.call('HSET', live[4], to, names[i + 1])
  end
end
for i = 1, 3 do
  if redis.call('EXISTS', fresh[i]) == 1 then redis.call('RENAME', fresh[i], live[i]) end
end
redis.call('UNLINK', fresh[4])
return 'done'
)lua";

}  // namespace annals::redis::scripts
