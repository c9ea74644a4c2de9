"""The only entry: ``run:app`` for gunicorn, ``python run.py COMMAND`` for everything else."""

from __future__ import annotations

import os
from typing import Any


def __getattr__(name: str) -> Any:
    """Build the web application when gunicorn asks for ``app``; commands never pay for it."""
    if name != "app":
        raise AttributeError(name)
    from app import create_app
    from config import load_settings

    settings = load_settings(os.environ)
    return create_app(settings, settings.database_url or "")


if __name__ == "__main__":
    from app.cli import main

    main()
