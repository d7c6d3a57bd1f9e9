"""Every address and socket command x every kind of person, on what is theirs and on what is somebody else's.

Nothing is written down per address: what must happen follows from the roles the handler declares, so that a
new address is covered the day it is added.
"""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_socketio import SocketIO
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from miitti.accounts import actions as accounts
from miitti.accounts import queries as accounts_queries
from miitti.accounts.models import Session
from miitti.accounts.states import OrganisationKind
from miitti.app import create_app
from miitti.booths import actions as booths
from miitti.booths.models import Booth
from miitti.events import actions as events
from miitti.events import queries as events_queries
from miitti.events.states import Doors
from miitti.foundation import access, clock, db, ids, limits, realtime
from miitti.foundation.access import Role
from miitti.foundation.settings import ROOT
from miitti.leads import actions as leads
from miitti.leads.models import Lead
from miitti.materials import actions as materials
from miitti.materials import queries as materials_queries
from miitti.passkeys.models import Passkey
from miitti.questions import actions as questions
from miitti.teasers import actions as teasers
from miitti.teasers.models import Reminder
from miitti.vacancies import actions as vacancies
from miitti.videos import actions as videos
from miitti.videos import arrivals
from tests.conftest import Client
from tests.house import routes
from tests.world import World

ROLES = {
    "nobody": None,
    "organiser": Role.ORGANISER,
    "cohost": Role.COHOST,
    "moderator": Role.MODERATOR,
    "presenter": Role.PRESENTER,
    "owner": Role.COMPANY,
    "stranger": Role.COMPANY,
    "admin": Role.ADMIN,
}
"""People of the small Miitti and what each was granted there; "stranger" is another company of the same event."""

COMPANYS = {"booth", "material_id", "vacancy_id", "video_id", "upload_id", "reference", "organisation"}
"""Parts of an address that name something of one company."""

OF_AN_EVENT = COMPANYS | {"slug", "event", "grant_id", "organisation_id", "item_id"}
"""Parts of an address that name something of one event."""

OF_A_PERSON = {"session_id", "passkey_id"}
"""Parts of an address that name something of one person."""

NAMES_NOTHING = {"watch_leads"}
"""Socket commands that take no name of anything: what they open follows from the person alone."""

LAST = ("remove", "abandon", "withdraw", "sign_out")
"""Words of handlers that take away what the others need: they are tried at the end."""

ONLY_IN_ITS_BOOTH = {f"questions_desk.{view}" for view in ("queue", "decide", "change", "export")}
"""Open to a company for the channel of its own booth; without one named they are the stage's, which is the hosts'."""


@dataclass
class Things:
    """What stands behind the variable parts of addresses, in one event."""

    slug: str
    booth: str
    vacancy_id: int
    video_id: str
    upload_id: str
    reference: str
    receipt: str
    reminder: str
    question: str
    secret: str
    """What the applicant wrote here: it may be read by this company only, and by nobody else on any page."""
    organisation: str
    organisation_id: int
    grant_id: int
    session_id: int = 0
    passkey_id: int = 0
    item_id: int = 0
    material_id: int = 0

    def of(self, person_id: int) -> "Things":
        """The same things, with a second browser and a passkey of that person."""
        token = accounts.open_session(person_id=person_id, device="Matrix")
        key = Passkey(
            person_id=person_id, credential_id=ids.new(), public_key=b"k", sign_count=0, created_at=clock.now()
        )
        _keep(key)
        session_id = db.session().scalar(sa.select(Session.id).where(Session.token_hash == ids.digest(token)))
        assert session_id is not None
        return replace(self, session_id=session_id, passkey_id=key.id)

    def fill(self, rule: Rule) -> dict[str, Any]:
        """Values for the variable parts of a rule."""
        known: dict[str, Any] = {
            "slug": self.slug, "event": self.slug, "booth": self.booth, "vacancy_id": self.vacancy_id,
            "video_id": self.video_id, "upload_id": self.upload_id, "reference": self.reference,
            "receipt": self.receipt, "ch": "stage", "code": "fi", "filename": "css/base.css",
            "token": self.reminder, "expires": 1, "signature": "x", "path": "videos/x/y.ts",
            "organisation": self.organisation, "organisation_id": self.organisation_id, "grant_id": self.grant_id,
            "session_id": self.session_id, "passkey_id": self.passkey_id, "what": "resend",
            "kind": "csv", "item_id": self.item_id, "material_id": self.material_id,
        }  # fmt: skip
        missing = rule.arguments - set(known)
        assert not missing, f"{rule.rule}: teach this test what {missing} is"
        return {name: known[name] for name in rule.arguments}


@db.writing
def _keep(row: Any) -> None:
    db.session().add(row)
    db.session().flush()


