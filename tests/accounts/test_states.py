"""Pure rules: addresses, names, numbers, and where one may be sent after signing in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miitti.accounts import states


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("aino@example.fi", "aino@example.fi"),
        ("  Aino.Virtanen+Miitti@Example.FI ", "aino.virtanen+miitti@example.fi"),
        ("pöytä@esimerkki.fi", "pöytä@esimerkki.fi"),
        ("aino@example", None),
        ("aino", None),
        ("", None),
        ("aino@@example.fi", None),
        ("a@b.fi, c@d.fi", None),
        ("aino@example.fi\r\nBcc: x@y.fi", None),
        ("aino@exa mple.fi", None),
        (f"{'a' * 250}@example.fi", None),
        ("aino\u202e@example.fi", None),
        ("a..b@example.fi", None),
    ],
)
def test_an_address_is_cleaned_or_refused(typed: str, kept: str | None) -> None:
    assert states.clean_email(typed) == kept


@given(st.text(max_size=300))
def test_no_address_ever_breaks_out_of_a_header(typed: str) -> None:
    kept = states.clean_email(typed)
    assert kept is None or not (set(kept) & set('\r\n\t <>",;'))
    assert kept is None or states.clean_email(kept) == kept


@given(st.text(max_size=300))
def test_a_name_is_one_line(typed: str) -> None:
    name = states.clean_name(typed)
    assert name == " ".join(name.split())
    assert states.clean_name(name) == name


@pytest.mark.parametrize("number", ["0112038-9", "1572860-0", "2617416-4"])
def test_real_business_ids_pass(number: str) -> None:
    assert states.is_business_id(number)


@pytest.mark.parametrize("number", ["0112038-8", "1572860-1", "112038-9", "0112038", "01120389", "٠112038-9", ""])
def test_wrong_business_ids_do_not(number: str) -> None:
    assert not states.is_business_id(number)


@pytest.mark.parametrize("target", ["/desk", "/desk/leads?page=2", "/miitti/kevat-2027?lang=fi", "/desk/é"])
def test_a_place_of_our_own_is_kept(target: str) -> None:
    assert states.safe_next(target) == target


@pytest.mark.parametrize(
    "target",
    [
        None,
        "",
        "desk",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https://evil.example/",
        "/\t/evil.example",
        "/\n/evil.example",
        "javascript:alert(1)",
        "/sign-in",
        "/sign-in/token",
        "/sign-out",
        "/" + "a" * 2000,
        "http:/evil.example",
        "%2f%2fevil.example",
        "/%2fevil.example/../%5cevil.example\x00",
    ],
)
def test_anywhere_else_is_not(target: str | None) -> None:
    assert states.safe_next(target) == "/desk"


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        (None, "unknown"),
        ("nonsense", "unknown"),
    ],
)
def test_a_network_is_what_one_subscriber_has(address: str | None, network: str) -> None:
    assert states.network_of(address) == network
