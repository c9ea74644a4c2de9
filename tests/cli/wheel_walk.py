"""A program: what two institutions see of the addon that was installed from a wheel, as JSON."""

from __future__ import annotations

import json
import os
import sys

from app import create_app
from app.registry.enablement import registry
from app.testing.client import Browserish
from config import load_settings

PATHS = {
    "list": "/katalog/katalog_entry/",
    "api": "/api/v1/katalog_entry/",
    "form": "/partners/partner/add",
    "schema": "/api/v1/partner/_info",
    "addons": "/kernel/addons/",
}


def walk() -> None:
    settings = load_settings(os.environ)
    app = create_app(settings, settings.database_url or "")
    found = {"folder": str(registry().manifests["katalog"].folder)}
    for institution in ("kendal", "unair"):
        person = Browserish(app).sign_in(f"{institution}.admin")
        for name, path in PATHS.items():
            answer = person.get(path, headers={"Accept-Language": "id"})
            found[f"{institution} {name}"] = f"{answer.status_code} {answer.text}"
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    walk()
