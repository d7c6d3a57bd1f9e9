"""Acknowledgements: what an event may carry, and how a yes or a no is told."""

from typing import Any, cast

from miitti.foundation import errors

MAX_DEPTH = 6
"""Levels of nesting a payload may have; the deepest command has three."""

Answer = dict[str, Any]


def refusal(code: str, key: str, **more: Any) -> Answer:
    """An acknowledgement that says no: `code` for programs, `key` names the words."""
    return {"ok": False, "error": {"code": code, "key": key, **more}}


def told(problem: errors.Problem) -> Answer:
    """A problem as an acknowledgement."""
    more = {k: v for k, v in problem.data.items() if k != "key"}
    if problem.field:
        more["field"] = problem.field
    wait = getattr(problem, "retry_after", None)
    if wait is not None:
        more["retry_after_ms"] = int(wait * 1000)
    more["message"] = str(problem.message)
    return refusal(problem.code, problem.data.get("key", f"qa.{problem.code}"), **more)


def checked(payload: tuple[Any, ...]) -> dict[str, Any]:
    """The one object an event carries. Raises Problem for anything else."""
    if len(payload) != 1 or not isinstance(payload[0], dict) or not plain(payload[0], MAX_DEPTH):
        raise errors.Problem(key="qa.bad_request")
    return cast(dict[str, Any], payload[0])


def plain(value: Any, depth: int) -> bool:
    """Whether a payload is only JSON, not nested too deeply, and free of what no text contains."""
    if depth < 0:
        return False
    if isinstance(value, dict):
        return all(isinstance(k, str) and plain(v, depth - 1) for k, v in value.items())
    if isinstance(value, list):
        return all(plain(v, depth - 1) for v in value)
    if isinstance(value, str):
        # a lone surrogate can't be stored as UTF-8
        return not any("\ud800" <= c <= "\udfff" for c in value)
    return value is None or isinstance(value, bool | int | float)


# -- reading a payload ---------------------------------------------------------------------------------------


def text(data: dict[str, Any], name: str, default: str | None = None) -> str:
    """The text `name` of a payload. Raises Problem when it is none, or missing without a default."""
    value = data.get(name, default)
    if value is None and default is not None:
        return default
    if not isinstance(value, str):
        raise errors.Problem(key="qa.bad_request", field=name)
    return value


def maybe(data: dict[str, Any], name: str) -> str | None:
    """The text `name` of a payload, or None when it is missing or empty."""
    return text(data, name, "") or None


def number(data: dict[str, Any], name: str) -> int:
    """The whole number `name` of a payload. Raises Problem when it is none."""
    value = data.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > 2**53:
        raise errors.Problem(key="qa.bad_request", field=name)
    return value


def flag(data: dict[str, Any], name: str) -> bool:
    """The yes or no `name` of a payload. Raises Problem when it is none."""
    value = data.get(name)
    if not isinstance(value, bool):
        raise errors.Problem(key="qa.bad_request", field=name)
    return value
