"""Files of questions: one's own channels only, nobody's identity, nothing a spreadsheet would carry out."""

import csv
import io
import json
import zipfile
from collections.abc import Callable

import pytest

from miitti.moderation import desk
from miitti.questions import actions
from miitti.questions.states import Op
from tests.conftest import Client
from tests.questions import rows
from tests.world import World

FILE = "/desk/events/miitti/questions"
FORMULAS = ('=HYPERLINK("http://paha.example","palkka")', "+358 on suunta", "-1+1 on nolla", "@SUM(A1:A9) on summa")


@pytest.fixture
def filled(world: World) -> World:
    """Formulas asked on the stage with votes; one question in the owner's booth and one in the stranger's."""
    stage = rows.stage(world)
    for number, text in enumerate(FORMULAS):
        question = rows.moved(world, stage, rows.asked(stage, text, f"salainen-kysyjä-{number}"), Op.APPROVE, Op.REPLY)
        actions.vote(channel_id=stage.id, visitor="salainen-äänestäjä", question_id=question["id"], on=True)
    rows.asked(rows.booth(world, "harju"), "Harjulta?")
    rows.asked(rows.booth(world, "puusaha"), "Sahalta?")
    return world


def test_csv_is_for_finnish_excel_and_carries_nothing_out(filled: World, as_: Callable[[str], Client]) -> None:
    answer = as_("organiser").get(f"{FILE}.csv")
    assert answer.data.startswith(b"\xef\xbb\xbf")
    table = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=";"))
    assert [row["body"] for row in table if row["channel"] == "stage"] == [f"'{text}" for text in FORMULAS]
    assert {row["votes"] for row in table if row["channel"] == "stage"} == {"1"}
    assert all("Kirjallinen vastaus." in row["answers"] for row in table if row["channel"] == "stage")
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in table for cell in row.values())


def test_xlsx_holds_texts_only(filled: World, as_: Callable[[str], Client]) -> None:
    book = zipfile.ZipFile(io.BytesIO(as_("organiser").get(f"{FILE}.xlsx").data))
    sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet
    assert "=HYPERLINK" in book.read("xl/sharedStrings.xml").decode()


@pytest.mark.parametrize("kind", ["csv", "xlsx", "json"])
def test_nobody_can_be_found_in_it(filled: World, as_: Callable[[str], Client], kind: str) -> None:
    answer = as_("organiser").get(f"{FILE}.{kind}")
    assert answer.headers["Cache-Control"] == "private, no-store"
    data = answer.data
    if kind == "xlsx":
        book = zipfile.ZipFile(io.BytesIO(data))
        data = b"".join(book.read(name) for name in book.namelist())
    for secret in ("salainen", "author", "visitor", "cid-"):
        assert secret.encode() not in data


def test_a_company_gets_its_own_channel(filled: World, as_: Callable[[str], Client]) -> None:
    said = json.loads(as_("owner").get(f"{FILE}.json").data)
    assert [row["body"] for row in said["questions"]] == ["Harjulta?"]
    assert as_("nobody").get(f"{FILE}.json").status_code == 404


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r"])
def test_what_begins_a_formula_is_quoted(first: str) -> None:
    assert desk.harmless(f"{first}1") == f"'{first}1"
    assert desk.harmless(f"a{first}1") == f"a{first}1"
