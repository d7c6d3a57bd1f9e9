"""create_app(): the only file that knows every room and plugs in their edges."""

import os
from typing import Any

from flask import Flask

from miitti.accounts import desk as accounts_desk
from miitti.accounts import jobs as accounts_jobs
from miitti.accounts import sockets as accounts_sockets
from miitti.accounts import web as accounts_web
from miitti.booths import desk as booths_desk
from miitti.booths import web as booths_web
from miitti.dictation import desk as dictation_desk
from miitti.events import desk as events_desk
from miitti.events import web as events_web
from miitti.foundation import access, db, health, language, logs, pages, realtime
from miitti.foundation import settings as settings_
from miitti.foundation.settings import ROOT, Settings
from miitti.handling import desk as handling_desk
from miitti.handling import jobs as handling_jobs
from miitti.handling import web as handling_web
from miitti.intake import desk as intake_desk
from miitti.leads import desk as leads_desk
from miitti.leads import jobs as leads_jobs
from miitti.leads import sockets as leads_sockets
from miitti.leads import web as leads_web
from miitti.materials import desk as materials_desk
from miitti.materials import jobs as materials_jobs
from miitti.materials import web as materials_web
from miitti.moderation import desk as moderation_desk
from miitti.moderation import sockets as moderation_sockets
from miitti.organisations import desk as organisations_desk
from miitti.outcomes import desk as outcomes_desk
from miitti.outcomes import jobs as outcomes_jobs
from miitti.outcomes import web as outcomes_web
from miitti.oversight import desk as oversight_desk
from miitti.oversight import jobs as oversight_jobs
from miitti.passkeys import web as passkeys_web
from miitti.people import desk as people_desk
from miitti.people import jobs as people_jobs
from miitti.planning import desk as planning_desk
from miitti.presence import web as presence_web
from miitti.promotion import desk as promotion_desk
from miitti.promotion import jobs as promotion_jobs
from miitti.promotion import web as promotion_web
from miitti.questions import jobs as questions_jobs
from miitti.questions import sockets as questions_sockets
from miitti.questions import web as questions_web
from miitti.readiness import desk as readiness_desk
from miitti.readiness import jobs as readiness_jobs
from miitti.recordings import desk as recordings_desk
from miitti.recordings import jobs as recordings_jobs
from miitti.recordings import web as recordings_web
from miitti.retention import desk as retention_desk
from miitti.retention import jobs as retention_jobs
from miitti.screens import desk as screens_desk
from miitti.screens import web as screens_web
from miitti.stage import desk as stage_desk
from miitti.stage import web as stage_web
from miitti.statements import jobs as statements_jobs
from miitti.statements import web as statements_web
from miitti.teasers import jobs as teasers_jobs
from miitti.teasers import web as teasers_web
from miitti.vacancies import desk as vacancies_desk
from miitti.vacancies import web as vacancies_web
from miitti.videos import captions as videos_captions
from miitti.videos import desk as videos_desk
from miitti.videos import jobs as videos_jobs
from miitti.videos import sockets as videos_sockets
from miitti.videos import web as videos_web
from miitti.webhooks import desk as webhooks_desk
from miitti.webhooks import jobs as webhooks_jobs

EDGES: tuple[Any, ...] = (
    health, statements_web,
    accounts_web, accounts_desk, accounts_sockets, passkeys_web, events_web, events_desk,
    booths_web, booths_desk, vacancies_web, vacancies_desk, materials_web, materials_desk,
    dictation_desk, planning_desk, readiness_desk, organisations_desk, people_desk, oversight_desk,
    videos_web, videos_desk, videos_captions, videos_sockets, presence_web, questions_web, questions_sockets,
    moderation_desk, moderation_sockets, screens_web, screens_desk,
    intake_desk, leads_web, leads_desk, leads_sockets, stage_web, stage_desk, teasers_web,
    handling_web, handling_desk, webhooks_desk, outcomes_web, outcomes_desk, retention_desk,
    promotion_web, promotion_desk, recordings_web, recordings_desk,
)  # fmt: skip
"""The edges in the order in which the named places of a page are offered to them."""
JOBS = (
    accounts_jobs,
    people_jobs,
    readiness_jobs,
    materials_jobs,
    oversight_jobs,
    videos_jobs,
    questions_jobs,
    leads_jobs,
    teasers_jobs,
    handling_jobs,
    webhooks_jobs,
    outcomes_jobs,
    retention_jobs,
    promotion_jobs,
    recordings_jobs,
    statements_jobs,
)
"""Rooms whose jobs a worker must know; importing them declared the handlers."""


def create_app(settings: Settings | None = None) -> Flask:
    """Build the application. Raises SettingError when a setting is wrong."""
    settings = settings or settings_.load()
    app = Flask(
        "miitti",
        root_path=str(ROOT / "miitti"),
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "static"),
    )
    app.config["MIITTI"] = settings
    app.config["DEMO"] = os.environ.get("MIITTI_DEMO") == "1"
    logs.plug(app)
    db.plug(app, settings)
    access.plug(app)
    pages.plug(app, settings)
    language.plug(app)
    for edge in EDGES:
        _plug(app, edge)
    if app.config["DEMO"]:
        from miitti.demo import web as demo_web  # a real installation never loads the demo

        _plug(app, demo_web)
    realtime.plug(app)
    return app


def _plug(app: Flask, edge: Any) -> None:
    if hasattr(edge, "plug"):
        edge.plug(app)
    blueprint = getattr(edge, "blueprint", None)
    if blueprint is not None and blueprint.name not in app.blueprints:
        app.register_blueprint(blueprint)
