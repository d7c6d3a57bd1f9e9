"""Words and figures of the oversight room."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from flask_babel import lazy_gettext as _l

AUDIT_PAGE: Final = 100
"""Entries of the audit on one page."""

AUDIT_KEPT: Final = timedelta(days=3 * 365)
"""How long an entry is kept: claims grow old in three years (act 728/2003, section 4)."""

ERASED: Final = "[erased]"
"""What stands in an entry where the address of somebody erased stood."""

VERBS: Final[Mapping[str, Any]] = {
    "organise": _l("took an organisation in"),
    "describe": _l("changed the texts"),
    "set_logo": _l("changed the logo"),
    "invite": _l("made a person known"),
    "grant": _l("gave a role"),
    "revoke": _l("took a role away"),
    "send_invitation": _l("sent an invitation"),
    "add_cohost": _l("added a hosting organisation"),
    "remove_organisation": _l("took an organisation out"),
    "introduce": _l("changed the own name or language"),
    "erase": _l("erased a person"),
    "sign_in": _l("signed in"),
    "sign_out": _l("signed out"),
    "sign_out_everywhere": _l("signed out everywhere"),
    "add_passkey": _l("made a passkey"),
    "remove_passkey": _l("forgot a passkey"),
    "publish": _l("published"),
    "force_doors": _l("held the doors"),
    "begin": _l("began an event"),
    "move": _l("gave the event new times"),
    "cancel": _l("called the event off"),
    "add_item": _l("added to the programme"),
    "change_item": _l("changed the programme"),
    "remove_item": _l("took out of the programme"),
    "order_items": _l("put the programme into another order"),
    "remind_unready": _l("wrote to those who are not ready"),
    "approve_booth": _l("found the booth good"),
    "delete_event": _l("deleted the event"),
    "open_booth": _l("opened a booth"),
    "close_booth": _l("closed a booth"),
    "post_job": _l("posted a job"),
    "change_job": _l("changed a job"),
    "take_down_job": _l("took a job down"),
    "put_back_job": _l("put a job back"),
    "send": _l("sent a video"),
    "remove": _l("removed a video"),
    "replace": _l("replaced a video"),
    "attach_captions": _l("wrote captions"),
    "approve_captions": _l("approved captions"),
    "remove_captions": _l("removed captions"),
    "declare_speechless": _l("said that nobody speaks"),
    "declare_speech": _l("said that somebody speaks"),
    "ask_poster": _l("asked for a poster"),
    "choose_poster": _l("chose a poster"),
    "set_chapters": _l("set chapters"),
    "decide_intake": _l("decided how contacts travel"),
    "ask_in_form": _l("changed the own questions"),
    "point_webhook": _l("pointed the webhook"),
    "unpoint_webhook": _l("ended the webhook"),
    "change_webhook_secret": _l("changed the webhook's secret"),
    "rotate_key": _l("made a new stage key"),
    "privacy_find": _l("looked for a person's data"),
    "privacy_export": _l("handed a person's data out"),
    "privacy_erase": _l("erased a person's data"),
}
"""What somebody did, in words."""

KINDS: Final[Mapping[str, Any]] = {
    "person": _l("a person"),
    "organisation": _l("an organisation"),
    "booth": _l("a booth"),
    "vacancy": _l("a job"),
    "video": _l("a video"),
    "event": _l("the event"),
    "intake": _l("contacts of a booth"),
    "webhook": _l("a webhook"),
    "stage": _l("the stage"),
    "session": _l("a sign-in"),
    "passkey": _l("a passkey"),
    "privacy": _l("a person's data"),
}
"""What it was done to."""

FIELDS: Final[Mapping[str, Any]] = {
    "name": _l("name"),
    "name_fi": _l("name in Finnish"),
    "name_sv": _l("name in Swedish"),
    "name_en": _l("name in English"),
    "sentence_fi": _l("one sentence in Finnish"),
    "sentence_sv": _l("one sentence in Swedish"),
    "sentence_en": _l("one sentence in English"),
    "text_fi": _l("text in Finnish"),
    "text_sv": _l("text in Swedish"),
    "text_en": _l("text in English"),
    "title_fi": _l("title in Finnish"),
    "title_sv": _l("title in Swedish"),
    "title_en": _l("title in English"),
    "shift_fi": _l("working hours"),
    "shift_sv": _l("working hours in Swedish"),
    "shift_en": _l("working hours in English"),
    "start_fi": _l("start of the work"),
    "start_sv": _l("start of the work in Swedish"),
    "start_en": _l("start of the work in English"),
    "municipality": _l("municipality"),
    "contact_email": _l("e-mail address"),
    "contact_phone": _l("phone number"),
    "business_id": _l("Business ID"),
    "valid_from": _l("takes part from"),
    "valid_to": _l("takes part until"),
    "logo": _l("logo"),
    "role": _l("role"),
    "event": _l("event"),
    "organisation": _l("organisation"),
    "letters": _l("letters"),
    "slug": _l("address"),
    "places": _l("places"),
    "pay": _l("pay"),
    "pay_min": _l("lowest pay"),
    "pay_max": _l("highest pay"),
    "pay_unit": _l("pay by"),
    "published": _l("published"),
    "file": _l("file"),
    "fi": _l("captions in Finnish"),
    "sv": _l("captions in Swedish"),
    "en": _l("captions in English"),
    "chapters": _l("chapters"),
    "speechless": _l("nobody speaks"),
    "poster": _l("picture"),
    "draft": _l("a draft"),
    "state": _l("state"),
    "forced_doors": _l("doors"),
    "addresses": _l("further addresses"),
    "cv_attached": _l("CV inside the letter"),
    "digest": _l("morning letter"),
    "privacy": _l("words about privacy"),
    "questions": _l("questions"),
    "host": _l("server"),
    "found": _l("records"),
    "how": _l("how"),
    "approved_at": _l("found good by a host"),
}
"""What changed in it."""

VALUES: Final[Mapping[str, Any]] = {
    "company": _l("company's person"),
    "cohost": _l("co-host"),
    "presenter": _l("presenter"),
    "moderator": _l("moderator"),
    "organiser": _l("organiser"),
    "admin": _l("administrator"),
    "open": _l("open"),
    "live": _l("live"),
    "over": _l("over"),
    "hour": _l("hour"),
    "month": _l("month"),
    "True": _l("yes"),
    "False": _l("no"),
    "": "–",
    "None": "–",
    ERASED: _l("erased"),
}
"""Values that are words of the program."""
