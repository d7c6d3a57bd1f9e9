"""Finding webhooks and their log. Only reads, narrowed to the company's own."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import bindparam, select

from miitti.accounts import queries as accounts
from miitti.accounts.models import Organisation
from miitti.foundation import clock, db, errors
from miitti.foundation.access import Role, Who
from miitti.webhooks import states
from miitti.webhooks.models import Webhook, WebhookMessage

# made once: every lead asks
_OF_COMPANY = select(Webhook).where(Webhook.organisation_id == bindparam("organisation_id"))


def of_company(organisation_id: int) -> Webhook | None:
    """The company's webhook, or None."""
    return db.session().scalar(_OF_COMPANY, {"organisation_id": organisation_id})


def companies(who: Who) -> list[tuple[Organisation, Webhook | None, Sequence[WebhookMessage]]]:
    """The companies `who` works in everywhere, each with its webhook and the latest of its log."""
    mine = {grant.organisation_id for grant in who.grants if grant.role is Role.COMPANY and grant.event_id is None}
    found = []
    for organisation in accounts.organisations(one for one in mine if one is not None).values():
        hook = of_company(organisation.id)
        found.append((organisation, hook, [] if hook is None else log(hook.id)))
    return sorted(found, key=lambda one: one[0].name_fi)


def own_company(organisation_id: int, who: Who) -> int:
    """The company when `who` works in it. Raises NotFound."""
    if organisation_id not in {organisation.id for organisation, _hook, _log in companies(who)}:
        raise errors.NotFound
    return organisation_id


def log(webhook_id: int) -> Sequence[WebhookMessage]:
    """The latest messages, newest first."""
    return (
        db.session()
        .scalars(
            select(WebhookMessage)
            .where(WebhookMessage.webhook_id == webhook_id)
            .order_by(WebhookMessage.id.desc())
            .limit(states.SHOWN)
        )
        .all()
    )


def secrets_of(hook: Webhook) -> list[str]:
    """The secrets that sign now: the newest, and the one before while it still counts."""
    old = hook.old_secret if hook.old_until is not None and hook.old_until > clock.now() else None
    return [hook.secret, *([old] if old else [])]
