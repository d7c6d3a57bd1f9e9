"""A whole Miitti, made only through the rooms' own actions: once, and moved to now at each start."""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask, current_app

from miitti.accounts import actions as accounts
from miitti.accounts import mails as accounts_mails
from miitti.accounts import queries as accounts_queries
from miitti.accounts.states import OrganisationKind
from miitti.booths import actions as booths
from miitti.booths import queries as booths_queries
from miitti.demo import applicants, captions, reel, texts
from miitti.demo.companies import COMPANIES
from miitti.demo.texts import Asked, Meeting
from miitti.demo.words import Company, Words
from miitti.events import actions as events
from miitti.events import queries as events_queries
from miitti.events.models import Event
from miitti.foundation import access, clock, db, errors, ffmpeg, jobs, settings, storage
from miitti.foundation.access import Role
from miitti.moderation import actions as moderation
from miitti.people import actions as people
from miitti.questions import actions as questions
from miitti.questions.states import Op
from miitti.stage import actions as stage
from miitti.stage import queries as stage_queries
from miitti.vacancies import actions as vacancies
from miitti.videos import actions as videos
from miitti.videos import queries as videos_queries
from miitti.videos import states as videos_states

Say = Callable[[str], None]

LIVE_FOR = timedelta(minutes=130)
"""Length of the live event: the welcome, six turns, everybody's questions, thanks."""
ALREADY_ON = timedelta(minutes=10)
"""How long the live event has been going on when the demo comes up."""
PUBLISHED_FOR = timedelta(days=14)
FROM_NOW, LEAST_FROM_NOW = timedelta(days=35), timedelta(days=7)
"""The coming event is set that far ahead, and set anew when it has come nearer than the second."""
LINK_MINUTES = 24 * 60
"""How long a sign-in address of `demo.json` works."""


def make(*, progress: Say = print) -> dict[str, Any]:
    """Make the demo in the present app context, or go on from what is there; gives what `demo.json` holds.

    Whatever was interrupted is done at the next call, and nothing is made twice. `smtp` in what comes back is None:
    only the caller knows the mail server's address.
    """
    if _event(texts.MAIN.slug) is None:
        progress("Luodaan Miittiä: yritykset, paikat, ohjelma… / Making the Miitti: companies, jobs, programme…")
    _write()
    _to_now()
    _films(progress)
    return _facts()


def write_facts(path: Path, facts: dict[str, Any]) -> None:
    """Put `demo.json` in place in one step, readable by its owner only: the addresses in it sign in."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(facts, file, ensure_ascii=False, indent=2)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def _event(slug: str) -> Event | None:
    try:
        return events_queries.by_slug(slug)
    except errors.NotFound:
        return None


def _in_three(name: str, words: Words) -> dict[str, Any]:
    return {f"{name}_fi": words.fi, f"{name}_sv": words.sv, f"{name}_en": words.en}


def _start() -> datetime:
    """When the live event began: a while ago, on a full five minutes as people set it."""
    began = clock.now() - ALREADY_ON
    return began.replace(minute=began.minute - began.minute % 5, second=0, microsecond=0)


def _afternoon(at: datetime) -> datetime:
    """One o'clock in Finland on that day."""
    return at.astimezone(clock.HELSINKI).replace(hour=13, minute=0, second=0, microsecond=0)


# -- what is made once ---------------------------------------------------------------------------------------


@db.writing
def _write() -> None:
    """Everything but the films, in one transaction: after a broken start all of it is there or nothing."""
    if _event(texts.MAIN.slug) is not None:
        return
    hosts = [
        accounts.organise(
            kind=host.kind,
            slug=host.slug,
            municipality=host.municipality,
            # The employment areas took over from the TE offices on 1.1.2025 (act 380/2023).
            valid_from=date(2025, 1, 1) if host.kind is OrganisationKind.EMPLOYMENT_AREA else None,
            **_in_three("name", host.name),
        ).id
        for host in texts.HOSTS
    ]
    main = _hold(texts.MAIN, hosts, _start(), LIVE_FOR)
    _hold(texts.COMING, hosts, _afternoon(clock.now() + FROM_NOW), timedelta(minutes=90))
    _hold(texts.PAST, hosts, _afternoon(clock.now() - timedelta(days=26)), timedelta(minutes=90))
    _person(*texts.ORGANISER, role=Role.ORGANISER)
    _person(*texts.COHOST, role=Role.COHOST, event_id=main, organisation_id=hosts[0])
    for turn, company in enumerate(COMPANIES):
        _company(main, company, turn)
    _people(main)
    _ask_all(main)
    applicants.leave_all({booth.slug: booth for booth in booths_queries.of_event(main)})


