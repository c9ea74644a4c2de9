"""A program: a person and a program save and read partners, as the application's role, over a database as it is."""

from __future__ import annotations

import json
import os
import sys

from app import create_app
from app.registry.enablement import registry
from app.testing.client import Browserish
from config import load_settings


def walk(name: str) -> None:
    settings = load_settings(os.environ)
    app = create_app(settings, settings.database_url or "")
    person = Browserish(app).sign_in("kendal.admin")
    saved = person.send("/partners/partner/add", {"name": f"{name} halaman", "level": "local"})
    record = person.get(saved.headers.get("Location", "/"))
    program = Browserish(app).with_token("kendal.admin")
    made = program.api("POST", "partner/", {"name": f"{name} program", "level": "local"})
    read = program.api("GET", f"partner/{(made.json or {}).get('id')}")
    found = {
        "loaded": sorted(registry().manifests),
        "saved": saved.status_code,
        "page": f"{record.status_code} {record.text}",
        "list": person.get("/partners/partner/").text,
        "made": made.status_code,
        "read": f"{read.status_code} {read.text}",
        "katalog": person.get("/katalog/katalog_entry/").status_code,
    }
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    walk(sys.argv[1])
