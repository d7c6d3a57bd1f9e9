"""create_app(): the only file that knows every room and plugs in their edges."""

import importlib
import importlib.util

from flask import Flask

from miitti.foundation import access, db, health, language, logs, pages, realtime
from miitti.foundation import settings as settings_
from miitti.foundation.settings import ROOT, Settings

EDGES = (
    "miitti.foundation.statements",
    "miitti.accounts.web",
    "miitti.accounts.jobs",
    "miitti.events.web",
    "miitti.events.desk",
    "miitti.booths.web",
    "miitti.booths.desk",
    "miitti.vacancies.web",
    "miitti.vacancies.desk",
    "miitti.videos.web",
    "miitti.videos.desk",
    "miitti.videos.sockets",
    "miitti.videos.jobs",
    "miitti.questions.web",
    "miitti.questions.desk",
    "miitti.questions.sockets",
    "miitti.leads.web",
    "miitti.leads.desk",
    "miitti.leads.jobs",
    "miitti.stage.web",
    "miitti.stage.desk",
    "miitti.teasers.web",
    "miitti.teasers.jobs",
)


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
    logs.plug(app)
    db.plug(app, settings)
    access.plug(app)
    pages.plug(app, settings)
    language.plug(app)
    health.plug(app)
    for name in EDGES:
        if importlib.util.find_spec(name.rsplit(".", 1)[0]) and importlib.util.find_spec(name):
            module = importlib.import_module(name)
            if hasattr(module, "plug"):
                module.plug(app)
            if hasattr(module, "blueprint") and module.blueprint.name not in app.blueprints:
                app.register_blueprint(module.blueprint)
    if importlib.util.find_spec("miitti.demo.web"):
        import os

        app.config["DEMO"] = os.environ.get("MIITTI_DEMO") == "1"
        if app.config["DEMO"]:
            importlib.import_module("miitti.demo.web").plug(app)
    realtime.plug(app)
    return app