def _people(event_id: int) -> None:
    """Who works with the event: most have been in, some are asked and have not come, one was never written to."""
    for email in (*texts.COME, *(company.email for company in COMPANIES[:-1])):
        accounts.open_session(person_id=accounts.invite(email=email).id, device="Chrome, Android")
    host = accounts.invite(email=texts.ORGANISER[1]).id
    who = access.Who(None, host, grants=accounts_queries.grant_views(host))
    for name, email, role, slug in texts.INVITED:
        organisation = accounts_queries.organisation_by_slug(slug) if slug else None
        people.invite(
            event_id=event_id,
            role=Role(role),
            organisation_id=organisation.id if organisation else None,
            email=email,
            name=name,
            who=who,
        )


def _hold(meeting: Meeting, hosts: list[int], starts_at: datetime, length: timedelta) -> int:
    event = events.create(
        slug=meeting.slug,
        starts_at=starts_at,
        ends_at=starts_at + length,
        **_in_three("title", meeting.title),
        **_in_three("lead", meeting.lead),
        **_in_three("place", meeting.place),
    )
    for host in hosts:
        events.add_cohost(event_id=event.id, organisation_id=host)
    for item in meeting.items:
        begins = starts_at + timedelta(minutes=item.at)
        events.add_item(
            event_id=event.id,
            starts_at=begins,
            ends_at=begins + timedelta(minutes=item.minutes),
            **_in_three("title", item.title),
        )
    with clock.frozen(clock.now() - PUBLISHED_FOR):  # details have been left since
        events.publish(event_id=event.id)
    return event.id


def _person(
    name: str, email: str, *, role: Role, event_id: int | None = None, organisation_id: int | None = None
) -> int:
    person = accounts.invite(email=email, name=name, language="fi").id
    accounts.grant(person_id=person, role=role, event_id=event_id, organisation_id=organisation_id)
    return person


def _company(event_id: int, company: Company, turn: int) -> None:
    organisation = accounts.organise(
        kind=OrganisationKind.COMPANY, slug=company.slug, name_fi=company.name, municipality=company.municipality
    ).id
    _person(company.person, company.email, role=Role.COMPANY, organisation_id=organisation)
    booth = booths.open_booth(
        event_id=event_id,
        organisation_id=organisation,
        slug=company.slug,
        municipality=company.municipality,
        contact_email=company.email,
        people=company.person,
        **_in_three("sentence", company.sentence),
        **_in_three("text", company.text),
        **_in_three("shift", company.shift),
        **_in_three("start", company.start),
    ).id
    for job in company.jobs:
        vacancies.post(
            booth_id=booth,
            places=job.places,
            pay_min=job.pay_min,
            pay_max=job.pay_max,
            **_in_three("title", job.title),
            **_in_three("text", job.text),
            **_in_three("start", job.start),
        )
    welcome = texts.MAIN.items[0].minutes
    begins = db.row(Event, event_id).starts_at + timedelta(minutes=welcome + turn * texts.TALK_MINUTES)
    talk = Words(*(f"{company.name}: {word}" for word in (company.talk.fi, company.talk.sv, company.talk.en)))
    events.add_item(
        event_id=event_id,
        starts_at=begins,
        ends_at=begins + timedelta(minutes=texts.TALK_MINUTES),
        organisation_id=organisation,
        **_in_three("title", talk),
    )


# -- questions -----------------------------------------------------------------------------------------------


def _ask_all(event_id: int) -> None:
    host = accounts.invite(email=texts.ORGANISER[1]).id
    stage = questions.open_channel(event_id=event_id, ch="stage").id
    for number, asked in enumerate(texts.STAGE_QUESTIONS):
        _ask(stage, host, f"stage-{number}", asked)
    people = {company.slug: company.email for company in COMPANIES}
    for slug, several in texts.BOOTH_QUESTIONS:
        channel = questions.open_channel(event_id=event_id, ch=f"booth:{slug}").id
        for number, asked in enumerate(several):
            _ask(channel, accounts.invite(email=people[slug]).id, f"{slug}-{number}", asked)


def _ask(channel_id: int, person_id: int, key: str, asked: Asked) -> None:
    """Ask one question from a browser of its own and take it as far as it came."""
    got = questions.ask(
        channel_id=channel_id,
        visitor=f"demo-{key}",
        cid=f"demo-ask-{key}",
        body=asked.body,
        name=asked.name,
        to=asked.to,
        language="fi",
    ).q
    if asked.state == "pending":
        return
    steps: dict[str, tuple[Op, ...]] = {
        "live": (Op.APPROVE,),
        "now": (Op.APPROVE, Op.NOW),
        "answered": (Op.APPROVE, Op.REPLY),
    }
    for step in steps[asked.state]:
        replying = step is Op.REPLY
        got = moderation.moderate(
            channel_id=channel_id,
            person_id=person_id,
            cid=f"demo-{step.value}-{key}",
            question_id=got["id"],
            rev=got["rev"],
            op=step,
            args=moderation.Args(body=asked.reply, by=asked.by) if replying else None,
        ).q
    for voter in range(asked.votes):
        questions.vote(channel_id=channel_id, visitor=f"demo-voter-{voter}", question_id=got["id"], on=True)


