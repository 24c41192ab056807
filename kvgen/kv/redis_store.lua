-- Namespaces and keys in Redis. A script is atomic, so that each command here is.
--
-- ARGV is a command and its arguments; the answer is the server's time and the command's result.
--
--   kvgen:schema        the version of all this
--   kvgen:number        the number of the last namespace
--   kvgen:names         hash: the id of each name
--   kvgen:namespaces    sorted set: ids by number
--   kvgen:gone          sorted set: ids by the time from which on they are gone
--   kvgen:namespace:ID  hash
--   kvgen:keys:ID       sorted set: keys, all of score 0 and so in the order of their bytes
--   kvgen:entry:ID/KEY  hash, which Redis itself removes when the lifetime is over
--   kvgen:expiries      sorted set: ID/KEY by the time when that is, for sweep
--
-- Where memory is full Redis refuses the first write of a script that takes some, and no later one:
-- a command either starts with such a write, or frees more than it takes.

local clock = redis.call('TIME')
local now = clock[1] + clock[2] / 1000000

local function seconds(time)
  return string.format('%.6f', time)
end

local function entry_of(id, key)
  return 'kvgen:entry:' .. id .. '/' .. key
end

-- Returns id, number, name, created_at, ready_at, has_ttl, deleted_at, gone_at; false if gone.
local function namespace(id)
  local fields = redis.call('HMGET', 'kvgen:namespace:' .. id, 'id', 'number', 'name',
    'created_at', 'ready_at', 'has_ttl', 'deleted_at', 'gone_at')
  local gone_at = fields[8]
  return fields[1] and not (gone_at and tonumber(gone_at) <= now) and fields
end

local function forget(id, key)
  redis.call('DEL', entry_of(id, key))
  redis.call('ZREM', 'kvgen:keys:' .. id, key)
  redis.call('ZREM', 'kvgen:expiries', id .. '/' .. key)
end

local commands = {}

function commands.open(version)
  if not redis.call('GET', 'kvgen:schema') then
    redis.call('SET', 'kvgen:schema', version)
  end
  return redis.call('GET', 'kvgen:schema')
end

function commands.create(id, name, provision_seconds, has_ttl)
  local holder = redis.call('HGET', 'kvgen:names', name)
  -- A client that lost the answer asks again with the same id.
  if holder and holder ~= id and namespace(holder) then
    return false
  end
  local number = redis.call('INCR', 'kvgen:number')
  redis.call('HSET', 'kvgen:namespace:' .. id, 'id', id, 'number', number, 'name', name,
    'created_at', seconds(now), 'ready_at', seconds(now + provision_seconds), 'has_ttl', has_ttl)
  redis.call('HSET', 'kvgen:names', name, id)
  redis.call('ZADD', 'kvgen:namespaces', number, id)
  return namespace(id)
end

function commands.namespace(id)
  return namespace(id)
end

function commands.named(name)
  local id = redis.call('HGET', 'kvgen:names', name)
  return id and namespace(id)
end

function commands.namespaces()
  local found = {}
  for _, id in ipairs(redis.call('ZRANGE', 'kvgen:namespaces', 0, -1)) do
    found[#found + 1] = namespace(id) or nil
  end
  return found
end

function commands.delete_namespace(id, gone_in)
  -- Takes no memory, so that Redis lets the rest pass where it is full: this frees some.
  redis.call('ZREM', 'kvgen:gone', id)
  local gone_at = seconds(now + gone_in)
  redis.call('HSET', 'kvgen:namespace:' .. id, 'deleted_at', seconds(now), 'gone_at', gone_at)
  redis.call('ZADD', 'kvgen:gone', gone_at, id)
  return {seconds(now), gone_at}
end

function commands.find(id, key)
  local found = namespace(id)
  return found and
    {found, redis.call('HMGET', entry_of(id, key), 'value', 'content_type', 'expires_at')}
end

function commands.put(id, key, value, content_type, ttl)
  if not namespace(id) then
    return false
  end
  local entry, member = entry_of(id, key), id .. '/' .. key
  local is_new = 1 - redis.call('EXISTS', entry)
  redis.call('HSET', entry, 'value', value, 'content_type', content_type,
    'updated_at', seconds(now))
  redis.call('ZADD', 'kvgen:keys:' .. id, 0, key)
  if ttl == '' then
    redis.call('HDEL', entry, 'expires_at')
    redis.call('PERSIST', entry)
    redis.call('ZREM', 'kvgen:expiries', member)
  else
    local expires_at = now + ttl
    redis.call('HSET', entry, 'expires_at', seconds(expires_at))
    redis.call('PEXPIREAT', entry, string.format('%.0f', expires_at * 1000))
    redis.call('ZADD', 'kvgen:expiries', expires_at, member)
  end
  return is_new
end

function commands.delete(id, key)
  forget(id, key)
  return false
end

-- Looks at up to `most` keys; returns the present ones, and the last if there may be more.
function commands.keys(id, first, last, most)
  local index = 'kvgen:keys:' .. id
  local found, keys = {}, redis.call('ZRANGEBYLEX', index, first, last, 'LIMIT', 0, most)
  for _, key in ipairs(keys) do
    local entry = entry_of(id, key)
    local times = redis.call('HMGET', entry, 'updated_at', 'expires_at')
    if times[1] then
      found[#found + 1] = {key, redis.call('HSTRLEN', entry, 'value'), times[1], times[2]}
    else
      redis.call('ZREM', index, key)
    end
  end
  return {found, #keys == tonumber(most) and keys[#keys]}
end

local function sweep_namespace(id, most)
  local keys = redis.call('ZRANGE', 'kvgen:keys:' .. id, 0, most - 1)
  for _, key in ipairs(keys) do
    forget(id, key)
  end
  if #keys < most then
    local name = redis.call('HGET', 'kvgen:namespace:' .. id, 'name')
    if redis.call('HGET', 'kvgen:names', name) == id then
      redis.call('HDEL', 'kvgen:names', name)
    end
    redis.call('DEL', 'kvgen:namespace:' .. id)
    redis.call('ZREM', 'kvgen:namespaces', id)
    redis.call('ZREM', 'kvgen:gone', id)
  end
  return #keys
end

function commands.sweep(most)
  local expired = redis.call('ZRANGEBYSCORE', 'kvgen:expiries', '-inf', now, 'LIMIT', 0, most)
  for _, member in ipairs(expired) do
    local id, key = member:match('^([^/]+)/(.+)$')
    forget(id, key)
  end
  local left = most - #expired
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', 'kvgen:gone', '-inf', now)) do
    left = left > 0 and left - sweep_namespace(id, left) or left
  end
  return most - left
end

return {seconds(now), commands[ARGV[1]](unpack(ARGV, 2))}
