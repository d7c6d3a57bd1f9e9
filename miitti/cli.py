"""The `miitti` command: every way to start, set up or look after an installation."""

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import FrameType
from typing import NoReturn

import click
from dotenv import dotenv_values

from miitti import processes
from miitti.foundation import settings

WRONG = 2
"""Exit code for what the person at the keyboard has to mend: a setting, a busy port."""

LOOPBACK = "127.0.0.1"

SETTING_UP = 5.0
"""Seconds that setting up may take to let go when it is told to end."""


@click.group()
@click.version_option(package_name="miitti")
def main() -> None:
    """Miitti, a self-hosted virtual recruitment event."""


@main.command()
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option("--data", type=click.Path(path_type=Path), default=Path("instance/demo"), show_default=True)
def demo(port: int, data: Path) -> None:
    """Serve a living demo Miitti on this machine, made at the first start."""
    _end_when_told()
    data = data.absolute()
    given = _environ()
    given |= {"MIITTI_DATA": str(data), "MIITTI_MEDIA": str(data / "media"), "MIITTI_DEMO": "1"}
    with _plainly():
        processes.need_port(LOOPBACK, port)
        parts = []
        sink = None
        if not given.get("MIITTI_SMTP_URL", "").strip():
            sink = f"{LOOPBACK}:{processes.free_port()}"
            given["MIITTI_SMTP_URL"] = f"smtp://{sink}"
        environ, current = _listening(_staged(given, LOOPBACK, port), LOOPBACK, port)
        if sink is not None:
            command = processes.python("-m", "miitti.demo.sink", sink, str(data / "mail"))
            parts.append(processes.Part("mail", command, environ, last=True))
        _prepare(current)
        _demo_data(current, smtp=sink)
        _serve(current, environ, LOOPBACK, port, parts, _demo_note(current, data))


