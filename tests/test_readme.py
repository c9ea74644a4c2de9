"""What the README tells a newcomer to type, typed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from app.database.addresses import Addresses, libpq_address

ROOT = Path(__file__).resolve().parents[1]
PROGRAM = """
from pathlib import Path
from app.registry.loader import load
from app.database.base import models
from app.views import model_view
load(extra_folders=[Path({folder!r})])
card = models["library.Card"]
view = next(item for item in model_view._declared if item.model is card)
print(card.__tablename__, view.list_columns, sorted(card.__table__.columns.keys())[:3])
"""


def test_the_second_wall_answers_as_told(addresses: Addresses) -> None:
    block = re.search(r"```sql\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert block
    forgotten, begin, tell, read, write, _rollback = re.sub(r"--.*", "", block[1]).strip().split(";")[:6]
    with psycopg.connect(libpq_address(addresses.application), autocommit=True) as connection:
        with pytest.raises(psycopg.errors.UndefinedObject):
            connection.execute(forgotten)
        connection.execute(begin)
        connection.execute(tell)
        assert {row[0] for row in connection.execute(read)} <= {1, 2}
        assert connection.execute(write).rowcount == 0
    with psycopg.connect(libpq_address(addresses.owner)) as owner:
        assert {2, 3} <= {row[0] for row in owner.execute(read)}


def test_the_addon_in_ten_lines_loads_as_written(tmp_path: Path) -> None:
    block = re.search(
        r"```python\n(# addons/library.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL
    )
    assert block
    for part in re.split(r"(?m)^# addons/", block[1])[1:]:
        name, _newline, text = part.partition("\n")
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.strip() + "\n", encoding="utf-8")
        for folder in (path.parent, tmp_path / "library"):
            (folder / "__init__.py").touch()
    program = PROGRAM.format(folder=str(tmp_path))
    answer = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, env={**os.environ}
    )
    assert answer.returncode == 0, answer.stderr
    assert "library_card ('number', 'partner')" in answer.stdout
