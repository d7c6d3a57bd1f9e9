"""Texts on pictures: any name fits, nothing is drawn as a box, and long ones end in an ellipsis."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from miitti.promotion import images, lettering, states
from miitti.promotion.lettering import BOLD


def test_what_the_font_has_not_is_left_out() -> None:
    assert lettering.drawable("Šiauliai 🎉 مرحبا Öljy-\u202eala\n") == "Šiauliai Öljy-ala"


def test_an_ordinary_name_is_not_broken_inside_a_word() -> None:
    block = lettering.fit("Metalli- ja puualan Miitti", BOLD, wide=420, lines=3, sizes=(84, 60, 48))
    assert " ".join(block.lines) == "Metalli- ja puualan Miitti"


def test_a_word_longer_than_a_line_is_broken_and_cut() -> None:
    block = lettering.fit("lentokonesuihkuturbiini" * 13, BOLD, wide=400, lines=2, sizes=(60, 40))
    assert len(block.lines) == 2
    assert block.size == 40
    assert block.lines[0].endswith("-")
    assert block.lines[1].endswith("…")


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=320), st.integers(1, 4))
def test_every_line_is_inside_its_box(text: str, lines: int) -> None:
    block = lettering.fit(text, BOLD, wide=500, lines=lines, sizes=(70, 40, 24))
    assert len(block.lines) <= lines
    for line in block.lines:
        assert lettering.width(line, block.size, BOLD) <= 500


@pytest.mark.parametrize("kind", images.SIZES)
def test_a_long_title_leaves_the_edges_clean(kind: str) -> None:
    what = {
        "kind": kind, "chip": "Lördag den 27 november 2027 kl. 13.00–15.30", "title": "Rekrytointitapahtuma " * 14,
        "lines": ["Kristinestad–Lappfjärd " * 6, "12 företag"], "foot": "miitti.example.fi/" + "pitka-osoite-" * 6,
        "link": "https://miitti.example.fi/miitti/x",
    }  # fmt: skip
    with Image.open(io.BytesIO(images.draw(what))) as picture:
        right = picture.convert("L").crop((picture.width - 30, 0, picture.width, picture.height))
        assert max(right.tobytes()) < 240  # nothing white reaches the edge


def test_a_partners_word_is_made_of_its_name() -> None:
    assert states.partner_word("Sysmän kirjasto") == "sysman-kirjasto"
    assert states.partner_word("  Ääkköset & Öljy!  ") == "aakkoset-oljy"
    assert states.partner_word("🎉") is None
    assert states.partner_word("x" * 99) == "x" * 40