def _paper(booth_id: int) -> int:
    materials.add_file(booth_id=booth_id, title="Esite", content=b"%PDF-1.7")
    return materials_queries.of_booth(booth_id)[0].id


def _things(event_id: int, slug: str, booth_id: int, booth: str, person_id: int, vacancy_id: int) -> Things:
    video = arrivals.begin(booth_id=booth_id, person_id=person_id, filename="a.mp4", length=1)
    upload = arrivals.begin(booth_id=booth_id, person_id=person_id, filename="b.mp4", length=9)
    videos.bytes_of(video).write_bytes(b"x")
    video_id = arrivals.append(upload_id=video, offset=1)
    assert video_id is not None
    videos.show(video_id=video_id, edition="e1")
    videos.attach_captions(video_id=video_id, language="fi", text="WEBVTT\n\n00:00.000 --> 00:01.000\nHei.\n")
    secret = f"Salainen{slug}"
    organisation = accounts_queries.organisation(db.row(Booth, booth_id).organisation_id)
    worker = accounts.invite(email=f"tekija@{slug}.example", name=f"Tekijä {secret}")
    grant = accounts.grant(person_id=worker.id, role=Role.COMPANY, organisation_id=organisation.id)
    receipt = leads.leave(
        booth_id=booth_id, form_key=slug * 8, visitor="v", name=f"Aada {secret}", email="aada@example.fi"
    )
    teasers.remind(event_id=event_id, email="aada@example.fi", language="fi")
    channel = questions.open_channel(event_id=event_id, ch="stage")
    asked = questions.ask(channel_id=channel.id, visitor="v", cid="c" * 16 + slug, body="Onko palkka tiedossa?")
    session = db.session()
    reference = session.scalar(sa.select(Lead.reference).where(Lead.receipt == receipt))
    token = session.scalar(sa.select(Reminder.token).where(Reminder.event_id == event_id))
    assert reference is not None
    assert token is not None
    event = events_queries.by_id(event_id)
    item = events.add_item(
        event_id=event_id,
        starts_at=event.ends_at - timedelta(minutes=5),
        ends_at=event.ends_at,
        title_fi="Kiitos",
    )
    return Things(
        slug, booth, vacancy_id, video_id, upload, reference, receipt, token, asked.q["id"],
        secret, organisation.slug, organisation.id, grant.id, item_id=item.id, material_id=_paper(booth_id),
    )  # fmt: skip


@pytest.fixture
def here(world: World) -> Things:
    """The owner's things, in the event whose hosts the people are."""
    return _things(
        world.event_id, world.slug, world.booths["harju"], "harju", world.people["owner"], world.vacancies["harju"]
    )


@pytest.fixture
def elsewhere(world: World) -> Things:
    """The same things in an event where nobody of the small Miitti has anything to say."""
    start = clock.now() - timedelta(minutes=10)
    event = events.create(slug="toinen", title_fi="Toinen", starts_at=start, ends_at=start + timedelta(hours=2))
    company = accounts.organise(kind=OrganisationKind.COMPANY, slug="muu", name_fi="Muu Oy")
    booth = booths.open_booth(
        event_id=event.id, organisation_id=company.id, slug="muu", sentence_fi="Työtä.", contact_email="tyo@muu.example"
    )
    vacancy = vacancies.post(booth_id=booth.id, title_fi="Asentaja", pay_min=Decimal(15), pay_max=Decimal(18))
    events.publish(event_id=event.id)
    events.force_doors(event_id=event.id, doors=Doors.LIVE)
    return _things(event.id, "toinen", booth.id, "muu", world.people["nobody"], vacancy.id)


@pytest.fixture
def person(request: pytest.FixtureRequest, as_: Callable[[str], Client], client: Client) -> Client:
    """A client signed in as the parameter, or not at all for "visitor"."""
    return client if request.param == "visitor" else as_(request.param)


def _calls(app: Flask) -> Iterator[tuple[Rule, str]]:
    pairs = [(rule, method) for rule in app.url_map.iter_rules() for method in routes.methods(rule)]

    def order(pair: tuple[Rule, str]) -> tuple[bool, bool, bool]:
        rule, method = pair
        public = Role.VISITOR in (access.declared(app.view_functions[rule.endpoint]) or ())
        return (any(word in rule.endpoint for word in LAST), public, method not in ("GET", "HEAD"))

    yield from sorted(pairs, key=order)


