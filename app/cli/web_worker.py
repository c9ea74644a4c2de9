"""The worker of the web server, whom a browser that connects and says nothing yet does not keep from its work.

Browsers open connections ahead of what they will ask. A worker that serves one connection after the other would wait at
such a one until the master takes it for dead: two of them, and nobody is served. So the kernel holds connections back
until something comes (``TCP_DEFER_ACCEPT``), and one that comes silent all the same is closed soon; browsers then open
another one.
"""

from __future__ import annotations

import contextlib
import select
import socket
from typing import Any

from gunicorn.workers.sync import SyncWorker  # type: ignore[import-untyped]  # gunicorn has no types

SECONDS_HELD_BACK = 30
SECONDS_TO_SPEAK = 1.0


class WebWorker(SyncWorker):
    """Serves one request after the other, of connections on which something was said."""

    def handle(self, listener: Any, client: socket.socket, addr: Any) -> None:
        """Serve what comes over ``client``."""
        speaks, _writes, _fails = select.select([client], [], [], SECONDS_TO_SPEAK)
        if speaks:
            super().handle(listener, client, addr)
        else:
            client.close()


def hold_back_silence(listeners: list[Any]) -> None:
    """Let the kernel keep connections to ``listeners`` until their first bytes are there, where it can."""
    option = getattr(socket, "TCP_DEFER_ACCEPT", None)  # Linux
    for listener in listeners if option is not None else ():
        with contextlib.suppress(OSError):  # a socket in the file system
            listener.sock.setsockopt(socket.IPPROTO_TCP, option, SECONDS_HELD_BACK)
