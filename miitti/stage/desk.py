"""The signed-in edge of the stage: a host runs the show from one screen, and goes live from a browser."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Flask, flash, jsonify, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from miitti.events import queries as events
from miitti.events.models import Event
from miitti.events.states import Doors
from miitti.foundation import access, clock, errors, language, limits, pages, settings
from miitti.foundation.access import Power
from miitti.foundation.forms import clean_line
from miitti.planning import actions as planning
from miitti.questions import queries as questions
from miitti.stage import actions, queries, states, web
from miitti.stage.models import Stage
from miitti.stage.states import Air, Trouble, Turn

blueprint = Blueprint("stage_desk", __name__)

HOSTS = access.HOSTS
LONGER = 5
"""Minutes a line of the programme gets by one press."""
_RUNDOWN = ("begin", "longer", "skip", "up")


def plug(app: Flask) -> None:
    """Put the ways to the stage and to the questions on a host's event page."""
    pages.facts(app, "desk.links", _console)
    pages.facts(app, "desk.links", _questions)
    pages.fill(app, "readiness.board", _tested)


@blueprint.get("/desk/events/<slug>/stage")
@access.allow(*HOSTS)
def console(slug: str) -> Response | str:
    """One screen for the show: what is on the air, how the source fares, what comes, and the large buttons."""
    event = events.hosted(slug, access.me())
    stage = queries.of_event(event.id) or actions.open_stage(event_id=event.id)
    web.allow_stage()
    pages.script("stage/console.js")
    current = settings.current()
    host = urlsplit(current.base_url).hostname
    programme = events.programme(event.id)
    return render_template(
        "stage/console.html",
        event=event,
        doors=events.doors(event),
        stage=stage,
        state=_state(event, stage),
        items=queries.rundown(event.id),
        programme=programme,
        on=events.running(programme)[0],
        now=clock.now(),
        longer=LONGER,
        server=f"rtmp://{host}:{current.rtmp_port}/live",
        turns=Turn,
        notice_length=states.NOTICE_LENGTH,
        rotates=access.me().can(Power.ROTATE_KEYS, event_id=event.id),
    )


@blueprint.get("/desk/events/<slug>/stage.json")
@access.allow(*HOSTS)
def state(slug: str) -> Response:
    """What the console's screen shows, asked every few seconds."""
    event = events.hosted(slug, access.me())
    stage = queries.of_event(event.id)
    if stage is None:
        raise errors.NotFound
    answer = jsonify(_state(event, stage))
    answer.cache_control.no_store = True
    return answer


@blueprint.post("/desk/events/<slug>/stage")
@access.allow(*HOSTS)
def run(slug: str) -> Response:
    """Do what the host tells the stage: `action` is live, playlist, slate or end."""
    event = events.hosted(slug, access.me())
    asked = request.form.get("action", "")
    if asked not in list(states.Turn):
        raise errors.Invalid(_("Choose one of the buttons on the page."), field="action")
    actions.run(event_id=event.id, turn=states.Turn(asked))
    if pages.wants_json():
        return jsonify(ok=True, doors=events.doors(events.by_id(event.id)))
    flash(_("Done. Visitors see it now."), "done")
    page = "stage_desk.console" if "console" in request.form else "events_desk.event"
    return redirect(url_for(page, slug=slug), 303)


