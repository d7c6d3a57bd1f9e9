"""Sockets of people whose access changed: they leave what they heard at once, and come back as what they are now."""

from flask import Flask

from miitti.accounts import actions
from miitti.foundation import journal, realtime


def plug(app: Flask) -> None:
    """Let this process's dispatcher act on every changed access."""
    journal.on(app, actions.STREAM, send_off)


def send_off(entry: journal.Entry) -> None:
    """End the connections of the person the entry names."""
    realtime.dismiss(int(entry.data["person"]))
