"""Messages on a case: in its thread, by whoever may read it, and by nobody of another institution."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def test_a_message_stands_in_the_thread_with_its_writer(
    start_case: Callable[[], dict[str, Any]], person: Callable[[str], Any]
) -> None:
    case = start_case()["id"]
    kabid, home = person("kendal.kabid"), f"/procedures/case/{case}"
    answer = kabid.send(
        f"/procedures/timeline/{case}/message", {"text": "Pemohon menelepon: <b>Kamis</b>"}, form_at=home
    )
    assert answer.status_code == 302
    thread = person("kendal.staf").get(f"/procedures/timeline/{case}").text
    assert "Kabid Contoh Kendal" in thread
    assert "Pemohon menelepon: &lt;b&gt;Kamis&lt;/b&gt;" in thread
    empty = kabid.send(f"/procedures/timeline/{case}/message", {"text": "  "}, form_at=home, follow_redirects=True)
    assert "Write a message" in empty.text
    long = kabid.send(f"/procedures/timeline/{case}/message", {"text": "x" * 5001}, form_at=home)
    assert long.status_code == 302
    assert "xxxxx" not in person("kendal.staf").get(f"/procedures/timeline/{case}").text
    for nothing in ("\u200b", "\u202e \u3164", "a\x00b"):
        kabid.send(f"/procedures/timeline/{case}/message", {"text": nothing}, form_at=home)
    turned = kabid.send(f"/procedures/timeline/{case}/message", {"text": "\u202eBalik"}, form_at=home)
    assert turned.status_code == 302
    thread = person("kendal.staf").get(f"/procedures/timeline/{case}").text
    assert "<bdi>\u202eBalik</bdi>" in thread, "it turns around nothing but itself"
    assert thread.count("wrote") == 2
    stranger = person("unair.kepala")
    refused = stranger.send(f"/procedures/timeline/{case}/message", {"text": "Asing"}, form_at="/procedures/my_work/")
    assert refused.status_code in {400, 404}
    assert "Asing" not in person("kendal.staf").get(f"/procedures/timeline/{case}").text