@main.command()
@click.option("--host", default=LOOPBACK, show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
def serve(host: str, port: int) -> None:
    """Serve: web, worker and stage together, restarted when one dies."""
    _end_when_told()
    with _plainly():
        processes.need_port(host, port)
        environ, current = _listening(_staged(_environ(), host, port), host, port)
        _warn(current)
        _prepare(current)
        _serve(current, environ, host, port, [], [])


@main.command()
@click.option("--host", default=LOOPBACK, show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
def web(host: str, port: int) -> None:
    """Serve pages and sockets only; a worker must run beside it."""
    _end_when_told()
    with _plainly():
        processes.need_port(host, port)
        environ, current = _listening(_environ(), host, port)
        _prepare(current)
    command = processes.python(str(settings.ROOT / "wsgi.py"))
    # The web process must be a fresh interpreter: it is monkey-patched before anything is imported.
    os.execve(command[0], command, dict(environ))  # noqa: S606


@main.command()
@click.option("--host", default=LOOPBACK, show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port of live streams [default: MIITTI_STAGE_PORT].")
def stage(host: str, port: int | None) -> None:
    """Serve live streams only: takes publishers in (RTMP), plays the companies' videos, records."""
    _end_when_told()
    with _plainly():
        given = _environ()
        web_port = int(given.get("MIITTI_PORT", "").strip() or 8000)
        environ, current = _listening(given, host, web_port)
        port = port or current.stage_port or web_port + 1
        processes.need_port(host, port)
        _prepare(current)
    command = processes.python(str(settings.ROOT / "wsgi.py"), "stage", host, str(port))
    os.execve(command[0], command, dict(environ))  # noqa: S606


@main.command()
def worker() -> None:
    """Do queued work: videos and letters."""
    _end_when_told()
    with _plainly():
        current = settings.load()
        from miitti import worker as process

        process.run(current)


@main.command()
def migrate() -> None:
    """Bring the database to the newest schema."""
    with _plainly():
        _prepare(settings.load())
    click.echo("The database is at the newest schema.")


@main.command()
@click.argument("email")
@click.option("--name", default="", help="The person's name.")
@click.option("--language", type=click.Choice(["fi", "sv", "en"]), default="fi", show_default=True)
def organiser(email: str, name: str, language: str) -> None:
    """Make EMAIL an organiser and print an address to sign in at, once."""
    with _plainly():
        current = settings.load()
        _prepare(current)
        from miitti import app as application
        from miitti.accounts import actions, mails, states
        from miitti.foundation.access import Role

        with application.create_app(current).app_context():
            person = actions.invite(email=email, name=name, language=language)
            actions.grant(person_id=person.id, role=Role.ORGANISER)
            token = actions.link(
                person_id=person.id, minutes=states.INVITATION_MINUTES, kind=states.LinkKind.INVITATION
            )
            click.echo(mails.sign_in_address(token))


@main.command()
@click.option("--host", default=LOOPBACK, show_default=True, help="Address the server listens on.")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
def doctor(host: str, port: int) -> None:
    """Check database, disk, ffmpeg, mail, ports and keys."""
    with _plainly():
        _environment, current = _listening(_environ(), host, port)
        from miitti import doctor as examiner

        right = True
        for finding in examiner.examine(current, host=host, port=port):
            right = right and finding.right
            click.echo(f"{'right' if finding.right else 'wrong'} {finding.place}: {finding.words}")
    sys.exit(0 if right else 1)


@main.command("media-key")
def media_key() -> None:
    """Print the line by which nginx can check the signed addresses of films; it opens nothing else."""
    with _plainly():
        from miitti.foundation import storage

        click.echo(f'set $media_key "{storage.media_key(settings.load()).decode()}";')


@main.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Write database, keys and a list of the media to FILE, also while serving."""
    with _plainly():
        current = settings.load()
        from miitti import backups

        for line in backups.keep(current, file):
            click.echo(line)


@main.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def restore(file: Path) -> None:
    """Put the backup in FILE in the place of what is there, also while serving."""
    with _plainly():
        current = settings.load()
        from miitti import backups

        for line in backups.put_back(current, file):
            click.echo(line)


@main.command("compile-translations", hidden=True)
def compile_translations() -> None:
    """Compile the catalogues; part of setting up."""
    from miitti.foundation import language

    language.compile_catalogues()


def _end_when_told() -> None:
    """End with exit code 0 on SIGTERM and Ctrl-C already while things are being set up."""

    def told(_number: int, _frame: FrameType | None) -> None:
        # What is under way is undone on the way out, or done at the next start; but not for ever.
        late = threading.Timer(SETTING_UP, os._exit, (0,))
        late.daemon = True
        late.start()
        sys.exit(0)

    signal.signal(signal.SIGTERM, told)
    signal.signal(signal.SIGINT, told)


def _environ() -> dict[str, str]:
    """The environment, with what `.env` of the present folder adds to it."""
    kept = {name: value for name, value in dotenv_values(".env").items() if value is not None}
    return {**kept, **os.environ}


def _listening(given: Mapping[str, str], host: str, port: int) -> tuple[dict[str, str], settings.Settings]:
    """Settings for a server at host and port, and the environment that gives its processes the same."""
    shown = LOOPBACK if host in ("0.0.0.0", "::", "") else host  # noqa: S104
    if ":" in shown:
        shown = f"[{shown}]"
    current = settings.load(given, listening=f"http://{shown}:{port}")
    return {
        **given,
        "MIITTI_DATA": str(current.data),
        "MIITTI_MEDIA": str(current.media),
        "MIITTI_BASE_URL": current.base_url,
        "MIITTI_HOST": host,
        "MIITTI_PORT": str(port),
    }, current


def _staged(given: Mapping[str, str], host: str, port: int) -> dict[str, str]:
    """The environment with ports for the stage; a busy one that nobody asked for gives way to a free one.

    Raises PortBusy for one that was asked for.
    """
    found = dict(given)
    for name, usual in (("MIITTI_STAGE_PORT", port + 1), ("MIITTI_RTMP_PORT", 1935)):
        if found.get(name, "").strip().isdigit():
            processes.need_port(host, int(found[name]))
            continue
        if not found.get(name, "").strip():
            found[name] = str(processes.free_from(usual, host))
    return found


def _prepare(current: settings.Settings) -> None:
    """Bring the database to the newest schema before anything uses it."""
    from miitti.foundation import db

    db.migrate(current)


def _warn(current: settings.Settings) -> None:
    if current.smtp_url is None:
        click.echo("No mail server is set (MIITTI_SMTP_URL): letters are kept waiting until there is one.", err=True)


def _serve(
    current: settings.Settings,
    environ: Mapping[str, str],
    host: str,
    port: int,
    parts: list[processes.Part],
    note: list[str],
) -> NoReturn:
    """Run web, worker, stage and the given parts until told to stop; ends this process."""
    parts = [
        *parts,
        processes.Part("web", processes.python(str(settings.ROOT / "wsgi.py")), environ),
        processes.Part("worker", processes.python("-m", "miitti.cli", "worker"), environ),
        processes.Part("stage", processes.python(str(settings.ROOT / "wsgi.py"), "stage"), environ),
    ]

    def ready() -> None:
        click.echo(f"Miitti is open at {current.base_url}")
        for line in note:
            click.echo(line)

    reach = {"0.0.0.0": LOOPBACK, "": LOOPBACK, "::": "::1"}.get(host, host)  # noqa: S104
    alive = (reach, port, processes.host_header(current.base_url))
    sys.exit(processes.Supervisor(parts, alive=alive, ready=ready).run())


def _demo_data(current: settings.Settings, *, smtp: str | None) -> None:
    """Make the demo once, move its times to now, and write down how to get in."""
    from miitti import app as application
    from miitti.demo import story

    app = application.create_app(current)
    with app.app_context():
        facts = story.make(progress=click.echo)
    rtmp = f"rtmp://{LOOPBACK}:{current.rtmp_port}/live/{facts['stage_key']}"
    story.write_facts(current.data / "demo.json", {**facts, "smtp": smtp, "rtmp": rtmp})


def _demo_note(current: settings.Settings, data: Path) -> list[str]:
    return [
        f"  Ways to sign in as organiser, co-host or company: {data / 'demo.json'}",
        f"  Letters that were sent: {current.base_url}/demo/mail",
        "  Ctrl-C ends it; a later start goes on from here.",
    ]


@contextlib.contextmanager
def _plainly() -> Iterator[None]:
    """Turn what the person at the keyboard can mend into one line on stderr and exit code 2."""
    try:
        yield
    except (settings.SettingError, processes.PortBusy) as error:
        _stop(str(error))
    except Exception as error:
        line = _in_words(error)
        if line is None:
            raise
        _stop(line)


def _in_words(error: Exception) -> str | None:
    """What the person at the keyboard can do about an error, or None when it is a fault of ours."""
    # Imported here: a wrong setting is told at once, without loading the database first.
    from alembic.util import CommandError
    from sqlalchemy.exc import DBAPIError

    from miitti.foundation import backup, errors

    match error:
        case backup.BackupError():
            return str(error)
        case errors.Invalid(fields=fields):
            return "; ".join(str(message) for messages in fields.values() for message in messages)
        case errors.Problem():
            return str(error)
        case CommandError():
            return "the database was made by a newer Miitti; update this one, or use another MIITTI_DATA"
        case DBAPIError(orig=orig):
            reason = str(orig).strip().splitlines()[0] if orig is not None else "no answer"
            return f"MIITTI_DATABASE_URL: the database can't be used ({reason})"
    return None


def _stop(line: str) -> NoReturn:
    click.echo(f"miitti: {line}", err=True)
    sys.exit(WRONG)


if __name__ == "__main__":
    main()
