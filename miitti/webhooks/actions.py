"""The only place that changes rows of the webhooks room."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, select

from miitti.accounts import actions as accounts
from miitti.foundation import clock, db, errors, ids, jobs, webhooks
from miitti.foundation.access import Who
from miitti.leads import news
from miitti.organisations import queries as organisations
from miitti.webhooks import queries, states
from miitti.webhooks.models import Webhook, WebhookMessage


@db.writing
def point(*, organisation_id: int, url: str, who: Who) -> None:
    """Set where a company's leads are told; an empty address ends it, with its log. Raises NotFound and Invalid."""
    queries.own_company(organisation_id, who)
    url = url.strip()
    hook = queries.of_company(organisation_id)
    if not url:
        if hook is not None:
            db.session().delete(hook)
            _note(hook, "unpoint_webhook", before={"host": _host(hook.url)})
        return
    if not webhooks.looks_usable(url):
        raise errors.Invalid(_l("Give a whole address that begins with https://"), field="url")
    if hook is None:
        hook = Webhook(organisation_id=organisation_id, secret=webhooks.new_secret(), created_at=clock.now())
        db.session().add(hook)
    before, hook.url = hook.url, url
    db.session().flush()
    if before != url:
        _note(hook, "point_webhook", before={"host": _host(before)} if before else None, after={"host": _host(url)})


@db.writing
def change_secret(*, organisation_id: int, who: Who) -> None:
    """Give a new signing secret; the old one signs beside it for a day. Raises NotFound."""
    hook = _own(organisation_id, who)
    hook.old_secret, hook.old_until = hook.secret, clock.now() + states.OLD_SECRET_FOR
    hook.secret = webhooks.new_secret()
    _note(hook, "change_webhook_secret")


@db.writing
def test(*, organisation_id: int, who: Who) -> None:
    """Send a message that is about nobody. Raises NotFound."""
    _enqueue(_own(organisation_id, who), states.Kind.TEST, None)


@db.writing
def replay(*, organisation_id: int, message_id: str, who: Who) -> None:
    """Send a message of the log again, with the same id. Raises NotFound."""
    hook = _own(organisation_id, who)
    message = db.session().scalar(
        select(WebhookMessage).where(WebhookMessage.message_id == message_id, WebhookMessage.webhook_id == hook.id)
    )
    if message is None:
        raise errors.NotFound
    message.state, message.finished_at, message.error = states.Sent.WAITING, None, None
    jobs.enqueue("call_webhook", key=f"webhook:{message.id}:{ids.new()}", args={"message": message.id})


@db.writing
def mark(*, row_id: int, state: states.Sent, status: int | None, error: str | None) -> None:
    """Note what became of a try."""
    message = db.session().get(WebhookMessage, row_id)
    if message is not None:
        message.tries += 1
        message.state, message.status, message.error = state, status, error and error[:200]
        message.finished_at = None if state is states.Sent.WAITING else clock.now()


@db.writing
def prune() -> None:
    """Forget what the log has kept long enough."""
    old = clock.now() - states.KEEP_LOG
    db.session().execute(delete(WebhookMessage).where(WebhookMessage.at < old))


@news.on(news.Left)
def _left(left: news.Left) -> None:
    hook = queries.of_company(left.organisation_id)
    if hook is not None:
        kind = states.Kind.CREATED if left.revision == 1 else states.Kind.CORRECTED
        _enqueue(hook, kind, left.lead_id)


@news.on(news.Erased)
def _erased(erased: news.Erased) -> None:
    hook = queries.of_company(erased.organisation_id)
    if hook is not None and erased.why == "withdrawn":
        _enqueue(hook, states.Kind.WITHDRAWN, erased.lead_id)


def _own(organisation_id: int, who: Who) -> Webhook:
    hook = queries.of_company(queries.own_company(organisation_id, who))
    if hook is None:
        raise errors.NotFound
    return hook


def _enqueue(hook: Webhook, kind: states.Kind, lead_id: int | None) -> None:
    message = WebhookMessage(webhook_id=hook.id, message_id=ids.new("msg_"), kind=kind, lead_id=lead_id, at=clock.now())
    db.session().add(message)
    db.session().flush()
    jobs.enqueue("call_webhook", key=f"webhook:{message.id}", args={"message": message.id})


def _note(
    hook: Webhook, verb: str, *, before: dict[str, str] | None = None, after: dict[str, str] | None = None
) -> None:
    for event_id in sorted(organisations.events_of(hook.organisation_id)):
        accounts.note(
            verb=verb,
            object_kind="webhook",
            object_id=hook.id,
            organisation_id=hook.organisation_id,
            event_id=event_id,
            before=before,
            after=after,
        )


def _host(url: str) -> str:
    # the rest of the address may hold a secret of the company's system
    return urlsplit(url).hostname or ""
