"""The statements every public service in Finland owes its users: accessibility and privacy."""

from flask import Blueprint, render_template

from miitti.foundation import access
from miitti.foundation.access import Role

blueprint = Blueprint("statements", __name__)


@blueprint.get("/accessibility")
@access.allow(Role.VISITOR)
def accessibility() -> str:
    """How accessible the service is, what is not, and where to say so (act 306/2019)."""
    return render_template("statements/accessibility.html")


@blueprint.get("/privacy")
@access.allow(Role.VISITOR)
def privacy() -> str:
    """What is kept of a visitor, why, how long, and who answers for it (GDPR article 13)."""
    return render_template("statements/privacy.html")
