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
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None
