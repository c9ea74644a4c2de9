"""Settings of the web server; address and number of workers come on its command line."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

worker_class = "app.cli.web_worker.WebWorker"
preload_app = False  # a preloaded application would hand stale code to workers that are replaced after an upgrade
timeout = 60
graceful_timeout = 20
keepalive = 2
umask = 0o027
accesslog = None
loglevel = "warning"
control_socket_disable = True  # gunicorn 27 opens a control socket in the home folder otherwise
# The heartbeat file on a disk that stalls would make healthy workers look dead.
_memory = Path("/dev/shm")  # noqa: S108  # gunicorn makes an anonymous file in it
worker_tmp_dir = str(_memory) if _memory.is_dir() else None


def when_ready(server: Any) -> None:
    """The addresses are open; workers are about to listen."""
    from app.cli.web_worker import hold_back_silence

    hold_back_silence(server.LISTENERS)


def post_worker_init(worker: Any) -> None:
    """The worker has loaded the application: from now on it tells that it lives, and leaves when addons changed."""
    from flask import Flask

    if not isinstance(worker.wsgi, Flask):
        return
    from app.registry import presence

    def leave() -> None:
        # The loop looks at this between requests, so that the response at hand is finished; an idle one is woken.
        worker.alive = False
        os.write(worker.PIPE[1], b".")

    config = worker.wsgi.config
    slot = Path(config["DATA_DIR"]) / "web.leaving"
    presence.begin(presence.Presence(config["SQLALCHEMY_DATABASE_URI"], "web", slot, leave))


def worker_exit(_server: Any, _worker: Any) -> None:
    """The worker ends in good order."""
    from app.registry import presence

    presence.end()
