"""Two weeks after: one tap counts, a look doesn't; numbers without names, none below five for others."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from miitti.accounts import actions as accounts
from miitti.accounts.states import OrganisationKind
from miitti.booths import actions as booths
from miitti.foundation import clock, db, errors, jobs
from miitti.leads import actions as leads
from miitti.leads import states as lead_states
from miitti.outcomes import actions, mails, queries, states
from tests.conftest import Client
from tests.leads.conftest import DETAILS, Applicant, latest
from tests.letters import Post
from tests.world import World

As = Callable[[str], Client]


@pytest.fixture
def left(applicant: Applicant, world: World) -> int:
    """A lead at the owner's booth; gives its number."""
    applicant.send(**DETAILS, vacancy=str(world.vacancies["harju"]))
    return latest().lead.id


def ask(app: Flask, days: float) -> None:
    """What the worker does that many days later."""
    with clock.frozen(clock.now() + timedelta(days=days)):
        actions.plan()
        jobs.run_until_idle(app, ["mail"])


def test_asked_once_after_two_weeks_with_one_tap_links(smtp: Post, app: Flask, client: Client, left: int) -> None:
    ask(app, 13)
    assert len(smtp.to("tyo@harju.example")) == 1, "only the lead itself so far"
    ask(app, 14.1)
    letter = smtp.to("tyo@harju.example")[1]
    body = letter.get_body(["plain"])
    assert body is not None
    text = body.get_content()
    assert "Aino Hakija" in text
    assert "Paikka: Hitsaaja" in text
    links = re.findall(r"(Palkattu|Ei valittu|Vielä kesken): http://localhost(/outcomes/\S+)", text)
    assert [words for words, _path in links][:3] == ["Palkattu", "Ei valittu", "Vielä kesken"]
    hired = links[0][1]
    page = client.get(hired)
    assert "Kyllä: Palkattu" in page.text
    assert queries.of_event(latest().event.id).results == {}, "looking counts nothing: mail scanners look"
    assert client.send(hired).status_code == 303
    assert "Kiitos" in client.get(client.send(hired).location).text
    assert queries.of_event(latest().event.id).results == {states.Result.HIRED: 1}
    assert latest().lead.state is lead_states.LeadState.HIRED
    assert client.send(links[1][1]).status_code == 303
    assert queries.of_event(latest().event.id).results == {states.Result.NOT: 1}, "the later tap counts"
    assert latest().lead.state is lead_states.LeadState.NOT_NOW
    ask(app, 15)
    assert len(smtp.to("tyo@harju.example")) == 2, "asked once"


def test_forged_and_old_links_open_nothing(app: Flask, client: Client, left: int) -> None:
    path = mails.address("lead", left, states.Result.HIRED).removeprefix("http://localhost")
    assert client.get(path[:-2] + "xx").status_code == 404
    assert client.send("/outcomes/x.y").status_code == 404
    assert client.get(path.replace("/outcomes/", "/leads/cv/")).status_code == 404, "a link opens its own door only"
    with clock.frozen(clock.now() + timedelta(days=61)):
        assert client.get(path).status_code == 404


def test_who_withdrew_or_is_hired_already_is_not_asked_about(smtp: Post, app: Flask, left: int) -> None:
    leads.withdraw(receipt=latest().lead.receipt)
    ask(app, 15)
    assert [str(letter["Subject"]) for letter in smtp.letters if "Mitä" in str(letter["Subject"])] == []


def test_jobs_are_filled_through_miitti_or_otherwise(as_: As, world: World, left: int, client: Client) -> None:
    owner = as_("owner")
    assert owner.send("/desk/outcomes", job=world.vacancies["harju"], result="miitti").status_code == 303
    assert owner.send("/desk/outcomes", job=world.vacancies["harju"], result="nonsense").status_code == 422
    assert as_("stranger").send("/desk/outcomes", job=world.vacancies["harju"], result="open").status_code == 404
    assert queries.of_event(world.event_id).jobs == {states.JobResult.MIITTI: 1}
    path = mails.address("job", world.vacancies["harju"], states.JobResult.OTHERWISE).removeprefix("http://localhost")
    client.send(path)
    db.session().rollback()
    assert queries.of_event(world.event_id).jobs == {states.JobResult.OTHERWISE: 1}
    owner.send("/desk/outcomes", lead=latest().lead.reference, result="hired")
    assert "1 palkattu" in owner.get("/desk/outcomes").text
    assert as_("stranger").send("/desk/outcomes", lead=latest().lead.reference, result="hired").status_code == 404


