"""Settings of the web server; address and number of workers come on its command line."""

from __future__ import annotations

from pathlib import Path

worker_class = "sync"
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
