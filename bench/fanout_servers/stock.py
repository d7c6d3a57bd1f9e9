"""Flask-SocketIO as its documentation starts it, on eventlet: PORT FOLDER."""

# ruff: noqa: E402 - eventlet has to patch before the rest is imported
import warnings

warnings.simplefilter("ignore")

import eventlet

eventlet.monkey_patch()

import sys
from typing import Any

from flask import Flask
from flask_socketio import SocketIO, join_room

app = Flask("stock")
sockets = SocketIO(app, async_mode="eventlet")


@sockets.on("join", namespace="/bench")  # type: ignore[untyped-decorator]
def join(data: dict[str, Any]) -> dict[str, bool]:
    join_room("all")
    return {"ok": True}


@sockets.on("burst", namespace="/bench")  # type: ignore[untyped-decorator]
def burst(data: dict[str, Any]) -> dict[str, bool]:
    def run() -> None:
        for number in range(data["n"]):
            sockets.emit("ev", {"seq": number, "d": "x" * data["size"]}, namespace="/bench", to="all")
            sockets.sleep(data["gap"])

    sockets.start_background_task(run)
    return {"ok": True}


if __name__ == "__main__":
    sockets.run(app, host="127.0.0.1", port=int(sys.argv[1]))
