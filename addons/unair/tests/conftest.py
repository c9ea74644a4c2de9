"""The work instruction worked on by the library's people through the API, in sentences."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import pytest

HUMAS, KEPALA, KASIE = "unair.humas", "unair.kepala", "unair.kasie"
PERSON = {
    "0": HUMAS, "1a": HUMAS, "1b": HUMAS, "1c": HUMAS, "1d": KEPALA, "1d-mou": KEPALA, "1d-moa": KEPALA, "1e": KEPALA,
    "1e-tu": KASIE, "1e-humas": HUMAS, "2a": HUMAS, "2b": HUMAS, "2c": KEPALA, "2d": HUMAS,
}  # fmt: skip
"""Who does which step."""


class Cooperation:
    """One case of the instruction, with a partner."""

    def __init__(self, program: Callable[..., Any], acting: Callable[..., Any], partner: str) -> None:
        self.program, self.acting = functools.cache(program), acting
        self.records: dict[str, int] = {}
        self.partner = self.id_of("partners.Partner", partner)
        procedure = self.id_of("procedures.Procedure", "ik_kerjasama")
        self.case = self.make(HUMAS, "case", {"title": "Literasi", "procedure": procedure, "partner": self.partner})

    def call(self, who: str, method: str, path: str, body: Any = None) -> Any:
        """The answer of the API."""
        return self.program(who).api(method, path, body)

    def make(self, who: str, resource: str, values: dict[str, Any]) -> int:
        """A new record, remembered by its resource."""
        answer = self.call(who, "POST", f"{resource}/", values)
        assert answer.status_code == 201, answer.text
        self.records[resource] = int(answer.json["id"])
        return self.records[resource]

    def move(self, who: str, resource: str, name: str, body: Any = None) -> Any:
        """A transition of the remembered record of ``resource``, permitted or not."""
        return self.call(who, "POST", f"{resource}/{self.records[resource]}/do/{name}", body)

    def id_of(self, model: str, name: str) -> int:
        """The id of a record that the addons brought."""
        from app.database.base import models
        from app.database.session import db
        from app.records.data_files import record_by_external_id

        with self.acting("unair.admin", "unair") as access:
            for institution in (access.institution_id, 1):
                full = name if "." in name else f"unair.{name}"
                found = record_by_external_id(db.session(), models[model], full, institution)
                if found is not None:
                    return int(found.id)
        raise AssertionError(name)

    def open_tasks(self) -> dict[str, int]:
        """The ids of the tasks that are not over, by the number of their step."""
        query = f"(filters:!((col:case,opr:eq,value:{self.case})),order_column:id,page_size:100)"
        rows = self.call(KEPALA, "GET", f"task/?q={query}").json["result"]
        return {row["title"].split(". ")[0]: row["id"] for row in rows if row["state"] in {"held", "waiting", "taken"}}

    def open(self) -> list[str]:
        """The numbers of the steps that are not over."""
        return sorted(self.open_tasks())

    def finish(self, key: str, choice: str | None = None, remark: str = "", **outputs: str) -> Any:
        """Take the task of step ``key`` and finish it with all papers; ``outputs`` are resource=name of the output."""
        task, who = self.open_tasks()[key], PERSON[key]
        taken = self.call(who, "POST", f"task/{task}/do/take")
        found = taken if taken.status_code == 200 else self.call(who, "GET", f"task/{task}")
        expected = found.json["result"]
        ids = {item["name"]: str(item["id"]) for item in expected["outputs"]}
        links = {ids[name]: self.records[resource] for resource, name in outputs.items()}
        body = {"papers": [item["id"] for item in expected["papers"]], "outputs": links, "choice": choice}
        return self.call(who, "POST", f"task/{task}/do/done", {**body, "remark": remark or None})

    def do(self, key: str, choice: str | None = None, remark: str = "", **outputs: str) -> None:
        """Finish a step that can be finished."""
        answer = self.finish(key, choice, remark, **outputs)
        assert answer.status_code == 200, answer.text

    def note_round(self, outcome: str, counterpart: str = "partner", **values: Any) -> None:
        """A round of coordination or negotiation."""
        round_ = {"topic": "Pembahasan", "held_on": self.today(), "counterpart": counterpart, "outcome": outcome}
        self.make(HUMAS, "negotiation_round", {**round_, "case": self.case, **values})

    def report(self, kind: str = "negotiation") -> None:
        """A report that Humas submits to the head."""
        values = {"title": "Laporan", "kind": kind, "reported_on": self.today(), "outcome": "Mitra setuju."}
        self.make(HUMAS, "cooperation_report", {**values, "case": self.case})
        assert self.move(HUMAS, "cooperation_report", "submit").status_code == 200

    def until_decision(self) -> None:
        """Humas negotiated and reported: the head decides."""
        self.do("0")
        self.do("1a", "lanjut")
        self.note_round("Ruang lingkup disepakati")
        self.do("1b", "lanjut", negotiation_round="Catatan hasil koordinasi dan negosiasi")
        self.report()
        self.do("1c", cooperation_report="Laporan hasil koordinasi dan negosiasi")

    def signed_agreement(self, kind: str) -> int:
        """An agreement of the case that was signed today."""
        from app.database.base import models
        from app.database.session import db
        from app.i18n.formats import today_here

        kind_id = self.id_of("agreements.AgreementKind", f"agreements.kind_{kind.lower()}")
        with self.acting("unair.admin", "unair"):
            agreement = models["agreements.Agreement"](
                title=f"Naskah {kind}", kind_id=kind_id, partner_id=self.partner, case_id=self.case, state="signed",
                number=f"{kind}/CONTOH/1", signed_on=today_here(), starts_on=today_here(),
            )  # fmt: skip
            db.session.add(agreement)
            db.session.commit()
            self.records["agreement"] = int(agreement.id)
        return self.records["agreement"]

    def report_to_bkmp(self) -> None:
        """The letter that reports the MoU to BKMP: numbered, dated, sent."""
        letter = {
            "subject": "Laporan rencana MoU", "addressee_name": "Kepala BKMP", "body": "Dengan hormat.",
            "case": self.case, "class_code": "KS",
            "signing_position": self.id_of("organization.Position", "position_kepala"),
        }  # fmt: skip
        self.make(KASIE, "outgoing_letter", letter)
        for who, name, body in (
            (KASIE, "submit", None), (KEPALA, "approve", None), (KASIE, "send", {"channel": "email"}),
        ):  # fmt: skip
            answer = self.move(who, "outgoing_letter", name, body)
            assert answer.status_code == 200, answer.text

    def today(self) -> str:
        """The day in Surabaya."""
        from app.i18n.formats import today_here

        with self.acting(HUMAS, "unair"):
            return today_here().isoformat()

    def state(self) -> str:
        """Open, closed or cancelled."""
        return str(self.call(KEPALA, "GET", f"case/{self.case}").json["result"]["state"])


@pytest.fixture
def cooperate(program: Callable[..., Any], acting: Callable[..., Any]) -> Callable[[str], Cooperation]:
    """A case with a partner of the demo or of the library's data."""
    return lambda partner: Cooperation(program, acting, partner)
