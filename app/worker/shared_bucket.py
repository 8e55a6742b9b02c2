"""The token bucket of one sender for all processes: in Redis, by one atomic script on the clock of Redis.

Without Redis each process goes on with its share of the rate: never more in total, and never nothing (law 12).
"""

from __future__ import annotations

import secrets

from app.worker.bucket import LocalBucket, Rate, Taken
from app.worker.redis_line import Away, RedisLine

UNKNOWN = 4
"""Processes that a process reckons with which never reached Redis."""
REMEMBERED = 30
"""Seconds after its last question for which a process counts as one that sends."""

# Gives parts granted, seconds to wait for some (as text: Redis cuts fractions off), and how many processes ask.
TAKE = f"""
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local rate, full, kept = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local least, most = tonumber(ARGV[4]), tonumber(ARGV[5])
local found = redis.call('HMGET', KEYS[1], 'left', 'at')
local left, at = tonumber(found[1] or 0), tonumber(found[2] or now)
left = math.min(full, left + math.max(0, now - at) * rate)
local granted, wait = 0, 0
if left - kept >= least then
  granted = math.min(most, math.floor(left - kept))
  left = left - granted
else
  wait = (least + kept - left) / rate
end
redis.call('HSET', KEYS[1], 'left', string.format('%.6f', left), 'at', string.format('%.6f', now))
redis.call('EXPIRE', KEYS[1], 3600)
redis.call('ZADD', KEYS[2], now, ARGV[6])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now - {REMEMBERED})
redis.call('EXPIRE', KEYS[2], 3600)
return {{granted, tostring(wait), redis.call('ZCARD', KEYS[2])}}
"""


class SharedBucket:
    def __init__(self, line: RedisLine, sender: str, rate: Rate) -> None:
        self._line = line
        self._rate = rate
        self._keys = (f"huifu:rate:{{{sender}}}", f"huifu:rate:{{{sender}}}:processes")
        self._me = secrets.token_hex(8)
        self._processes = UNKNOWN
        self._alone: LocalBucket | None = None
        self._take = line.redis.register_script(TAKE)

    def take(self, most: int, bulk: bool) -> Taken:
        rate = self._rate
        values: list[str | int | float] = [
            rate.parts,
            rate.full,
            rate.kept_back(bulk),
            rate.least(most),
            most,
            self._me,
        ]
        try:
            parts, wait, processes = self._line.ask(lambda: self._take(self._keys, values))
        except Away:
            return self._share().take(most, bulk)
        self._alone, self._processes = None, int(processes)
        return Taken(int(parts), float(wait))

    def give(self, parts: int) -> None:
        if alone := self._alone:
            alone.give(parts)
        elif parts:
            try:
                self._line.ask(lambda: self._line.redis.hincrbyfloat(self._keys[0], "left", parts))
            except Away:
                self._share().give(parts)

    def _share(self) -> LocalBucket:
        alone = self._alone
        if alone is None:
            alone = self._alone = LocalBucket(self._rate.over(self._processes))
        return alone
