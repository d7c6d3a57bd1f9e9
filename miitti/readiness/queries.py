"""Whom the letters of an event do not reach. Only reads."""

from __future__ import annotations

from collections.abc import Sequence

from miitti.accounts import actions as accounts
from miitti.accounts.models import Person
from miitti.events.models import Event
from miitti.foundation import clock, ids, jobs
from miitti.people import queries as people
from miitti.people.queries import Member


def unreached(event: Event) -> Sequence[Member]:
    """Those whose last letter was refused for good or never taken, one entry each; not who has signed in since.

    Of invitations the newest counts, however old; of letters about a booth those of the last week.
    """
    invitations = {
        ids.digest(accounts.token_of_letter(job.args["nonce"])): job for job in jobs.given_up("send_invitation")
    }
    lately = clock.now() - jobs.KEEP_DONE
    booth_letters = {job.args["person"]: job for job in jobs.given_up("send_unready", since=lately)}
    found: dict[int, Member] = {}
    for member in people.members(event):
        invited = invitations.get(member.invitation.token_hash) if member.invitation else None
        for job in (invited, booth_letters.get(member.person.id)):
            if job is not None and not _here_since(member.person, job):
                found.setdefault(member.person.id, member)
    return list(found.values())


def _here_since(person: Person, job: jobs.Job) -> bool:
    return person.seen_at is not None and job.finished_at is not None and person.seen_at > job.finished_at
