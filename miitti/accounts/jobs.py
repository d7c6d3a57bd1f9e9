"""Work of the accounts room done by the worker."""

import hashlib

from miitti.accounts import actions, mails, queries
from miitti.foundation import jobs, mail


@jobs.handler("send_sign_in", lane="mail", lease=60, attempts=12)
def send_sign_in(work: jobs.Work) -> None:
    """Send a sign-in letter to a known address; an unknown one is let go without a word.

    Done again it sends the same letter (same address in it, same Message-ID).
    """
    person = queries.person_by_email(work.args["email"])
    if person is None or not queries.grants(person.id):
        return
    token = actions.token_of_letter(work.args["nonce"])
    actions.link(person_id=person.id, token=token)
    key = hashlib.sha256(work.args["nonce"].encode()).hexdigest()[:32]
    try:
        mail.send(mails.sign_in(person=person, token=token, target=work.args.get("next"), key=key))
    except mail.Permanent as error:
        raise jobs.Final("the mail server refused the letter for good") from error
