"""Logo and colour of an institution: readable whatever is chosen, checked like any upload, nobody else's."""

from __future__ import annotations

import colorsys
import io
from typing import Any

import pytest

from app.appearance.colours import READABLE, contrast, mixed, parse, readable_on, stylesheet

PAGE = "/kernel/appearance/"
PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
    b"\x00\x00\x00\rIDATx\x9cc\xf8\xcf\xc0\xf0\x1f\x00\x05\x00\x01\xff\x89\x99=\x1d\x00\x00\x00\x00IEND\xaeB`\x82"
)


def test_every_colour_becomes_readable() -> None:
    for hue in range(0, 360, 20):
        for light in (0, 20, 40, 60, 80, 100):
            red, green, blue = (round(255 * part) for part in colorsys.hls_to_rgb(hue / 360, light / 100, 1.0))
            colour = (red, green, blue)
            assert contrast(readable_on(colour, (255, 255, 255), (0, 0, 0)), (255, 255, 255)) >= READABLE
            for ground, share, towards in (((255, 255, 255), 0.12, (0, 0, 0)), ((26, 34, 33), 0.24, (255, 255, 255))):
                tint = mixed(colour, ground, share)
                assert contrast(readable_on(colour, tint, towards), tint) >= READABLE, (colour, ground)


def test_contrast_is_counted_as_wcag_does() -> None:
    assert round(contrast((0, 0, 0), (255, 255, 255)), 2) == 21
    assert round(contrast((119, 119, 119), (255, 255, 255)), 2) == 4.48
    assert parse("0f6b5f") == (15, 107, 95)
    assert "--tblr-primary: #0f6b5f" in stylesheet((15, 107, 95))


@pytest.mark.parametrize("colour", ["red", "0f6b5", "0F6B5F", "0f6b5f0", "<x>", "0f6b5 "])
def test_only_a_colour_has_a_palette(visitor: Any, colour: str) -> None:
    assert visitor().get("/colours/0f6b5f.css").mimetype == "text/css"
    assert visitor().get(f"/colours/{colour}.css").status_code == 404


def test_the_colour_is_seen_by_everybody_here_and_nowhere_else(person: Any) -> None:
    staf, admin, other = person("kendal.staf"), person("kendal.admin"), person("unair.admin")
    link = "/colours/8a1538.css"
    assert link not in staf.get("/rooms/room/").text
    assert admin.send(PAGE, {"colour": "#8A1538"}).status_code == 302
    assert link in staf.get("/rooms/room/").text
    assert link not in other.get(PAGE).text
    refused = admin.send(PAGE, {"colour": "#zzz"})
    assert refused.status_code == 422
    assert "six hexadecimal digits" in refused.text
    assert "#zzz" in refused.text
    assert link in staf.get("/rooms/room/").text
    assert admin.send(PAGE, {"colour": ""}).status_code == 302
    assert "/colours/" not in staf.get("/rooms/room/").text


def test_a_logo_is_checked_kept_and_shown_to_the_own_institution(person: Any) -> None:
    staf, admin, other = person("kendal.staf"), person("kendal.admin"), person("unair.admin")
    for content, name in (
        (b"<svg onload=alert(1)>", "a.png"),
        (b"%PDF-1.4\n", "a.png"),
        (PNG + b"x" * 600_000, "a.png"),
    ):
        refused = admin.send(PAGE, {"logo": (io.BytesIO(content), name)})
        assert refused.status_code == 422, content[:10]
        assert "PNG or JPEG" in refused.text
    assert "appearance/logo" not in staf.get("/rooms/room/").text
    assert admin.send(PAGE, {"logo": (io.BytesIO(PNG), "lambang.png")}).status_code == 302
    page = staf.get("/rooms/room/").text
    address = page.split('class="brand-logo" src="')[1].split('"')[0]
    assert staf.get(address).data == PNG
    assert staf.get(address).mimetype == "image/png"
    assert other.get(address).status_code == 404
    admin.send(PAGE, {"remove": "1"})
    assert "brand-logo" not in staf.get("/rooms/room/").text
    assert staf.get(address).status_code == 404


def test_only_the_administrator_changes_it(person: Any) -> None:
    assert person("kendal.admin").get(PAGE).status_code == 200
    staf = person("kendal.staf")
    assert staf.get(PAGE).status_code == 403
    assert staf.send(PAGE, {"colour": "#8a1538"}, form_at="/kernel/notifications/").status_code == 403