# -- what is done at each start ------------------------------------------------------------------------------


def _to_now() -> None:
    """Make the main event live again, its programme with it, and keep the coming one ahead."""
    main = events_queries.by_slug(texts.MAIN.slug)
    start = _start()
    events.move(event_id=main.id, starts_at=start, ends_at=start + LIVE_FOR)
    events.force_doors(event_id=main.id, doors=None)
    recording = stage.renew(event_id=main.id)
    if recording is not None:
        storage.remove_tree(stage_queries.HOME, recording)
    for channel in ("stage", *(f"booth:{slug}" for slug, _ in texts.BOOTH_QUESTIONS)):
        questions.open_channel(event_id=main.id, ch=channel)
    coming = _event(texts.COMING.slug)
    if coming is not None and coming.starts_at < clock.now() + LEAST_FROM_NOW:
        ahead = _afternoon(clock.now() + FROM_NOW)
        events.move(event_id=coming.id, starts_at=ahead, ends_at=ahead + (coming.ends_at - coming.starts_at))


def _films(progress: Say) -> None:
    """Draw the films that are missing, give them to the booths as uploads, and make them playable here."""
    main = events_queries.by_slug(texts.MAIN.slug)
    homes = {booth.slug: booth.id for booth in booths_queries.of_event(main.id)}
    missing = [company.slug for company in COMPANIES if not videos_queries.of_booth(homes[company.slug])]
    db.session().rollback()  # drawing takes a while: no reading transaction stays open meanwhile
    if missing:
        folder = settings.current().data / "films"
        begun = _counted(progress, len(missing), "Piirretään videota {} / Drawing video {}")
        for slug, path in reel.draw(missing, folder, ffmpeg.binary(settings.current().ffmpeg), begun):
            _give(homes[slug], slug, path)
        shutil.rmtree(folder, ignore_errors=True)
    _make_playable(progress)


def _counted(progress: Say, total: int, words: str) -> Callable[[int], None]:
    def begun(number: int) -> None:
        part = f"{number}/{total}"
        progress(f"{words.format(part, part)}…")

    return begun


@db.writing
def _give(booth_id: int, slug: str, path: Path) -> None:
    """Take a film in as the booth's upload, together with its captions."""
    video_id = videos.take(booth_id=booth_id, person_id=None, path=path)
    for language in videos_states.CAPTION_LANGUAGES:
        videos.attach_captions(video_id=video_id, language=language, text=captions.webvtt(slug, language))


def _make_playable(progress: Say) -> None:
    """Do what the worker would do, so that the demo comes up with films that play."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    db.session().rollback()
    main = events_queries.by_slug(texts.MAIN.slug)
    waiting = sum(
        video.state in videos_states.UNDER_WAY
        for booth in booths_queries.of_event(main.id)
        for video in videos_queries.of_booth(booth.id)
    )
    db.session().rollback()
    if not waiting:
        return
    begun = _counted(progress, waiting, "Muunnetaan videota {} / Converting video {}")
    for number in range(1, waiting + 1):
        begun(number)
        if not jobs.run_one(app, ["video"]):
            break


# -- what demo.json says -------------------------------------------------------------------------------------


def _facts() -> dict[str, Any]:
    main = events_queries.by_slug(texts.MAIN.slug)
    own = {company.slug: company.email for company in COMPANIES}
    employers = {booth.slug: booth.contact_email for booth in booths_queries.of_event(main.id)}
    return {
        "base_url": settings.current().base_url,
        "event": texts.MAIN.slug,
        "booths": list(employers),
        "sign_in": {
            "organiser": _address(texts.ORGANISER[1]),
            "cohost": _address(texts.COHOST[1]),
            "company": {slug: _address(own[slug]) for slug in employers if slug in own},
        },
        "stage_key": stage.open_stage(event_id=main.id).key,
        "employers": employers,
        "smtp": None,
        # As with the mail server, only the caller knows the port.
        "rtmp": None,
    }


def _address(email: str) -> str:
    """A fresh address that signs this person in once."""
    person = accounts.invite(email=email).id
    return accounts_mails.sign_in_address(accounts.link(person_id=person, minutes=LINK_MINUTES))
