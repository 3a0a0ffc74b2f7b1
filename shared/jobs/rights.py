"""The rights that an account in Redis needs to serve as job store, and as Celery's broker."""

from collections.abc import Sequence
from typing import Any, cast
from urllib.parse import urlsplit

import redis

# One example of every command, with the keys and channels that it is given for. The store's are those of its code; the
# broker's were seen of workers that died and came back, with those besides by which kombu restores messages.
STORE = """
    DEL {key}; EVALSHA x 0; EXISTS {key}; GET {key}; HDEL {key} x; HGET {key} x; HGETALL {key}; HINCRBY {key} x 1
    HINCRBYFLOAT {key} x 1; HMGET {key} x; HSET {key} x x; HSETNX {key} x x; INCR {key}; INFO; PEXPIRE {key} 1; PING
    SADD {key} x; SCRIPT EXISTS x; SCRIPT LOAD x; SELECT 0; SET {key} x; SMEMBERS {key}; SREM {key} x; TIME
    XADD {key} * x x; XREAD STREAMS {key} 0; ZADD {key} 1 x; ZCOUNT {key} 0 1; ZREM {key} x
    ZREVRANGEBYSCORE {key} 1 0; MULTI; EXEC
"""
BROKER = """
    BRPOP dreamqueue 0; BRPOP x.reply.celery.pidbox 0; DEL unacked_mutex; DEL x.reply.celery.pidbox
    EVALSHA x 0; EXEC; GET unacked_mutex; HDEL unacked x; HGET unacked x; HSET unacked x x; LLEN x.celery.pidbox
    LLEN celeryev.x; LPUSH dreamqueue x; LPUSH x.reply.celery.pidbox x; LRANGE dreamqueue 0 -1; LREM dreamqueue 1 x
    MULTI; PING; PSUBSCRIBE /{db}.celery.pidbox; PSUBSCRIBE /{db}.celeryev/*; PUBLISH /{db}.celery.pidbox x
    PUBLISH /{db}.celeryev/worker.online x; PUNSUBSCRIBE; RPUSH dreamqueue x; SADD _kombu.binding.celeryev x
    SCRIPT EXISTS x; SCRIPT LOAD x; SELECT 0; SET unacked_mutex x; SMEMBERS _kombu.binding.celery.pidbox
    SREM _kombu.binding.celeryev x; TIME; WATCH unacked
    ZADD _kombu.binding_deadlines 1 x; ZADD unacked_index 1 x; ZRANGE unacked_index 0 1
    ZRANGEBYSCORE _kombu.binding_deadlines 0 1; ZREM unacked_index x
"""
ASK = """
local missing = {}
if not redis.acl_check_cmd then return missing end
for _, right in ipairs(ARGV) do
  local words = {}
  for word in string.gmatch(right, '%S+') do words[#words + 1] = word end
  if not redis.acl_check_cmd(unpack(words)) then missing[#missing + 1] = right end
end
return missing
"""
"""Redis 6.2 cannot be asked, and is taken at its word."""


def store_rights(prefix: str) -> tuple[str, ...]:
    """Examples of the commands that the job store is given, on keys that begin with `prefix`."""
    return _examples(STORE.format(key=f"{prefix}:x"))


def broker_rights(url: str) -> tuple[str, ...]:
    """Examples of the commands that the broker is given, on the channels of the database that its address names."""
    return _examples(BROKER.format(db=urlsplit(url).path.strip("/") or 0))


def missing_rights(client: redis.Redis, rights: Sequence[str]) -> tuple[str, ...]:
    """Those commands that this client's account may not give; none is carried out."""
    missing: Any = client.register_script(ASK)(args=rights)
    return tuple(cast("list[str]", missing))


def _examples(text: str) -> tuple[str, ...]:
    return tuple(example.strip() for example in text.replace("\n", ";").split(";") if example.strip())
