"""Messages to companies' own systems, sent by the worker in a lane of their own."""

from __future__ import annotations

import json
from typing import Any

from miitti.foundation import clock, db, jobs, settings, webhooks
from miitti.leads import queries as leads
from miitti.webhooks import actions, queries, states
from miitti.webhooks.models import Webhook, WebhookMessage


@jobs.handler("call_webhook", lane="hooks", lease=60, attempts=len(states.RETRY_S) + 1)
def call_webhook(work: jobs.Work) -> None:
    """Send one message; written anew from the lead as it is now, so an erased one tells nothing of its applicant."""
    message = db.session().get(WebhookMessage, work.args["message"])
    if message is None or message.state is not states.Sent.WAITING:
        return
    hook = db.row(Webhook, message.webhook_id)
    body = written(message)
    now = int(clock.now().timestamp())
    row_id, url = message.id, hook.url
    headers = webhooks.headers(queries.secrets_of(hook), message.message_id, now, body)
    db.session().rollback()
    try:
        status = webhooks.post(url, body, headers)
    except webhooks.Forbidden as error:
        actions.mark(row_id=row_id, state=states.Sent.FAILED, status=None, error=str(error))
        raise jobs.Final(str(error)) from error
    except webhooks.Unreached as error:
        # 410 Gone: the receiver wants no more of it (Standard Webhooks)
        wait = None if error.status == 410 else states.wait_before_retry(work.attempt)
        state = states.Sent.FAILED if wait is None else states.Sent.WAITING
        actions.mark(row_id=row_id, state=state, status=error.status or None, error=str(error))
        if wait is None:
            raise jobs.Final(str(error)) from error
        raise jobs.Retry(wait, str(error)) from error
    actions.mark(row_id=row_id, state=states.Sent.DELIVERED, status=status, error=None)


def written(message: WebhookMessage) -> bytes:
    """The body: `type`, `timestamp`, `data`, as Standard Webhooks has it."""
    data: dict[str, Any] = {}
    whole = None if message.lead_id is None else leads.by_id(message.lead_id)
    if whole is not None:
        lead = whole.lead
        data = {"lead_id": lead.reference, "booth": whole.booth.slug, "event": whole.event.slug}
        if lead.erased_at is None and message.kind is not states.Kind.WITHDRAWN:
            data |= {
                "name": lead.name,
                "phone": lead.phone,
                "email": lead.email,
                "message": lead.message,
                "jobs": [{"id": vacancy.id, "title": vacancy.title_fi} for vacancy in whole.vacancies],
                "answers": [{"question": one.question, "answer": one.answer} for one in whole.answers],
                "language": lead.language,
                "url": f"{settings.current().base_url}/desk/leads#{lead.reference}",
            }
    at = message.at.strftime("%Y-%m-%dT%H:%M:%SZ")
    said = {"type": message.kind, "timestamp": at, "data": data}
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()


@jobs.handler("prune_webhook_log", lane="other", lease=60, attempts=20)
def prune_webhook_log(work: jobs.Work) -> None:
    """Forget old lines of the log."""
    actions.prune()


jobs.nightly("prune_webhook_log", hour=3)