@blueprint.get("/desk/events/<slug>/studio")
@access.allow(*HOSTS)
def studio(slug: str) -> Response:
    """Going live from a browser: camera, microphone, a level meter, one button."""
    event = events.hosted(slug, access.me())
    if queries.of_event(event.id) is None:
        actions.open_stage(event_id=event.id)
    web.allow_stage()
    pages.script("stage/studio.js")
    token = queries.token(event.id)
    answer = make_response(
        render_template("stage/studio.html", event=event, inbox=f"{web.origin()}/live/{event.slug}/studio/{token}")
    )
    answer.headers["Permissions-Policy"] = (
        "camera=(self), microphone=(self), display-capture=(self), geolocation=(), browsing-topics=()"
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.post("/desk/events/<slug>/stage/key")
@access.allow(*access.holders(Power.ROTATE_KEYS))
def rotate(slug: str) -> Response:
    """Make a fresh key for publishers; the old one stops working at once."""
    event = events.hosted(slug, access.me())
    access.me().must(Power.ROTATE_KEYS, event_id=event.id)
    actions.rotate_key(event_id=event.id)
    flash(_("There is a new key. Put it into OBS."), "done")
    return redirect(url_for("stage_desk.console", slug=slug), 303)


@blueprint.post("/desk/events/<slug>/stage/rundown")
@access.allow(*HOSTS)
def rundown(slug: str) -> Response:
    """Change what comes while the show goes on: `begin`, `longer`, `skip` or `up` carries the line's number."""
    event = events.hosted(slug, access.me())
    ids = [item.id for item in events.programme(event.id)]
    asked = next(((what, request.form.get(what, type=int)) for what in _RUNDOWN if what in request.form), ("", None))
    what, item_id = asked
    if item_id is None or item_id not in ids:
        raise errors.Conflict
    match what:
        case "begin":
            planning.begin_item(item_id=item_id)
        case "longer":
            planning.lengthen_item(item_id=item_id, minutes=LONGER)
        case "skip":
            planning.skip_item(item_id=item_id)
        case _:
            place = ids.index(item_id)
            ids.insert(max(0, place - 1), ids.pop(place))
            planning.order_items(event_id=event.id, item_ids=ids)
    return redirect(url_for("stage_desk.console", slug=slug, _anchor="run-head"), 303)


@blueprint.post("/desk/events/<slug>/stage/notice")
@access.allow(*HOSTS)
def notice(slug: str) -> Response:
    """Say one line to everybody on the event's page, or take it away again (`remove`)."""
    event = events.hosted(slug, access.me())
    text = "" if "remove" in request.form else clean_line(request.form.get("notice", ""))
    if not text and "remove" not in request.form:
        raise errors.Invalid(_("Write what you want to say to everybody."), field="notice")
    if len(text) > states.NOTICE_LENGTH:
        raise errors.Invalid(_("At most %(num)d characters.", num=states.NOTICE_LENGTH), field="notice")
    limits.take(f"notice:{event.id}", burst=6, per_s=0.1)
    actions.say(event_id=event.id, text=text)
    flash(_("Everybody sees it now.") if text else _("It is gone from the visitors' page."), "done")
    return redirect(url_for("stage_desk.console", slug=slug, _anchor="notice-head"), 303)


# -- in words -------------------------------------------------------------------------------------------------


def _state(event: Event, stage: Stage) -> dict[str, Any]:
    alive = queries.alive()
    air = stage.air if alive else Air.NOTHING
    stage_channel = questions.channel(event.id, "stage")
    return {
        "air": air,
        "turn": stage.turn or "",
        "words": _air(air, stage, alive, events.doors(event)),
        "source": _source(stage) if alive else [],
        "good": bool(alive and stage.source and not _troubles(stage)),
        "watching": queries.watching(event.id),
        "watched": max(stage.watched, queries.watched(event.id)),
        "most": stage.watched_most,
        "questions": questions.waiting(stage_channel.id) if stage_channel else 0,
        "recording": _recording(stage, air),
        "alone": _alone(event),
        "over": events.doors(event) is Doors.OVER,
    }


def _alone(event: Event) -> str:
    """Which booths have nobody at them while people may come by; "" before and after."""
    names = queries.alone(event.id) if events.doors(event) is Doors.LIVE else []
    return _("Nobody of their own at: %(names)s", names=", ".join(names)) if names else ""


def _air(air: Air, stage: Stage, alive: bool, doors: Doors) -> str:
    if not alive:
        return str(_("The stage does not answer just now. It is started again by itself; wait a moment."))
    match air:
        case Air.LIVE:
            return str(_("You are live: visitors see what you send."))
        case Air.PLAYLIST:
            return str(_("The videos are playing: %(name)s", name=stage.item))
        case Air.SLATE:
            return str(_("A still picture is on. Visitors see that the show goes on soon."))
    if doors is Doors.OVER:
        return str(_("The show is over."))
    return str(_("Nothing is on the air yet."))


def _troubles(stage: Stage) -> list[Trouble]:
    told = stage.source
    if not told:
        return []
    found = states.troubles(told, copied=told["copied"], sound=told["sound"])
    # a browser's picture is always converted here: nothing is wrong with that
    return [trouble for trouble in found if not (told.get("browser") and trouble is Trouble.ENCODED)]


def _source(stage: Stage) -> list[str]:
    """How the source fares, in words a host can act on; the first line sums it up."""
    told = stage.source
    if not told:
        return [_("Nobody is sending.")]
    found = [_trouble(trouble, told) for trouble in _troubles(stage)]
    if not found:
        found.append(_("The picture comes in well."))
    point = "." if language.current() == "en" else ","
    if told.get("browser"):
        rate = f"{told['kbit_s'] / 1000:.1f}".replace(".", point)
        return [*found, _("%(rate)s Mbit/s from a browser", rate=rate)]
    figures = _("%(rate)s Mbit/s, %(fps)s pictures a second, a keyframe every %(key)s s")
    numbers = {"rate": told["kbit_s"] / 1000, "fps": told["fps"], "key": told["keyframe_s"]}
    return [*found, figures % {name: f"{value:.1f}".replace(".", point) for name, value in numbers.items()}]


def _trouble(trouble: Trouble, told: dict[str, Any]) -> str:
    match trouble:
        case Trouble.QUIET:
            return str(_("Nothing has come for a moment. Check the line and OBS."))
        case Trouble.BEHIND:
            return str(_("The picture stutters: lower the bitrate in OBS."))
        case Trouble.KEYFRAMES:
            return str(_("Set the keyframe interval of OBS to 2 s; now people wait long for the picture."))
        case Trouble.FRAMES:
            return str(_("Few pictures come. Close other programs or lower the picture's size in OBS."))
        case Trouble.ENCODED:
            return str(
                _("The picture is converted here, which costs power. H.264 with keyframes every 2 s would go as it is.")
            )
        case Trouble.SILENT:
            return str(_("There is no sound. Check the microphone in OBS."))


def _recording(stage: Stage, air: Air) -> str:
    if stage.recording_note == "full":
        return str(_("The disk is full: the show goes on, but the recording stopped."))
    if stage.recording_note:
        return str(_("The recording stopped because of a fault; the show goes on."))
    if air is not Air.NOTHING:
        return str(_("The show is being recorded."))
    return str(_("The recording is on the event's page.")) if stage.recorded else ""


def _console(**ctx: Any) -> dict[str, str]:
    return {
        "title": _("The stage"),
        "note": _("Go live, play the videos, see who watches, end the show"),
        "url": url_for("stage_desk.console", slug=ctx["event"].slug),
    }


def _questions(**ctx: Any) -> dict[str, str]:
    return {
        "title": _("Questions of the broadcast"),
        "note": _("Approve, choose what is answered next, hide"),
        "url": url_for("questions_desk.queue", slug=ctx["event"].slug),
    }


def _tested(*, event: Event, **_ctx: Any) -> str:
    """Whether somebody has tried to send pictures before the show."""
    if events.doors(event) in (Doors.LIVE, Doors.OVER):
        return ""
    stage = queries.of_event(event.id)
    return render_template("stage/tested.html", event=event, tested_at=stage.tested_at if stage else None)
