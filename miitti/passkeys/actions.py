"""The only place that changes rows of the passkeys room (WebAuthn Level 3, checked by py_webauthn)."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
import webauthn
from flask_babel import lazy_gettext as _l
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, structs
from webauthn.helpers.exceptions import WebAuthnException

from miitti.accounts import actions as accounts
from miitti.accounts import queries as people
from miitti.accounts import states as accounts_states
from miitti.foundation import clock, db, errors, ids, settings
from miitti.passkeys import queries, states
from miitti.passkeys.models import Passkey, PasskeyChallenge

NOT_TAKEN = _l("This passkey did not open the door. Ask for a link by e-mail instead.")


@dataclass(frozen=True, slots=True)
class Site:
    """For whom the device signs: the host name, and the addresses its pages may have."""

    host: str
    origins: Sequence[str]
    visitor: str


def offer_registration(*, person_id: int, site: Site) -> dict[str, Any]:
    """What a device needs to make a passkey for a person. Raises Refused when there are too many already."""
    known = queries.of_person(person_id)
    if len(known) >= states.MOST:
        raise errors.Refused(_l("You have so many passkeys already. Remove one first."))
    person = people.person(person_id)
    options = webauthn.generate_registration_options(
        rp_id=site.host,
        rp_name="Miitti",
        user_id=_handle(person_id),
        user_name=person.email,
        user_display_name=person.name or person.email,
        challenge=_challenge(person_id=person_id, visitor=site.visitor),
        authenticator_selection=structs.AuthenticatorSelectionCriteria(
            resident_key=structs.ResidentKeyRequirement.REQUIRED,
            user_verification=structs.UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[
            structs.PublicKeyCredentialDescriptor(id=base64url_to_bytes(key.credential_id)) for key in known
        ],
    )
    told: dict[str, Any] = json.loads(webauthn.options_to_json(options))
    return told


def offer_sign_in(*, site: Site) -> dict[str, Any]:
    """What a device needs to sign somebody in; the same for everybody, so it tells nothing of who is known."""
    options = webauthn.generate_authentication_options(
        rp_id=site.host,
        challenge=_challenge(person_id=None, visitor=site.visitor),
        user_verification=structs.UserVerificationRequirement.REQUIRED,
    )
    told: dict[str, Any] = json.loads(webauthn.options_to_json(options))
    return told


def register(*, person_id: int, credential: Any, site: Site, device: str) -> None:
    """Take in a passkey a device has just made. Raises Refused when anything about it is not as it should be."""
    challenge = _answered(credential, person_id=person_id, visitor=site.visitor)
    try:
        verified = webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=list(site.origins),
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise errors.Refused(_l("The passkey could not be made. Try once more.")) from error
    _keep(
        person_id=person_id,
        credential_id=bytes_to_base64url(verified.credential_id),
        public_key=verified.credential_public_key,
        sign_count=verified.sign_count,
        device=device,
    )


@db.writing
def _keep(*, person_id: int, credential_id: str, public_key: bytes, sign_count: int, device: str) -> None:
    if queries.by_credential(credential_id) is not None:
        raise errors.Conflict(_l("This passkey is known already."))
    row = Passkey(
        person_id=person_id,
        credential_id=credential_id,
        public_key=public_key,
        sign_count=sign_count,
        device=accounts_states.clean_name(device)[:80],
        created_at=clock.now(),
    )
    db.session().add(row)
    db.session().flush()
    accounts.audit(by=person_id, verb="add_passkey", object_kind="passkey", object_id=row.id)


def sign_in(*, credential: Any, site: Site, device: str) -> str:
    """Check what a device has signed and give the raw token of a new session. Raises Refused, always the same."""
    challenge = _answered(credential, person_id=None, visitor=site.visitor)
    key = queries.by_credential(credential["id"]) if isinstance(credential.get("id"), str) else None
    if key is None or not people.grants(key.person_id):
        raise errors.Refused(NOT_TAKEN)
    try:
        verified = webauthn.verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=list(site.origins),
            credential_public_key=key.public_key,
            credential_current_sign_count=key.sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise errors.Refused(NOT_TAKEN) from error
    return _use(key_id=key.id, sign_count=verified.new_sign_count, device=device)


@db.writing
def _use(*, key_id: int, sign_count: int, device: str) -> str:
    key = db.row(Passkey, key_id)
    key.sign_count, key.used_at = sign_count, clock.now()
    return accounts.open_session(person_id=key.person_id, device=device, how="passkey")


@db.writing
def remove(*, person_id: int, passkey_id: int) -> None:
    """Forget one's passkey. Raises NotFound for somebody else's."""
    row = db.row(Passkey, passkey_id)
    if row.person_id != person_id:
        raise errors.NotFound
    accounts.audit(by=person_id, verb="remove_passkey", object_kind="passkey", object_id=row.id)
    db.session().delete(row)


@db.writing
def _challenge(*, person_id: int | None, visitor: str) -> bytes:
    """Make a challenge; only its hash is kept."""
    session = db.session()
    now = clock.now()
    session.execute(sa.delete(PasskeyChallenge).where(PasskeyChallenge.expires_at < now))
    raw = ids.secret().encode()
    session.add(
        PasskeyChallenge(
            digest=ids.digest(bytes_to_base64url(raw)),
            person_id=person_id,
            visitor=visitor,
            expires_at=now + timedelta(minutes=states.CHALLENGE_MINUTES),
        )
    )
    return raw


def _answered(credential: Any, *, person_id: int | None, visitor: str) -> bytes:
    """The challenge a device's answer names, used up whether the answer is right or not. Raises Refused."""
    try:
        told = json.loads(base64url_to_bytes(credential["response"]["clientDataJSON"]))
        challenge = told["challenge"]
        raw = base64url_to_bytes(challenge)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise errors.Refused(NOT_TAKEN) from error
    if not _use_up(challenge=challenge, person_id=person_id, visitor=visitor):
        raise errors.Refused(NOT_TAKEN)
    return raw


@db.writing
def _use_up(*, challenge: str, person_id: int | None, visitor: str) -> bool:
    found = db.session().execute(
        sa.delete(PasskeyChallenge)
        .where(PasskeyChallenge.digest == ids.digest(challenge))
        .returning(PasskeyChallenge.person_id, PasskeyChallenge.visitor, PasskeyChallenge.expires_at)
    )
    row = found.one_or_none()
    return row is not None and (row[0], row[1]) == (person_id, visitor) and row[2] > clock.now()


def _handle(person_id: int) -> bytes:
    """The name a device keeps of a person: the same for all her passkeys, and saying nothing."""
    key = settings.current().secret_key.encode()
    return hmac.new(key, b"passkey-person:%d" % person_id, hashlib.sha256).digest()
