"""Messages on a case: in one thread with its tasks, letters and files, by whoever may read it and by nobody else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def test_a_message_stands_in_the_thread_with_its_writer_between_what_happened(
    start_case: Callable[[], dict[str, Any]], person: Callable[[str], Any]
) -> None:
    path = f"/procedures/case/{start_case()['id']}"
    kabid, thread = person("kendal.kabid"), f"{path}/timeline"
    answer = kabid.send(f"{path}/messages", {"text": "Pemohon menelepon: <b>Kamis</b>"}, form_at=thread)
    assert answer.status_code == 302
    shown = person("kendal.staf").get(thread).text
    assert "Kabid Contoh Kendal" in shown
    assert shown.index("Pemohon menelepon: &lt;b&gt;Kamis&lt;/b&gt;") < shown.index("opened the case"), "newest first"
    empty = kabid.send(f"{path}/messages", {"text": "  "}, form_at=thread)
    assert empty.status_code == 422
    assert "Write a message" in empty.text
    long = kabid.send(f"{path}/messages", {"text": "x" * 5001}, form_at=thread)
    assert long.status_code == 422
    assert "xxxxx" in long.text, "what was typed stays"
    assert "xxxxx" not in person("kendal.staf").get(thread).text
    for nothing in ("\u200b", "\u202e \u3164", "a\x00b"):
        kabid.send(f"{path}/messages", {"text": nothing}, form_at=thread)
    assert kabid.send(f"{path}/messages", {"text": "\u202eBalik"}, form_at=thread).status_code == 302
    shown = person("kendal.staf").get(thread).text
    assert "<bdi>\u202eBalik</bdi>" in shown, "it turns around nothing but itself"
    assert shown.count("is-message") == 2
    stranger = person("unair.kepala")
    refused = stranger.send(f"{path}/messages", {"text": "Asing"}, form_at="/procedures/my_work/")
    assert refused.status_code in {400, 404}
    assert "Asing" not in person("kendal.staf").get(thread).text


def test_who_is_mentioned_on_a_case_is_told_and_a_task_can_be_planned_there(
    start_case: Callable[[], dict[str, Any]], person: Callable[[str], Any]
) -> None:
    path = f"/procedures/case/{start_case()['id']}"
    staf, thread = person("kendal.staf"), f"{path}/timeline"
    staf.send(f"{path}/messages", {"text": "Mohon dicek, @Kabid Contoh Kendal."}, form_at=thread)
    assert '<b class="mention">@Kabid Contoh Kendal</b>' in staf.get(thread).text
    kabid = person("kendal.kabid")
    told = kabid.get("/kernel/notifications/").text
    assert "Staf Contoh Kendal menyebut Anda dalam pesan: " in told, "in the language of whoever is told"
    assert "Stop following" in kabid.get(thread).text
    plan = {"summary": "Menelepon pemohon", "deadline": "2030-01-07"}
    who = next(item["value"] for item in staf.get(f"{path}/people?q=kabid").json if "Kabid" in item["text"])
    staf.send(f"{path}/activities", {**plan, "assignee": str(who)}, form_at=thread)
    assert "Menelepon pemohon" in kabid.get("/procedures/my_work/").text
