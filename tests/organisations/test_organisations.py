"""An organisation as its people and hosts describe it; the logo as a hostile file."""

import io
from collections.abc import Callable

import pytest
from flask import Flask
from PIL import Image

from miitti.accounts.models import Organisation
from miitti.foundation import db, errors
from miitti.organisations import actions
from tests.conftest import Client
from tests.world import World

As = Callable[[str], Client]


def test_an_organisation_is_written_and_its_logo_drawn_anew(app: Flask, as_: As, world: World) -> None:
    owner = as_("owner")
    fields = {"name_fi": "Konepaja\r\nHarju", "business_id": "2331972-7", "municipality": "Pertunmaa"}
    assert owner.send("/desk/organisations/harju", **fields).status_code == 303
    row = db.row(Organisation, world.organisations["harju"])
    assert (row.name_fi, row.municipality) == ("Konepaja Harju", "Mäntyharju")
    assert owner.send("/desk/organisations/harju", name_fi="x" * 10_000).status_code == 422
    assert owner.send("/desk/organisations/harju", name_fi="Harju", business_id="1234567-8").status_code == 422
    picture = io.BytesIO()
    Image.new("RGB", (900, 300), "red").save(picture, "JPEG", comment=b"secret")
    made = actions.picture(picture.getvalue())
    assert b"secret" not in made
    assert Image.open(io.BytesIO(made)).size == (400, 133)
    with pytest.raises(errors.Invalid):
        actions.picture(b"<svg onload=alert(1)>")
