"""Our own server entry with a channel for the benchmark: PORT FOLDER [MODE]."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import wsgi

PORT, FOLDER = sys.argv[1], sys.argv[2]
MODE = sys.argv[3] if len(sys.argv) > 3 else "eventlet"


def main() -> None:
    """Serve until SIGTERM."""
    wsgi._patch(MODE)
    from typing import Any

    from miitti.app import create_app
    from miitti.foundation import db, pulse, realtime, settings
    from miitti.foundation.access import Role

    environ = {"MIITTI_DATA": FOLDER, "MIITTI_MEDIA": f"{FOLDER}/media", "MIITTI_ASYNC_MODE": MODE}
    db.busy_timeout_ms = db.WEB_BUSY_MS
    ours = settings.load(environ, listening=f"http://127.0.0.1:{PORT}")
    db.migrate(ours)

    @realtime.on("join", namespace="/bench", allow=(Role.VISITOR,))
    def join(data: dict[str, Any]) -> None:
        realtime.join("all")

    @realtime.on("burst", namespace="/bench", allow=(Role.VISITOR,))
    def burst(data: dict[str, Any]) -> None:
        sockets = app.extensions["socketio"]

        def run() -> None:
            with app.app_context():
                for number in range(data["n"]):
                    realtime.emit("ev", {"seq": number, "d": "x" * data["size"]}, "/bench", "all")
                    sockets.sleep(data["gap"])

        sockets.start_background_task(run)

    app = create_app(ours)
    wsgi._raise_open_files()
    wsgi._calm_the_collector()
    served = (app, lambda: pulse.start(app), lambda: pulse.stop(app))
    {"eventlet": wsgi._serve_eventlet, "gevent": wsgi._serve_gevent}[MODE](served, "127.0.0.1", int(PORT))


if __name__ == "__main__":
    os.environ.pop("MIITTI_LIFELINE", None)
    main()