def test_host_sees_numbers_and_none_below_five(
    as_: As,
    make_applicant: Callable[..., Applicant],
    left: int,
) -> None:
    page = as_("organiser").get("/desk/events/miitti").text
    assert "alle 5" in page
    assert "Aino" not in page
    for number in range(4):
        make_applicant().send(phone=f"040111111{number}")
    page = as_("organiser").get("/desk/events/miitti").text
    assert re.search(r"Jätti tietonsa yritykselle</span>\s*<b>5</b>", page)


@pytest.mark.parametrize(("number", "told"), [(0, 0), (1, None), (4, None), (5, 5), (40, 40)])
def test_small_cells_are_suppressed(number: int, told: int | None) -> None:
    assert states.shown(number) == told


def test_what_is_left_of_a_told_number_is_not_small_either() -> None:
    assert states.shown(5, of=6) is None
    assert states.shown(5, of=10) == 5
    assert states.shown(6, of=6) == 6
    assert states.cells({"a": 20, "b": 9, "c": 2, "d": 0}) == {"a": 20, "b": None, "c": None, "d": 0}
    assert states.cells({"a": 20, "b": 4, "c": 3}) == {"a": 20, "b": None, "c": None}
    assert states.cells({"a": 20, "b": 6}) == {"a": 20, "b": 6}


def test_jobs_and_sources_below_five_are_not_told(
    as_: As, make_applicant: Callable[..., Applicant], world: World
) -> None:
    for number in range(6):
        make_applicant().send(phone=f"040333333{number}", source="job" if number else "booth")
    as_("owner").send("/desk/outcomes", job=str(world.vacancies["harju"]), result="miitti")
    page = as_("organiser").get("/desk/events/miitti").text
    assert re.search(r"Jätti tietonsa yritykselle</span>\s*<b>6</b>", page)
    for words in ("Osastolta", "Työpaikkailmoituksesta", "Paikat: Täytettiin Miitin kautta"):
        assert re.search(rf"{words}</span>\s*<span class=\"quiet\">alle 5", page), words


def test_schools_have_a_way_of_their_own(
    as_: As,
    app: Flask,
    world: World,
    make_applicant: Callable[..., Applicant],
) -> None:
    school = accounts.organise(kind=OrganisationKind.SCHOOL, slug="gradia", name_fi="Gradia")
    booths.open_booth(
        event_id=world.event_id, organisation_id=school.id, slug="gradia", contact_email="o@gradia.example"
    )
    ways = [states.Result.FINISHED] * 3 + [states.Result.STARTED, states.Result.INTERRUPTED, states.Result.MOVED]
    for number, result in enumerate([*ways, states.Result.APPLIED, states.Result.NOT]):
        make_applicant(path="/miitti/miitti/booths/gradia/leads").send(phone=f"040222222{number}")
        actions.tell(lead_id=latest().lead.id, result=result)
    counts = queries.of_event(world.event_id, schools=True)
    assert states.funnel(counts.results) == {
        states.Result.APPLIED: 7,
        states.Result.STARTED: 5,
        states.Result.MOVED: 1,
        states.Result.INTERRUPTED: 1,
        states.Result.FINISHED: 3,
    }
    with pytest.raises(errors.Invalid):
        actions.tell(lead_id=latest().lead.id, result=states.Result.HIRED)
    assert queries.of_event(world.event_id).leads == 0, "a school's numbers are not a company's"
    assert "Oppilaitokset" in as_("organiser").get("/desk/events/miitti").text
