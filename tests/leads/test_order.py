"""Letters of one booth leave in the order the leads came, whatever the mail server does meanwhile."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from miitti.foundation import clock, db, jobs, mail
from miitti.leads import actions, states
from miitti.leads.models import Lead
from tests.leads.conftest import Applicant, latest
from tests.letters import Post

Make = Callable[..., Applicant]


def run(app: Flask) -> None:
    jobs.run_until_idle(app, ["mail"])
    db.session().rollback()


def names(post: Post, to: str = "tyo@harju.example") -> list[str]:
    """Whom the letters to an address are about, in the order they arrived."""
    return [str(letter["Subject"]).partition(": ")[2] for letter in post.to(to)]


def leave(make_applicant: Make, *called: str, path: str = "/miitti/miitti/booths/harju/leads") -> None:
    for name in called:
        assert make_applicant(path=path).send(name=name, phone="0401234567").status_code == 303


def test_later_ones_wait_for_an_earlier_one_and_follow_at_once(smtp: Post, app: Flask, make_applicant: Make) -> None:
    smtp.answers = ["451 4.3.0 later"]
    leave(make_applicant, "Aino", "Bertta", "Cecilia")
    leave(make_applicant, "Muualla", path="/miitti/miitti/booths/puusaha/leads")
    run(app)
    assert names(smtp) == []
    assert names(smtp, "tyo@puusaha.example") == ["Muualla"], "another employer waits for nobody"
    with clock.frozen(clock.now() + timedelta(seconds=7)):
        run(app)
    assert names(smtp) == ["Aino", "Bertta", "Cecilia"]


def test_server_down_for_ten_minutes(smtp: Post, app: Flask, make_applicant: Make) -> None:
    smtp.stop()
    leave(make_applicant, "Aino", "Bertta", "Cecilia")
    began = clock.now()
    for seconds in (1, 8, 50, 190, 600):
        with clock.frozen(began + timedelta(seconds=seconds)):
            run(app)
    tries = db.session().scalar(
        select(jobs.Job.attempts).where(jobs.Job.key == f"deliver-lead:{latest().lead.id - 2}:1")
    )
    assert tries == 4, "5 s, 30 s, 2 min, then 10 min: a server that is away is not battered"
    smtp.start()
    with clock.frozen(began + timedelta(seconds=190 + 600 * 1.3)):
        run(app)
    assert names(smtp) == ["Aino", "Bertta", "Cecilia"]


@pytest.mark.parametrize("how", ["bounced", "withdrawn"])
def test_one_that_never_arrives_holds_nobody(smtp: Post, app: Flask, make_applicant: Make, how: str) -> None:
    smtp.answers = ["550 5.1.1 no such user"] if how == "bounced" else ["451 later"]
    leave(make_applicant, "Aino", "Bertta")
    run(app)
    if how == "withdrawn":
        assert names(smtp) == []
        first = db.session().scalars(select(Lead).order_by(Lead.id)).first()
        assert first is not None
        actions.withdraw(receipt=first.receipt)
        run(app)
    assert names(smtp) == ["Bertta"]


def test_server_that_falls_silent_after_the_letter(
    smtp: Post, app: Flask, make_applicant: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert mail.send.__kwdefaults__ is not None
    monkeypatch.setitem(mail.send.__kwdefaults__, "timeout", 0.5)
    smtp.hang_s = 2
    leave(make_applicant, "Aino")
    run(app)
    lead = latest().lead
    assert lead.delivery_state is states.Delivery.WAITING
    assert "no conversation" in (lead.delivery_error or "")
    smtp.hang_s = 0
    with clock.frozen(clock.now() + timedelta(seconds=8)):
        run(app)
    assert latest().lead.delivery_state is states.Delivery.DELIVERED
    assert len({str(letter["Message-ID"]) for letter in smtp.letters}) == 1, "the silent one may have kept it too"


def test_booth_with_a_bad_address_is_told_to_its_hosts_without_names(
    smtp: Post, app: Flask, make_applicant: Make, as_: Callable[[str], object]
) -> None:
    smtp.answers = ["550 5.1.1 no such user"]
    leave(make_applicant, "Aino Salainen")
    run(app)
    page = as_("organiser").get("/desk/events/miitti").text  # type: ignore[attr-defined]
    assert "Viestit, jotka eivät mene perille" in page
    assert "Konepaja Harju" in page
    assert "Aino" not in page
    assert "1 viesti ei mennyt perille" in as_("owner").get("/desk").text  # type: ignore[attr-defined]
    assert "Viestit, jotka" not in as_("organiser").get("/desk").text  # type: ignore[attr-defined]


def test_choices_are_separate_unticked_and_each_has_its_record(make_applicant: Make) -> None:
    somebody = make_applicant()
    page = somebody.client.get(somebody.path).text
    for name in ("keep", "adviser"):
        box = page.split(f'name="{name}"')[0].rsplit("<input", 1)[1] + page.split(f'name="{name}"')[1].split(">")[0]
        assert "checked" not in box
    somebody.send(phone="0401234567", adviser="y")
    assert {one.purpose for one in latest().consents} == {states.FORWARD, states.ADVISER}
    assert {one.text_version for one in latest().consents} == {states.CONSENT_TEXT}
    somebody.send(phone="0401234567", keep="y")
    assert latest().chose(states.KEEP)
    assert not latest().chose(states.ADVISER), "taken back by the same form"


def test_form_stands_at_the_ad_and_beside_the_live_picture(make_applicant: Make, world: object) -> None:
    somebody = make_applicant()
    page = somebody.client.get(f"/jobs/{world.vacancies['harju']}").text  # type: ignore[attr-defined]
    assert 'action="/miitti/miitti/booths/harju/leads"' in page
    assert 'value="job"' in page
    live = somebody.client.get("/miitti/miitti").text
    assert "Jätä tietosi tässä, lähetys jatkuu: Konepaja Harju" in live
    somebody.send(phone="0401234567", source="stage")
    whole = latest()
    assert whole.item is not None
    assert whole.item.title_fi == "Konepaja Harju: työpäivä"
