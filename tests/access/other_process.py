"""A program: another process of the same installation, which changes one right of a role and commits.

Arguments: the application's database address, the data folder, the folder with more addons, who acts in which
institution, then role, model, operation and ``allow`` or ``forbid``.
"""

from __future__ import annotations

import sys
from pathlib import Path

from app import create_app
from app.access.acting import acting
from app.access.role_grid import set_right
from app.database.session import db
from config import load_settings

if __name__ == "__main__":
    url, folder, extra, username, institution, role, model, operation, wish = sys.argv[1:]
    app = create_app(load_settings({"SINERGI_DATA_DIR": folder, "SINERGI_ADDONS_PATH": str(Path(extra))}), url)
    with app.app_context(), acting(username, institution):
        set_right(db.session(), role, model, operation, wish == "allow")
        db.session.commit()
