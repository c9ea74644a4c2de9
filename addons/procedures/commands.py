"""`run.py procedure`: procedures as files, checked, printed and listed.

Services are imported inside the application: their models name each other, and are all there only then.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from addons.procedures.models.procedure import Procedure
    from addons.procedures.services.procedure_check import Problem

institution_option = click.option("--institution", help="The institution's code; needed where several have the SOP.")
edition_option = click.option("--edition", type=int, help="A version; the one in force when left out.")
file_argument = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
out_option = click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Into this file.")


@click.group("procedure")
def command() -> None:
    """Procedures (SOP): list, export, import, print, check, figures."""


@command.command("list")
@institution_option
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def list_procedures(institution: str | None, as_json: bool) -> None:
    """Every version of every procedure."""
    from app.addon import operating

    rows: list[dict[str, Any]] = []
    with operating() as operator:
        from addons.procedures.services.procedure_listing import listed

        for code in [institution] if institution else operator.institutions("procedures"):
            with operator.inside(code) as session:
                rows += [{**row, "institution": code} for row in listed(session)]
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return
    for row in rows:
        where = f"{row['institution']:<12}{row['code']:<24}{row['version']:<5}"
        click.echo(f"{where}{row['state']:<12}{row['steps']:>4}  {row['title']}")


@command.command()
@click.argument("code")
@click.option("--format", "kind", type=click.Choice(["yaml", "json", "bpmn"]), default="yaml", show_default=True)
@edition_option
@institution_option
@out_option
def export(code: str, kind: str, edition: int | None, institution: str | None, out: Path | None) -> None:
    """Write the procedure CODE as a data file, or as BPMN 2.0."""
    with _version(code, edition, institution) as procedure:
        from addons.procedures.services.procedure_export import EXPORTS

        text = EXPORTS[kind].write(procedure)
    if out is None:
        click.echo(text, nl=False)
    else:
        out.write_text(text, encoding="utf-8")
        click.echo(f"{out}: {len(text)} characters.", err=True)


@command.command("import")
@file_argument
@institution_option
def import_file(file: Path, institution: str | None) -> None:
    """Read FILE (YAML or JSON) in as a draft, the next version of its code."""
    from app.addon import operating

    with operating() as operator:
        from addons.procedures.services.procedure_file import import_procedure, read_file

        code = institution or _only(operator.institutions("procedures"))
        with operator.inside(code, saving=True):
            document, problems = read_file(file.read_bytes())
            _tell(file, problems)
            if any(problem.breaks for problem in problems):
                raise click.ClickException(f"{file} was not taken over.")
            draft = import_procedure(document)
            told = f"{draft.code}, version {draft.edition}: a draft of {len(draft.steps)} steps in {code}."
    click.echo(told)


@command.command("print")
@click.argument("code")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="FILE.pdf or FILE.xlsx")
@edition_option
@institution_option
def print_out(code: str, out: Path, edition: int | None, institution: str | None) -> None:
    """Print the procedure CODE as the official form (SOP AP), by the ending of the file as PDF or XLSX."""
    if out.suffix.lower() not in {".pdf", ".xlsx"}:
        raise click.ClickException(f"{out.name} must end in .pdf or .xlsx.")
    with _version(code, edition, institution) as procedure:
        from addons.procedures.services.procedure_print import procedure_pdf
        from addons.procedures.services.procedure_sheet import procedure_xlsx

        papers: dict[str, Callable[[Procedure], Any]] = {".pdf": procedure_pdf, ".xlsx": procedure_xlsx}
        content: bytes = papers[out.suffix.lower()](procedure).content
    out.write_bytes(content)
    click.echo(f"{out}: {len(content)} bytes.")


@command.command()
@file_argument
@institution_option
def check(file: Path, institution: str | None) -> None:
    """Tell everything that is wrong with FILE, with its place; exit code 1 when it could not be approved."""
    from app.addon import operating

    with operating() as operator:
        from addons.procedures.services.procedure_file import missing_positions, read_file

        codes = [institution] if institution else operator.institutions("procedures")
        with operator.inside(codes[0]) as session:
            document, problems = read_file(file.read_bytes())
            if institution and document:
                problems += missing_positions(session, document)
    _tell(file, problems)
    if any(problem.is_error for problem in problems):
        raise SystemExit(1)
    click.echo(f"{file}: {len(document['steps'])} steps, nothing wrong.")


day = click.DateTime(["%Y-%m-%d"])


@command.command()
@click.argument("code")
@click.option("--from", "first", type=day, help="The first day, YYYY-MM-DD.")
@click.option("--to", "last", type=day, help="The last day, included.")
@click.option("--by", type=click.Choice(["procedure", "step", "executor", "month"]), default="step", show_default=True)
@institution_option
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def figures(
    code: str, first: datetime | None, last: datetime | None, by: str, institution: str | None, as_json: bool
) -> None:
    """How long the steps of the procedure CODE took, how often in time, and where cases wait; minutes of its clock."""
    if first and last and last < first:
        raise click.ClickException("The last day is before the first.")
    with _place_of(code, None, institution) as session:
        from addons.procedures.services.figures import Period
        from addons.procedures.services.figures import figures as figures_of

        period = Period(first.date() if first else None, last.date() if last else None)
        lines = [line.as_json() for line in figures_of(session, code, by, period)]
    if as_json:
        click.echo(json.dumps({"code": code, "by": by, "figures": lines}, indent=2))
        return
    columns = ("cases", "median_minutes", "p90_minutes", "on_time_percent", "returns", "waiting_now")
    click.echo(f"{by:<40}" + "".join(f"{name:>17}" for name in columns))
    for line in lines:
        values = ("-" if line[name] is None else str(line[name]) for name in columns)
        click.echo(f"{line['label'][:38]:<40}" + "".join(f"{value:>17}" for value in values))


@contextmanager
def _version(code: str, edition: int | None, institution: str | None) -> Iterator[Procedure]:
    """The version of ``code`` that was asked for, of the institution that has it."""
    with _place_of(code, edition, institution) as session:
        from addons.procedures.services.procedure_listing import find_version

        found = find_version(session, code, edition)
        assert found is not None
        yield found


@contextmanager
def _place_of(code: str, edition: int | None, institution: str | None) -> Iterator[Session]:
    """Work in the institution that has the version of ``code``. Raises `ClickException` when none or several have."""
    from app.addon import operating

    with operating() as operator:
        from addons.procedures.services.procedure_listing import find_version

        having = []
        for place in [institution] if institution else operator.institutions("procedures"):
            with operator.inside(place) as session:
                if find_version(session, code, edition) is not None:
                    having.append(place)
        if not having:
            raise click.ClickException(f"There is no procedure {code}{f', version {edition}' if edition else ''}.")
        with operator.inside(_only(having)) as session:
            yield session


def _only(institutions: list[str]) -> str:
    if len(institutions) != 1:
        raise click.ClickException(f"Say which with --institution: {', '.join(institutions) or 'there is none'}.")
    return institutions[0]


def _tell(file: Path, problems: list[Problem]) -> None:
    for problem in problems:
        click.echo(f"{file}: {'error' if problem.is_error else 'warning'}: {problem}", err=True)
