"""`make lighthouse`: performance and accessibility of a list, a form and a case, on this machine with two workers.

Prints the median of five runs each; exits with 1 when one is below 95. Lighthouse comes from npm when it is asked for.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path

import click
from sqlalchemy import select

from app.cli.demo import DEMO_PASSWORD
from app.testing.databases import TestServer
from app.testing.live import BROWSERS, LiveServer, launch_chromium
from app.testing.plugin import extra_addon_folders

LIGHTHOUSE = "lighthouse@12.8.2"
CATEGORIES = ("performance", "accessibility")
TURNS = 5
ENOUGH = 95


def cookie_of(url: str, username: str) -> str:
    """The session cookie of somebody who signed in."""
    jar = CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    page = opener.open(f"{url}/login/").read().decode()
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    fields = {"csrf_token": token[1], "username": username, "password": DEMO_PASSWORD}
    opener.open(f"{url}/login/", urllib.parse.urlencode(fields).encode())
    return "; ".join(f"{item.name}={item.value}" for item in jar)


def fill(postgres: TestServer, server: LiveServer) -> dict[str, str]:
    """Forty partners for the list and one case; the pages to measure."""
    from app import create_app
    from app.access.acting import acting
    from app.database.base import models
    from app.database.session import db
    from app.records.service import service_of

    app = create_app(postgres.settings, server.addresses.application)
    with app.app_context(), acting("kendal.staf", "kendal"):
        for number in range(40):
            service_of(models["partners.Partner"]).create({"name": f"Lembaga Contoh {number:02}"})
        procedure = db.session.scalars(select(models["procedures.Procedure"])).first()
        case = service_of(models["procedures.Case"]).create({"title": "Kunjungan contoh", "procedure": procedure})
        db.session.commit()
        return {
            "list": "/partners/partner/",
            "form": "/agreements/agreement/add",
            "case": f"/procedures/case/{case.id}",
        }


def measure(address: str, cookie: str, folder: Path) -> dict[str, float]:
    """One run of Lighthouse as a desktop browser: category → points of 100."""
    headers, answer = folder / "headers.json", folder / "answer.json"
    headers.write_text(json.dumps({"Cookie": cookie}))
    command = [
        "npx", "--yes", LIGHTHOUSE, address, "--quiet", "--preset=desktop", "--output=json", f"--output-path={answer}",
        f"--extra-headers={headers}", f"--only-categories={','.join(CATEGORIES)}",
        "--chrome-flags=--headless=new --no-sandbox --disable-gpu",
    ]  # fmt: skip
    subprocess.run(command, check=True, env=os.environ)  # our own command line
    found = json.loads(answer.read_text())["categories"]
    return {name: round(100 * found[name]["score"], 1) for name in CATEGORIES}


def main() -> int:
    """Measure every page; 1 when a median is too low."""
    installed = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    with launch_chromium() as browser:
        os.environ.setdefault("CHROME_PATH", installed or browser.browser_type.executable_path)
    is_enough = True
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        postgres = TestServer.start(folder / "postgres", system=False)
        try:
            postgres.fill(extra_addon_folders())
            (folder / "live").mkdir()
            server = LiveServer(postgres, folder / "live", workers=2)
            server.start()
            try:
                cookie = cookie_of(server.url, "kendal.staf")
                for page, path in fill(postgres, server).items():
                    runs = [measure(server.url + path, cookie, folder) for _turn in range(TURNS)]
                    medians = {name: statistics.median(run[name] for run in runs) for name in CATEGORIES}
                    figures = ", ".join(f"{name} {points:g}" for name, points in medians.items())
                    click.echo(f"{page:6} {path:30} {figures}")
                    is_enough = is_enough and min(medians.values()) >= ENOUGH
            finally:
                server.stop()
        finally:
            postgres.stop()
    return 0 if is_enough else 1


if __name__ == "__main__":
    sys.exit(main())