def _call(client: Client, rule: Rule, method: str, things: Things, csrf: str) -> TestResponse:
    with client.application.test_request_context():
        adapter = client.application.url_map.bind("localhost")
        path = adapter.build(rule.endpoint, things.fill(rule), method=method)
    limits.clear()
    headers = {"X-CSRFToken": csrf}
    sent: dict[str, Any] = {"data": {"state": "contacted", "id": things.question, "op": "reply", "rev": "1"}}
    if "/uploads" in path:
        headers |= {"Tus-Resumable": "1.0.0", "Upload-Length": "5", "Upload-Metadata": "booth aGFyanU="}
        headers |= {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
        sent = {"data": b"x" if method == "PATCH" else b""}
    # buffered, so that a file that is served is closed again
    return client.open(path, method=method, headers=headers, buffered=True, **(sent if method != "GET" else {}))


def _roles(app: Flask, rule: Rule) -> tuple[Role, ...]:
    return access.declared(app.view_functions[rule.endpoint]) or ()


def _holds(name: str, roles: tuple[Role, ...]) -> bool:
    return Role.PERSON in roles or ROLES[name] in roles


def _opens(name: str, rule: Rule, roles: tuple[Role, ...]) -> bool:
    """Whether an address of the owner's things opens to that person."""
    if not _holds(name, roles) or (name == "stranger" and rule.arguments & COMPANYS):
        return False
    return not (ROLES[name] is Role.COMPANY and rule.endpoint in ONLY_IN_ITS_BOOTH)


def _asked_to_sign_in(answer: TestResponse) -> bool:
    return answer.status_code == 401 or (
        answer.status_code == 303 and answer.headers["Location"].startswith("/sign-in?next=")
    )


def test_every_address_says_who_may_call_it(app: Flask) -> None:
    silent = [rule.rule for rule in app.url_map.iter_rules() if not _roles(app, rule)]
    assert silent == []


def test_the_demos_addresses_say_so_too(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIITTI_DEMO", "1")
    demo = create_app(app.config["MIITTI"])
    added = {rule.rule for rule in demo.url_map.iter_rules()} - {rule.rule for rule in app.url_map.iter_rules()}
    assert "/demo/mail" in added
    assert [rule.rule for rule in demo.url_map.iter_rules() if not _roles(demo, rule)] == []


def test_the_list_of_addresses_is_as_written_down(app: Flask) -> None:
    """Written anew by `python -m tests.house.routes`, so that its diff is read when it changes."""
    assert routes.lines(app) == routes.KEPT.read_text().splitlines()


def test_somebody_signed_out_is_asked_to_sign_in(app: Flask, client: Client, here: Things) -> None:
    csrf = client.csrf
    for rule, method in _calls(app):
        answer = _call(client, rule, method, here, csrf)
        where = f"{method} {rule.rule}: {answer.status}"
        assert answer.status_code != 500, where
        open_to_all = Role.VISITOR in _roles(app, rule)
        assert _asked_to_sign_in(answer) is not open_to_all, where


@pytest.mark.parametrize("name", ROLES)
def test_a_role_opens_what_declares_it_and_nothing_else(
    app: Flask, as_: Callable[[str], Client], here: Things, world: World, name: str
) -> None:
    client = as_(name)
    here = here.of(world.people[name])
    csrf = client.csrf
    wrong = []
    for rule, method in _calls(app):
        roles = _roles(app, rule)
        expected = None if Role.VISITOR in roles else _opens(name, rule, roles)
        answer = _call(client, rule, method, here, csrf)
        if answer.status_code in (405, 500) or _asked_to_sign_in(answer):
            wrong.append(f"{method} {rule.rule}: {answer.status}")
        elif expected is not None and (answer.status_code != 404) is not expected:
            wrong.append(f"{method} {rule.rule}: {answer.status}, and {'should' if expected else 'should not'} open")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", ROLES)
def test_what_belongs_to_others_is_not_there(
    app: Flask, as_: Callable[[str], Client], elsewhere: Things, world: World, name: str
) -> None:
    client = as_(name)
    csrf = client.csrf
    elsewhere = elsewhere.of(world.people["teammate"])
    wrong = []
    for rule, method in _calls(app):
        roles = _roles(app, rule)
        if Role.VISITOR in roles or not rule.arguments & (OF_AN_EVENT | OF_A_PERSON):
            continue
        answer = _call(client, rule, method, elsewhere, csrf)
        if answer.status_code != 404:
            wrong.append(f"{method} {rule.rule}: {answer.status}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", ROLES)
def test_no_page_export_or_count_says_a_word_of_others(
    app: Flask, as_: Callable[[str], Client], here: Things, elsewhere: Things, world: World, name: str
) -> None:
    """Every signed-in address that answers GET is read for what strangers' applicants and people wrote."""
    client = as_(name)
    here = here.of(world.people[name])
    own = name == "owner"
    leaks = []
    for rule, method in _calls(app):
        if method != "GET" or Role.VISITOR in _roles(app, rule):
            continue
        answer = _call(client, rule, method, here, client.csrf)
        secrets = [f"Aada {elsewhere.secret}", f"Tekijä {elsewhere.secret}"] + [f"Aada {here.secret}"] * (not own)
        leaks += [f"{rule.rule}: {secret}" for secret in secrets if secret.encode() in answer.data]
    assert leaks == []


def test_nothing_is_changed_without_the_csrf_value(app: Flask, as_: Callable[[str], Client], here: Things) -> None:
    people = {role: name for name, role in ROLES.items() if name != "stranger"}
    wrong = []
    for rule, method in _calls(app):
        if method in ("GET", "HEAD", "OPTIONS"):
            continue
        roles = _roles(app, rule)
        name = next((people[role] for role in roles if role in people), "nobody")
        answer = _call(as_(name), rule, method, here, csrf="")
        if answer.status_code != 400:
            wrong.append(f"{method} {rule.rule}: {answer.status}")
    assert not wrong, "\n".join(wrong)


# -- sockets -------------------------------------------------------------------------------------------------

REFUSALS = {"unauthenticated", "forbidden", "not_found"}


def _payload(event: str, things: Things) -> dict[str, Any]:
    payloads: dict[str, dict[str, Any]] = {
        "sync": {"ch": "stage", "v": "pub"},
        "mod": {"id": things.question, "cid": "m" * 20, "rev": 1, "op": "approve"},
        "watch": {"videos": [things.video_id]},
    }
    return payloads.get(event, {})


def _say(app: Flask, client: Client, handler: realtime.Handler, things: Things, event: str) -> dict[str, Any]:
    csrf = client.csrf
    sockets: SocketIO = app.extensions["socketio"]
    connection = sockets.test_client(
        app,
        namespace=handler.namespace,
        query_string=f"event={event}",
        auth={"v": 1, "csrf": csrf},
        flask_test_client=client,
    )
    try:
        answer = connection.emit(
            handler.event, _payload(handler.event, things), namespace=handler.namespace, callback=True
        )
    finally:
        connection.disconnect(handler.namespace)
    assert isinstance(answer, dict), f"{handler.namespace} {handler.event} gave no answer"
    return answer


def _code(answer: dict[str, Any]) -> str:
    return "" if answer["ok"] else str(answer["error"]["code"])


@pytest.mark.parametrize("name", ["visitor", *ROLES])
def test_a_socket_command_is_taken_from_its_roles_only(
    app: Flask, as_: Callable[[str], Client], client: Client, here: Things, name: str
) -> None:
    speaker = client if name == "visitor" else as_(name)
    wrong = []
    for handler in realtime.handlers():
        answer = _say(app, speaker, handler, here, here.slug)
        code = _code(answer)
        open_to_all = Role.VISITOR in handler.allow
        if name == "visitor":
            right = (code != "unauthenticated") if open_to_all else (code == "unauthenticated")
        elif open_to_all:
            right = code not in REFUSALS - {"not_found"}
        elif not _holds(name, handler.allow):
            right = code == "forbidden"
        elif handler.event == "mod" and ROLES[name] is Role.COMPANY:
            right = code == "forbidden"  # the stage's questions are the hosts'
        else:
            right = code not in REFUSALS
        if not right or code == "internal":
            wrong.append(f"{handler.namespace} {handler.event}: {answer}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", [name for name in ROLES if name != "nobody"])
def test_a_socket_command_reaches_nothing_of_others(
    app: Flask, as_: Callable[[str], Client], elsewhere: Things, name: str
) -> None:
    speaker = as_(name)
    for handler in realtime.handlers():
        if Role.VISITOR in handler.allow or handler.event in NAMES_NOTHING:
            continue
        answer = _say(app, speaker, handler, elsewhere, elsewhere.slug)
        reached = answer["ok"] and answer != {"ok": True, "videos": []}
        assert not reached, f"{handler.namespace} {handler.event}: {answer}"


# -- where it is declared --------------------------------------------------------------------------------------

OPEN_ROLES = {"VISITOR", "PERSON"}
"""The roles nobody is granted; every other one is spoken of by its powers."""


def test_which_role_may_what_is_declared_in_one_file() -> None:
    """An edge names powers, or everybody; which roles have them stands in `foundation/access.py` alone."""
    wrong = []
    for path in sorted((ROOT / "miitti").rglob("*.py")):
        for call in ast.walk(ast.parse(path.read_text())):
            if isinstance(call, ast.Call) and ast.unparse(call.func) in ("access.allow", "realtime.on"):
                parts = [k for k in call.keywords if k.arg == "allow"] or call.args
                names = (
                    ast.unparse(node) for part in parts for node in ast.walk(part) if isinstance(node, ast.Attribute)
                )
                granted = [name for name in names if name.startswith("Role.") and name[5:] not in OPEN_ROLES]
                wrong += [f"{path.relative_to(ROOT)}:{call.lineno}: {name}" for name in granted]
    assert wrong == []
