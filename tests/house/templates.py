"""Compile every template with the application's own environment: `python -m tests.house.templates`."""

import sys
import tempfile
from pathlib import Path

from jinja2 import TemplateError

from miitti.app import create_app
from miitti.foundation import settings


def main() -> int:
    """Name each template that does not compile; gives the exit code."""
    with tempfile.TemporaryDirectory() as folder:
        data, media = Path(folder, "data"), Path(folder, "media")
        app = create_app(settings.load({"MIITTI_DATA": str(data), "MIITTI_MEDIA": str(media)}))
        names = app.jinja_env.list_templates()
        wrong = 0
        for name in names:
            try:
                app.jinja_env.get_template(name)
            except TemplateError as error:
                print(f"templates/{name}:{getattr(error, 'lineno', 0)}: {error.message}")
                wrong += 1
    print(f"{len(names)} templates compiled, {wrong} wrong")
    return 1 if wrong or not names else 0


if __name__ == "__main__":
    sys.exit(main())
