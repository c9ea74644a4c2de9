"""The procedure worked on by Polibatam's people through the API, in sentences."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import pytest

STAF, KAPOKJA = "polibatam.staf", "polibatam.kapokja"
PERSON = {"1": STAF, "2": KAPOKJA, "3": STAF}
"""Who does which activity."""
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)


class Cooperation:
    """One case of the procedure with the partner of the demo."""

    def __init__(self, program: Callable[..., Any], acting: Callable[..., Any]) -> None:
        self.program, self.acting = functools.cache(program), acting
        self.records: dict[str, int] = {}
        self.partner = self.id_of("partners.Partner", "partner_industri")
        procedure = self.id_of("procedures.Procedure", "pr_pelaksanaan_kerjasama")
        self.case = self.make(STAF, "case", {"title": "Magang", "procedure": procedure, "partner": self.partner})

    def call(self, who: str, method: str, path: str, body: Any = None) -> Any:
        """The answer of the API."""
        return self.program(who).api(method, path, body)

    def make(self, who: str, resource: str, values: dict[str, Any]) -> int:
        """A new record, remembered by its resource."""
        answer = self.call(who, "POST", f"{resource}/", values)
        assert answer.status_code == 201, answer.text
        self.records[resource] = int(answer.json["id"])
        return self.records[resource]

    def move(self, who: str, resource: str, name: str) -> Any:
        """A transition of the remembered record of ``resource``, permitted or not."""
        return self.call(who, "POST", f"{resource}/{self.records[resource]}/do/{name}")

    def id_of(self, model: str, name: str) -> int:
        """The id of a record that the addon brought."""
        from app.database.base import models
        from app.database.session import db
        from app.records.data_files import record_by_external_id

        with self.acting("polibatam.admin", "polibatam") as access:
            found = record_by_external_id(db.session(), models[model], f"polibatam.{name}", access.institution_id)
            assert found is not None, name
            return int(found.id)

    def open_tasks(self) -> dict[str, int]:
        """The ids of the tasks that are not over, by the number of their step."""
        query = f"(filters:!((col:case,opr:eq,value:{self.case})),order_column:id,page_size:100)"
        rows = self.call(KAPOKJA, "GET", f"task/?q={query}").json["result"]
        return {row["title"].split(". ")[0]: row["id"] for row in rows if row["state"] in {"held", "waiting", "taken"}}

    def open(self) -> list[str]:
        """The numbers of the steps that are not over."""
        return sorted(self.open_tasks())

    def finish(self, key: str, choice: str | None = None, **outputs: str) -> Any:
        """Take the task of step ``key`` and finish it with all papers; ``outputs`` are resource=name of the output."""
        task, who = self.open_tasks()[key], PERSON[key]
        taken = self.call(who, "POST", f"task/{task}/do/take")
        found = taken if taken.status_code == 200 else self.call(who, "GET", f"task/{task}")
        expected = found.json["result"]
        ids = {item["name"]: str(item["id"]) for item in expected["outputs"]}
        links = {ids[name]: self.records[resource] for resource, name in outputs.items()}
        papers = [item["id"] for item in expected["papers"]]
        return self.call(who, "POST", f"task/{task}/do/done", {"papers": papers, "outputs": links, "choice": choice})

    def do(self, key: str, choice: str | None = None, **outputs: str) -> None:
        """Finish a step that can be finished."""
        answer = self.finish(key, choice, **outputs)
        assert answer.status_code == 200, answer.text

    def file_on(self, key: str) -> None:
        """The report of the cooperation as a file on the task of step ``key``."""
        import io

        from addons.procedures.services.task import TaskService
        from app.database.session import db
        from app.records.attachment import attach

        with self.acting("polibatam.admin", "polibatam"):
            task = TaskService().get(self.open_tasks()[key])
            self.records["file"] = attach(db.session(), task, "laporan.png", io.BytesIO(PNG)).id
            db.session.commit()

    def today(self) -> str:
        """The day in Batam."""
        from app.i18n.formats import today_here

        with self.acting(STAF, "polibatam"):
            return today_here().isoformat()

    def state(self) -> str:
        """Open, closed or cancelled."""
        return str(self.call(KAPOKJA, "GET", f"case/{self.case}").json["result"]["state"])


@pytest.fixture
def cooperation(program: Callable[..., Any], acting: Callable[..., Any]) -> Cooperation:
    """A case that Staf Kerjasama opened."""
    return Cooperation(program, acting)
