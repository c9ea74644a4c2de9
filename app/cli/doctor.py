"""`run.py doctor`: is everything in its place, and what to do about what is not."""

from __future__ import annotations

import json
import os
import time
from dataclasses import asdict

import click

from app.cli.doctor_checks import examine
from app.cli.finding import FAIL, OK, Finding
from app.database.addresses import database_addresses
from app.errors import SinergiError
from app.records.attachment import sweep_pending_files
from config import Settings, SettingsError, load_settings

LEFT_OVER = 3600
"""Seconds after which a file that waits for its record belongs to nobody."""


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.option("--sweep", is_flag=True, help="Also remove what unfinished uploads left in the files folder.")
def doctor(as_json: bool, sweep: bool) -> None:
    """Check database, addons, files and translations; exit code 1 when something fails."""
    findings = diagnose(sweep=sweep)
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], indent=2))
    else:
        for finding in findings:
            remedy = f" → {finding.remedy}" if finding.remedy else ""
            click.echo(f"{finding.level:<6}{finding.check:<13}{finding.message}{remedy}")
    if any(finding.level == FAIL for finding in findings):
        raise click.exceptions.Exit(1)


def diagnose(*, sweep: bool = False) -> list[Finding]:
    """Every finding; what keeps the checks from running at all is one, too."""
    try:
        settings = load_settings(os.environ)
    except SettingsError as error:
        return [Finding("settings", FAIL, error.message, "correct the variable; config.py lists them all")]
    try:
        with database_addresses(settings) as addresses:
            found = [Finding("settings", OK, f"{settings.env}, data in {settings.data_dir}")]
            return [*found, *(_swept(settings) if sweep else []), *examine(settings, addresses)]
    except SinergiError as error:
        return [Finding("database", FAIL, str(error), "start PostgreSQL, or correct SINERGI_DATABASE_URL")]


def _swept(settings: Settings) -> list[Finding]:
    count = sweep_pending_files(settings.data_dir / "files", time.time() - LEFT_OVER)
    return [Finding("uploads", OK, f"{count} leftovers removed")]
