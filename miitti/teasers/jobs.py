"""Work of the teasers room done by the worker. Every handler can run again without doing harm."""

from __future__ import annotations

from miitti.events import news
from miitti.events import queries as events
from miitti.events.models import Event
from miitti.events.states import Doors
from miitti.foundation import clock, db, jobs, mail
from miitti.teasers import actions, mails
from miitti.teasers.models import Reminder
from miitti.teasers.states import Change, Notice, is_tomorrow

news.on_change(actions.tell_change)


@jobs.handler("confirm_reminder", lane="mail", lease=60, attempts=12)
def confirm_reminder(work: jobs.Work) -> None:
    """Send the confirmation; a reminder removed meanwhile is let go without a word."""
    reminder = db.session().get(Reminder, work.args["reminder"])
    if reminder is not None:
        event = db.row(Event, reminder.event_id)
        _send(mails.confirmation(reminder, event, work.args["number"]))


@jobs.handler("remind", lane="other", lease=60, attempts=20)
def remind(work: jobs.Work) -> None:
    """Make the letters before an event, one job each; none when the event has moved or is over."""
    event = db.session().get(Event, work.args["event"])
    if event is not None and clock.stamp(event.starts_at) == work.args["start"]:
        actions.send_out(event_id=event.id, notice=Notice(work.args["notice"]))


@jobs.handler("send_reminder", lane="mail", lease=60, attempts=6)
def send_reminder(work: jobs.Work) -> None:
    """Send one letter before an event, unless it was removed, moved, or is too late to be of use."""
    reminder = db.session().get(Reminder, work.args["reminder"])
    if reminder is None:
        return
    event = db.row(Event, reminder.event_id)
    if clock.stamp(event.starts_at) != work.args["start"] or events.doors(event) in (Doors.DRAFT, Doors.OVER):
        return
    which = Notice(work.args["notice"])
    if which is Notice.DAY_BEFORE and not is_tomorrow(event.starts_at, clock.now()):
        return  # a letter that says "tomorrow" is of no use on the day itself
    _send(mails.notice(reminder, event, which, work.args["start"]))


@jobs.handler("tell_change", lane="other", lease=60, attempts=20)
def tell_change(work: jobs.Work) -> None:
    """Make the letters about a moved or cancelled event, one job each."""
    change = Change(work.args["change"])
    if db.session().get(Event, work.args["event"]) is not None:
        actions.send_change(event_id=work.args["event"], change=change, sequence=work.args["sequence"])


@jobs.handler("send_change", lane="mail", lease=60, attempts=12)
def send_change(work: jobs.Work) -> None:
    """Send one letter about a change, unless the reminder was removed or the event has changed again."""
    reminder = db.session().get(Reminder, work.args["reminder"])
    if reminder is None:
        return
    event = db.row(Event, reminder.event_id)
    if event.ics_sequence == work.args["sequence"]:
        _send(mails.change(reminder, event, Change(work.args["change"])))


@jobs.handler("forget_reminders", lane="other", lease=60, attempts=100)
def forget_reminders(work: jobs.Work) -> None:
    """Delete the addresses the day after the event; an event that moved on has a later job of its own."""
    event = db.session().get(Event, work.args["event"])
    if event is not None and event.ends_at <= clock.now():
        actions.forget_all(event_id=event.id)


def _send(letter: mail.Letter) -> None:
    try:
        mail.send(letter)
    except mail.NoServer as error:
        raise jobs.Retry(300, str(error)) from error
    except mail.Permanent as error:
        raise jobs.Final(str(error)) from error
