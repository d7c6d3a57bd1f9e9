"""Telling many: audiences of this process's connections, and what is said to them.

Other processes tell their own, from the same journal. A message is encoded once. What one audience is told within a
tick after the first word goes out together, one write per client: with 100 events a second to 1 000 clients that is a
fifth of the CPU of telling each by itself, and nobody waits longer than a tick.
"""

from typing import Any

from miitti.foundation import lines
from miitti.foundation.lines import Said

TICK_S = 0.05
"""Seconds for which messages to one audience are gathered; the first goes out at once."""
YIELD_EVERY = 500
"""Clients written to before others get their turn; 5 000 in one go hold everything for 30-60 ms."""

Key = tuple[str, str]
"""A namespace and an audience in it."""


class Audiences:
    """The audiences of one socket server."""

    def __init__(self, server: Any) -> None:
        self._server = server
        self._gathering = False
        self._told: set[Key] = set()
        self._waiting: dict[Key, list[Said]] = {}
        self._busy: set[Key] = set()

    def members(self, namespace: str, audience: str) -> list[str]:
        """The connections that hear `audience`."""
        return list(self._server.manager.rooms.get(namespace, {}).get(audience, {}))

    def names(self, namespace: str) -> list[str]:
        """The audiences somebody hears just now, connections' own ones left out."""
        rooms = self._server.manager.rooms.get(namespace, {})
        own = rooms.get(None, {})
        return [name for name in list(rooms) if isinstance(name, str) and name not in own]

    def emit(self, event: str, data: Any, namespace: str, audience: str) -> None:
        """Send `event` to everybody who hears `audience`: now, or with the tick when it was told something just now."""
        if not self._server.manager.rooms.get(namespace, {}).get(audience):
            return
        said = lines.said(self._server, event, data, namespace)
        key = (namespace, audience)
        if self._gathering and (key in self._told or key in self._busy):
            self._waiting.setdefault(key, []).append(said)
            return
        if self._gathering:
            self._told.add(key)
        self._send(key, [said])

    def gather(self, stopped: Any) -> None:
        """Be the task that sends what was gathered, every tick until `stopped()`."""
        self._gathering = True
        while not stopped():
            self._server.sleep(TICK_S)
            self.flush()
        self._gathering = False
        self.flush()

    def flush(self) -> None:
        """Send what waits."""
        waiting, self._waiting = self._waiting, {}
        self._told = set(waiting)
        for key, told in waiting.items():
            if key in self._busy:  # an earlier message to it is still on its way round
                self._waiting[key] = [*told, *self._waiting.get(key, [])]
            else:
                self._send(key, told)

    def _send(self, key: Key, told: list[Said]) -> None:
        namespace, audience = key
        hearers = list(self._server.manager.rooms.get(namespace, {}).get(audience, {}).values())
        blob = told[0].frame if len(told) == 1 else b"".join(said.frame for said in told)
        sockets = self._server.eio.sockets
        self._busy.add(key)
        try:
            for number, hearer in enumerate(hearers, 1):
                line = sockets.get(hearer)
                if isinstance(line, lines.Line):
                    line.tell(blob, told)
                else:
                    for said in told:
                        self._server._send_eio_packet(hearer, said.packet)
                if number % YIELD_EVERY == 0:
                    self._server.sleep(0)
        finally:
            self._busy.discard(key)
