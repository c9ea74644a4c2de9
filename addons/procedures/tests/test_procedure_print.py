"""The flow chart of any procedure can be drawn: many steps, long texts, loops and ways across pages."""

from __future__ import annotations

from typing import Any

from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.testing.papers import pdf_text

LONGEST = 14


def drawn(app: Flask, ways: list[list[int]], executors: int, words: str) -> bytes:
    """The chart of a procedure whose step *n* leads to ``ways[n]``; a number beyond the last step is the end."""
    from addons.procedures.models.procedure import Procedure
    from addons.procedures.models.procedure_executor import ProcedureExecutor
    from addons.procedures.models.procedure_step import ProcedureStep
    from addons.procedures.models.step_branch import StepBranch
    from addons.procedures.services import procedure_print
    from app.prints.pdf import render_pdf

    people = [ProcedureExecutor(id=number, key=str(number), name=f"Jabatan {number}") for number in range(executors)]
    steps = [
        ProcedureStep(id=number, key=str(number + 1), activity=f"{words} {number + 1}", executor_id=number % executors)
        for number in range(len(ways))
    ]
    for step, targets in zip(steps, ways, strict=True):
        step.branches.extend(
            StepBranch(key=str(target), label=f"ke {target}", next_step=steps[target] if target < len(steps) else None)
            for target in dict.fromkeys(targets)
        )
    procedure = Procedure(code="X", edition=1, title="Contoh", start_key="1", identity={}, executors=people)
    data = procedure_print.form_of(procedure, steps, set())
    return render_pdf(procedure_print.TEMPLATE, data, "X").content


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=st.data(), executors=st.integers(1, 9), words=st.sampled_from(["Menerima", "Meneliti konsep " * 12, "W" * 90])
)
def test_every_step_stands_on_the_chart_whatever_the_ways(app: Flask, data: Any, executors: int, words: str) -> None:
    count = data.draw(st.integers(1, LONGEST))
    ways = data.draw(st.lists(st.lists(st.integers(0, count), min_size=1, max_size=3), min_size=count, max_size=count))
    with app.app_context():
        text = pdf_text(drawn(app, ways, executors, words))
    lines = text.split("\n")
    for number in range(1, count + 1):
        assert any(line.split(" ")[0] == str(number) or line.endswith(str(number)) for line in lines), number


def test_five_hundred_steps_are_drawn(app: Flask) -> None:
    with app.app_context():
        content = drawn(app, [[number + 1] for number in range(500)], 5, "Melakukan langkah")
    assert "Melakukan langkah 500" in " ".join(pdf_text(content).split())
