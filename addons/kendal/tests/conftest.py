"""Kendal's SOP worked on by its people through the API, in sentences."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

PERSON = {
    "1": "kendal.staf",
    "2": "kendal.kadis",
    "3": "kendal.kabid",
    "4": "kendal.subkoor",
    "5": "kendal.staf",
    "6": "kendal.kabid",
    "7": "kendal.staf",
    "8": "kendal.staf",
    "9": "kendal.kadis",
    "10": "kendal.staf",
}
"""Who does which step in the demo."""


class Story:
    """One case of the SOP. Records are made by whoever does the step; papers are ticked unless told otherwise."""

    def __init__(self, app: Any, program: Callable[..., Any], acting: Callable[..., Any]) -> None:
        self.app, self.program, self.acting = app, program, acting
        self.records: dict[str, int] = {}
        letter = self.make("kendal.staf", "letter", {**LETTER, "procedure": self.procedure_id()})
        self.case = int(self.get("kendal.staf", "letter", letter)["case"]["id"])

    def call(self, who: str, method: str, path: str, body: Any = None) -> Any:
        """The answer of the API to a person's program."""
        return self.program(who).api(method, path, body)

    def make(self, who: str, resource: str, values: dict[str, Any]) -> int:
        """A new record; its id is remembered by its resource."""
        answer = self.call(who, "POST", f"{resource}/", values)
        assert answer.status_code == 201, answer.text
        self.records[resource] = int(answer.json["id"])
        return self.records[resource]

    def get(self, who: str, resource: str, pk: int) -> dict[str, Any]:
        """A record."""
        result: dict[str, Any] = self.call(who, "GET", f"{resource}/{pk}").json["result"]
        return result

    def move(self, who: str, resource: str, name: str, body: Any = None) -> Any:
        """A transition of the remembered record of ``resource``."""
        answer = self.call(who, "POST", f"{resource}/{self.records[resource]}/do/{name}", body)
        assert answer.status_code == 200, answer.text
        return answer

    def id_of(self, name: str) -> int:
        """The id of a record of Kendal by its external id: ``organization.Position:kendal.position_staf``."""
        from app.database.base import models
        from app.database.session import db
        from app.records.data_files import record_by_external_id

        key, external = name.split(":")
        with self.acting("kendal.admin", "kendal") as access:
            for institution in (access.institution_id, 1):
                found = record_by_external_id(db.session(), models[key], external, institution)
                if found is not None:
                    return int(found.id)
        raise AssertionError(name)

    def position(self, name: str) -> int:
        """The id of a position."""
        return self.id_of(f"organization.Position:kendal.position_{name}")

    def procedure_id(self) -> int:
        """Kendal's SOP."""
        return self.id_of("procedures.Procedure:kendal.sop_pelayanan_kerjasama")

    def open_steps(self) -> list[str]:
        """The numbers of the steps that wait or are worked on, the optional ones in brackets."""
        from sqlalchemy import select

        from addons.procedures.models.task import Task
        from app.database.session import db

        with self.acting("kendal.admin", "kendal"):
            tasks = db.session.scalars(
                select(Task).where(Task.case_id == self.case, Task.state.in_(("waiting", "taken"))).order_by(Task.id)
            )
            return [f"({task.step.key})" if task.is_optional else task.step.key for task in tasks]

    def take(self, key: str, who: str | None = None) -> int:
        """Take the open task of step ``key``; returns its id."""
        task = self.task_id(key)
        answer = self.call(who or PERSON[key], "POST", f"task/{task}/do/take")
        assert answer.status_code == 200, answer.text
        return task

    def task_id(self, key: str) -> int:
        """The open task of step ``key``."""
        from sqlalchemy import select

        from addons.procedures.models.procedure_step import ProcedureStep
        from addons.procedures.models.task import Task
        from app.database.session import db

        with self.acting("kendal.admin", "kendal"):
            statement = select(Task.id).join(ProcedureStep, ProcedureStep.id == Task.step_id)
            statement = statement.where(Task.case_id == self.case, ProcedureStep.key == key)
            found = db.session.scalar(statement.where(Task.state.in_(("waiting", "taken"))).order_by(Task.id.desc()))
        assert found is not None, key
        return int(found)

    def finish(
        self, key: str, choice: str = "", remark: str = "", outputs: dict[str, str] | None = None, who: str = ""
    ) -> Any:
        """Finish the taken task of step ``key`` with the remembered records as its outputs; returns the answer."""
        task = self.task_id(key)
        body = self.expected(task, outputs or {})
        body.update({"choice": choice or None, "remark": remark or None})
        return self.call(who or PERSON[key], "POST", f"task/{task}/do/done", body)

    def expected(self, task_id: int, outputs: dict[str, str]) -> dict[str, Any]:
        """All papers, and for outputs by name the remembered records; a file is put on the task."""
        import io

        from addons.procedures.services.task import TaskService
        from app.database.session import db
        from app.records.attachment import attach

        with self.acting("kendal.admin", "kendal"):
            task = TaskService().get(task_id)
            links = {}
            for output in task.wanted_outputs:
                if output.kind == "file" and output.is_mandatory:
                    links[str(output.id)] = attach(db.session(), task, "bahan.png", io.BytesIO(PNG)).id
                elif output.name in outputs:
                    links[str(output.id)] = self.records[outputs[output.name]]
            papers = [paper.id for paper in task.step.papers]
            db.session.commit()
        return {"papers": papers, "outputs": links}

    def do(self, key: str, choice: str = "", remark: str = "", outputs: dict[str, str] | None = None) -> None:
        """Take and finish a step."""
        self.take(key)
        answer = self.finish(key, choice, remark, outputs)
        assert answer.status_code == 200, answer.text

    def until_coordination(self) -> None:
        """The letter is registered, disposed and received: the case waits at step 4."""
        self.do("1", outputs={"Surat Masuk permohonan": "letter"})
        self.dispose()
        self.do("2", outputs={"Disposisi": "disposition"})
        self.move("kendal.kabid", "disposition", "receive")
        self.do("3", outputs={"Disposisi": "disposition"})

    def dispose(self, **values: Any) -> int:
        """Kepala Dinas gives a disposition to Kepala Bidang."""
        given = {"letter": self.records["letter"], "to_position": self.position("kepala_bidang")}
        return self.make("kendal.kadis", "disposition", {**given, "instruction": ["process", "coordinate"], **values})

    def draft_agreement_and_reply(self) -> None:
        """Step 5: the agreement and the reply as drafts."""
        partner = self.id_of("partners.Partner:kendal.partner_school")
        kind = self.id_of("agreements.AgreementKind:agreements.kind_pks")
        values = {
            "title": "PKS literasi",
            "number": "001/PKS/CONTOH",
            "kind": kind,
            "partner": partner,
            "case": self.case,
        }
        values |= {"our_signatory": "Kadis Contoh Kendal", "partner_signatory": "Kepala Sekolah Contoh"}
        self.make("kendal.staf", "agreement", values)
        self.write_reply()

    def write_reply(self) -> None:
        """A reply as a draft."""
        reply = {
            "subject": "Balasan",
            "addressee_name": "Kepala SD Contoh",
            "body": "Dengan hormat.",
            "case": self.case,
        }
        reply.update({"class_code": "000.4", "signing_position": self.position("kepala_dinas")})
        self.make("kendal.staf", "outgoing_letter", reply)

    def mend_agreement(self, words: str) -> None:
        """The draft of the agreement says something else."""
        answer = self.call("kendal.staf", "PUT", f"agreement/{self.records['agreement']}", {"subject": words})
        assert answer.status_code == 200, answer.text

    def examine(self) -> None:
        """Step 6 "Ya": the agreement and the submitted reply are found good."""
        self.move("kendal.staf", "outgoing_letter", "submit")
        self.do("6", "ya", outputs=EXAMINED)

    def send_reply(self) -> None:
        """The examined reply is approved with its number, and sent."""
        self.move("kendal.kabid", "outgoing_letter", "approve")
        self.move("kendal.staf", "outgoing_letter", "send", {"channel": "email"})

    def sign(self) -> None:
        """The agreement is signed today: staff files the scan, Kepala Dinas records the signing."""
        self.add_signed_scan()
        self.move("kendal.kadis", "agreement", "sign", {"signed_on": self.today()})

    def today(self) -> str:
        """The day in Kendal, as programs write it."""
        from app.i18n.formats import today_here

        with self.acting("kendal.kadis", "kendal"):
            return today_here().isoformat()

    def add_signed_scan(self, reason: str = "") -> None:
        """The scan of the signed agreement becomes its version."""
        import io

        from app.testing.client import Browserish

        staf, address = Browserish(self.app).sign_in("kendal.staf"), "/agreements/agreement_version/add"
        fields = {"agreement": str(self.records["agreement"]), "kind": "signed", "reason": reason}
        scan = io.BytesIO(PNG + reason.encode())  # every signed paper is another one
        answer = staf.send(address, {**fields, "files": (scan, "pindaian.png")})
        assert answer.status_code == 302, answer.text

    def book_room(self) -> None:
        """The schedule: a room for the activity."""
        begin = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=3)
        values = {"room": self.id_of("rooms.Room:kendal.room_hall"), "purpose": "Kunjungan", "case": self.case}
        span = {"starts_at": begin.isoformat(), "ends_at": (begin + timedelta(hours=2)).isoformat()}
        self.make("kendal.subkoor", "booking", {**values, **span})

    def carry_out(self, choice: str = "selesai") -> None:
        """Step 10: the activity and its report."""
        self.take("10")
        self.hold_activity()
        answer = self.finish("10", choice, outputs=ACTIVITY)
        assert answer.status_code == 200, answer.text

    def hold_activity(self) -> None:
        """An activity that took place, with its list and its report."""
        begin = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=3)
        kind = self.call("kendal.staf", "GET", "activity/related/kind").json["result"][0]["value"]
        span = {"starts_at": begin.isoformat(), "ends_at": (begin + timedelta(hours=2)).isoformat()}
        values = {"title": "Kunjungan literasi", "kind": kind, "case": self.case, **span}
        activity = self.make("kendal.staf", "activity", values)
        self.move("kendal.staf", "activity", "hold")
        came = {"activity": activity, "name": "Siswa Contoh", "organisation": "SD Contoh"}
        self.make("kendal.staf", "attendance", came)
        report = {"title": "Laporan", "activity": activity, "summary": "Lancar.", "case": self.case}
        self.make("kendal.staf", "report", report)

    def state(self) -> str:
        """Open or closed."""
        return str(self.get("kendal.kabid", "case", self.case)["state"])


LETTER = {"subject": "Permohonan kerja sama literasi", "sender_name": "SD Contoh", "letter_number": "005/1"}
EXAMINED = {
    "Konsep Perjanjian Kerjasama/surat balasan": "agreement",
    "Surat balasan yang diteliti": "outgoing_letter",
}
REPORT = "Laporan kegiatan dan kegiatan-kegiatan kolaborasi selanjutnya"
ACTIVITY = {"Kegiatan kolaborasi": "activity", REPORT: "report"}
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)


@pytest.fixture
def story(app: Any, program: Callable[..., Any], acting: Callable[..., Any]) -> Story:
    """A request letter that opened a case."""
    return Story(app, program, acting)
