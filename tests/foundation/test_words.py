"""Language, forms and stored names: words for people, and what people type."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask_babel import force_locale

from miitti.foundation import clock, errors, forms, language, storage

SPRING = datetime(2027, 4, 8, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("code", "day", "hours", "moment"),
    [
        ("fi", "torstaina 8. huhtikuuta", "klo 13–15", "to 8.4.2027 klo 13.00"),
        ("sv", "torsdag 8 april", "kl. 13–15", "tors 8.4.2027 kl. 13.00"),
        ("en", "Thursday 8 April", "13:00–15:00", "Thu 8 Apr 2027, 13:00"),
    ],
)
def test_times_are_told_in_words_on_a_finnish_clock(app: Flask, code: str, day: str, hours: str, moment: str) -> None:
    with app.test_request_context(), force_locale(code):
        assert language.day(SPRING) == day
        assert language.hours(SPRING, SPRING + timedelta(hours=2)) == hours
        assert language.moment(SPRING) == moment


def test_every_finnish_day_stands_in_the_case_a_date_needs(app: Flask) -> None:
    with app.test_request_context(), force_locale("fi"):
        days = [language.day(SPRING + timedelta(days=ahead)).split()[0] for ahead in range(7)]
    assert [day for day in days if not day.endswith(("na", "nä"))] == []
    assert "sunnuntaina" in days


def test_the_hour_that_comes_twice_is_told_by_its_own_offset(app: Flask) -> None:
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert language.local(first).hour == language.local(first + timedelta(hours=1)).hour == 3


def test_a_missing_text_falls_back_visibly_to_finnish(app: Flask) -> None:
    class Row:
        title_fi, title_sv, title_en = "Suomeksi", "", "In English"

    with app.test_request_context():
        for code, text in (("fi", "Suomeksi"), ("sv", "Suomeksi"), ("en", "In English")):
            with force_locale(code):
                assert language.pick(Row, "title") == text


def test_the_reader_chooses_the_language_and_it_is_remembered(app: Flask) -> None:
    client = app.test_client()
    headers = {"Accept-Language": "de, sv;q=0.8, en;q=0.5"}
    assert 'lang="sv"' in client.get("/sign-in", headers=headers).text
    assert 'lang="en"' in client.get("/sign-in?lang=en", headers=headers).text
    assert 'lang="en"' in client.get("/sign-in", headers=headers).text
    assert 'lang="fi"' in app.test_client().get("/sign-in?lang=xx").text


def test_typed_text_is_cleaned_of_what_deceives() -> None:
    assert forms.clean("  a\u202egnp\u0000\r\nb  ") == "agnp\nb"
    assert forms.clean_line("rivi\n toinen") == "rivi toinen"
    assert forms.clean("a\u0308") == "ä"


@pytest.mark.parametrize("text", ["a@b", "a b@c.fi", "a@b.fi\nBcc: x@y.fi", "<a@b.fi>", "a" * 250 + "@b.fi", "@b.fi"])
def test_what_is_no_address(text: str) -> None:
    assert not forms.is_email(text)


def test_a_signed_path_opens_its_folder_until_it_expires(app: Flask) -> None:
    folder = storage.place("videos", "v1")
    folder.mkdir(parents=True)
    (folder / "main.m3u8").write_text("#EXTM3U")
    _, _, _, expires, signature, path = storage.signed("videos/v1/main.m3u8").split("/", 5)
    assert storage.opened(int(expires), signature, path).read_text() == "#EXTM3U"
    assert int(expires) - clock.now().timestamp() >= 24 * 3600
    for wrong in (("1", signature, path), (expires, "x" + signature[1:], path), (expires, signature, "videos/v2/a")):
        with pytest.raises(errors.NotFound):
            storage.opened(int(wrong[0]), wrong[1], wrong[2])
    with clock.frozen(clock.now() + timedelta(days=3)), pytest.raises(errors.NotFound):
        storage.opened(int(expires), signature, path)


@pytest.mark.parametrize("name", ["..", "a/b", "", ".hidden", "a\x00", "ä", "a" * 200])
def test_a_name_we_would_not_make_is_no_place(app: Flask, name: str) -> None:
    with pytest.raises(errors.NotFound):
        storage.place("videos", name)
