"""A host at work for companies: the banner stands wherever she can change something of theirs; nothing is opened."""

import re
from collections.abc import Callable
from html import unescape

import pytest
import sqlalchemy as sa
from flask import Flask

from miitti.accounts.models import AuditEntry
from miitti.events import queries as events
from miitti.foundation import db
from miitti.foundation.access import GrantView, Role, Who
from miitti.handling import actions as handling
from miitti.leads import actions as leads
from miitti.leads import queries as leads_queries
from miitti.videos import actions as videos
from miitti.videos import arrivals
from miitti.videos.models import Video
from tests.conftest import Client
from tests.world import World

As = Callable[[str], Client]

OF_A_COMPANY = re.compile(r"/desk/(booths/miitti/|organisations/|vacancies/|videos/)[^/?]+")
"""Desk addresses of something of one company."""

MOST = 150
"""Pages the walk may open; it ends by itself far below."""


def _walk(client: Client) -> dict[str, str]:
    """Every desk page that links lead to from the first one, with its text; each as it opens without a filter."""
    pages: dict[str, str] = {}
    waiting = ["/desk"]
    while waiting:
        path = waiting.pop(0)
        if path in pages:
            continue
        answer = client.get(path)
        assert answer.status_code < 400 or answer.status_code == 403, f"{path}: {answer.status}"
        text = answer.text if answer.mimetype == "text/html" else ""
        pages[path] = text
        links = (unescape(link).split("#")[0] for link in re.findall(r'<a [^>]*href="(/desk[^"]*)"', text))
        waiting += [link if "?ch=" in link else link.split("?")[0] for link in links]
        assert len(pages) < MOST
    return pages


@pytest.mark.parametrize("name", ["organiser", "cohost"])
def test_walking_every_link_the_banner_is_there_and_no_contact_is(app: Flask, as_: As, world: World, name: str) -> None:
    receipt = leads.leave(booth_id=world.booths["harju"], form_key="k" * 24, visitor="v", name="Zyxelmo Hakija",
                          email="zyxelmo@posti.example", message="Zyxelmon viesti.")  # fmt: skip
    reference = leads_queries.by_receipt(receipt).lead.reference
    own = Who(None, world.people["owner"], "Olli", "fi", (GrantView(Role.COMPANY, None, world.organisations["harju"]),))
    handling.write_note(reference=reference, text="Zyxelmostä hyvää.", who=own)
    pages = _walk(as_(name))
    assert len(pages) > 15
    companys = {path for path in pages if OF_A_COMPANY.match(path) and "/desk/organisations/paijat" not in path}
    assert {"/desk/booths/miitti/harju", "/desk/organisations/harju"} <= companys
    bare = [path for path in companys if pages[path] and "data-behalf" not in pages[path]]
    assert bare == []
    told = [path for path, text in pages.items() if "zyxelmo" in text.casefold() or reference in text]
    assert told == []
    closed = ("/desk/leads", "/desk/leads.csv", f"/desk/leads/{reference}/cv", "/desk/organisations/harju/people",
              "/desk/booths/miitti/harju/intake")  # fmt: skip
    assert [as_(name).get(path).status_code for path in closed] == [404] * len(closed)


def test_her_own_people_see_no_banner(app: Flask, as_: As, world: World) -> None:
    pages = _walk(as_("owner"))
    assert "/desk/booths/miitti/harju" in pages
    assert [path for path, text in pages.items() if "data-behalf" in text] == []


def test_what_a_host_does_to_a_video_is_noted_before_and_after_as_done_for_the_company(
    app: Flask, as_: As, world: World
) -> None:
    upload = arrivals.begin(booth_id=world.booths["harju"], person_id=world.people["owner"], filename="a", length=1)
    videos.bytes_of(upload).write_bytes(b"x")
    video = arrivals.append(upload_id=upload, offset=1)
    assert video is not None
    videos.show(video_id=video, edition="e1")
    host = as_("cohost")
    page = host.get("/desk/booths/miitti/harju/video")
    assert page.status_code == 200
    assert host.send(f"/desk/videos/{video}/no-speech", speechless="1").status_code == 303
    assert host.send(f"/desk/videos/{video}/remove").status_code == 303
    db.session().rollback()
    assert db.session().get(Video, video) is None
    noted = db.session().scalars(
        sa.select(AuditEntry).where(AuditEntry.object_kind == "video", AuditEntry.person_id == world.people["cohost"])
    )
    told = [(one.verb, one.for_organisation_id, one.event_id, one.before, one.after) for one in noted]
    mine = (world.organisations["harju"], events.by_slug("miitti").id)
    assert [one[0] for one in told] == ["declare_speechless", "remove"]
    assert {one[1:3] for one in told} == {mine}
    assert all(before or after for *_rest, before, after in told)
    text = as_("organiser").get("/desk/events/miitti/audit?kind=video&behalf=1").text
    assert "Kaisa Kanssajärjestäjä" in text
    assert "Konepaja Harju" in text
