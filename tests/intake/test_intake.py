"""What an employer decides: its own questions against the law, further addresses, and who may decide."""

from collections.abc import Callable

import pytest
from flask import Flask

from miitti.foundation import errors, jobs
from miitti.intake import actions, queries, states
from tests.conftest import Client
from tests.leads.conftest import Applicant, latest
from tests.letters import Post
from tests.world import World

As = Callable[[str], Client]
PATH = "/desk/booths/miitti/harju/intake"
G = states.Ground


@pytest.mark.parametrize(
    ("ground", "text"),
    [
        (G.IDENTITY, "Mikä on henkilötunnuksesi?"), (G.IDENTITY, "Hetu?"), (G.IDENTITY, "Din personbeteckning?"),
        (G.IDENTITY, "What is your social security number?"), (G.AGE, "Minkä ikäinen olet? Ikäsi?"),
        (G.AGE, "Montako vuotias olet?"), (G.AGE, "Syntymäaika"), (G.AGE, "Hur gammal är du?"),
        (G.AGE, "How old are you?"),
        (G.HEALTH, "Onko sinulla sairauksia?"), (G.HEALTH, "Oletko raskaana?"),
        (G.HEALTH, "Onko terveydessäsi jotain?"),
        (G.HEALTH, "Har du någon sjukdom?"), (G.HEALTH, "Do you have any disabilities?"),
        (G.HEALTH, "Käytätkö lääkkeitä?"),
        (G.FAMILY, "Onko sinulla lapsia?"), (G.FAMILY, "Oletko naimisissa?"), (G.FAMILY, "Har du barn?"),
        (G.FAMILY, "Är du gift?"), (G.FAMILY, "Do you have children?"), (G.FAMILY, "Perhetilanteesi?"),
        (G.RELIGION, "Mihin seurakuntaan kuulut?"), (G.RELIGION, "What is your religion?"),
        (G.RELIGION, "Din religion?"),
        (G.UNION, "Kuulutko ammattiliittoon?"), (G.UNION, "Är du medlem i facket?"),
        (G.UNION, "Are you a union member?"),
        (G.POLITICS, "Mitä puoluetta äänestät?"), (G.POLITICS, "Vilket parti röstar du på?"),
        (G.POLITICS, "Who did you vote for?"), (G.ORIGIN, "Mikä on äidinkielesi?"), (G.ORIGIN, "Kansalaisuutesi?"),
        (G.ORIGIN, "Where are you from?"), (G.SEXUALITY, "Seksuaalinen suuntautumisesi?"), (G.SEXUALITY, "Sukupuoli?"),
        (G.CRIME, "Onko sinulla rikosrekisteriä?"), (G.CRIME, "Har du dömts för brott?"),
        (G.CRIME, "Any criminal convictions?"), (G.MONEY, "Ovatko luottotietosi kunnossa?"),
        (G.MONEY, "Har du skulder?"),
        (G.PAY, "Mikä on nykyinen palkkasi?"), (G.PAY, "Vad är din nuvarande lön?"),
        (G.PAY, "What is your current salary?"), (G.PAY, "Edellisen työpaikkasi palkka?"),
        (G.PICTURE, "Lähetä valokuva"), (G.PICTURE, "Bifoga ett foto"), (G.MILITARY, "Oletko käynyt armeijan?"),
    ],
)  # fmt: skip
def test_what_the_law_forbids_is_known(ground: states.Ground, text: str) -> None:
    assert states.forbidden(text) is ground


@pytest.mark.parametrize(
    "text",
    [
        "Onko sinulla ajokortti?", "Mitkä hitsausluokat sinulla on voimassa?", "Milloin voisit aloittaa?",
        "Onko sinulla hygieniapassi?", "Sopiiko sinulle kolmivuorotyö?", "Palkkatoiveesi?", "Mikä työssä kiinnostaa?",
        "Oletko työskennellyt lasten kanssa?", "Onko sinulla kokemusta ikäihmisten hoidosta?",
        "Kerro aiemmista töistäsi",
        "Har du körkort?", "När kan du börja?", "Vilka svetsklasser har du?", "Vad önskar du för lön?",
        "Do you have a driving licence?", "When could you start?", "What languages can you work in?",
        "Have you used a forklift?", "Oletko käyttänyt trukkia?", "Minkä kokoisia koneita olet ajanut?",
    ],
)  # fmt: skip
def test_what_a_job_needs_may_be_asked(text: str) -> None:
    assert states.forbidden(text) is None


def test_company_asks_and_the_applicant_answers(
    smtp: Post,
    app: Flask,
    world: World,
    as_: As,
    make_applicant: Callable[..., Applicant],
) -> None:
    saved = as_("owner").send(
        PATH, prompt_0_fi="Onko sinulla ajokortti?", prompt_0_sv="Har du körkort?", prompt_1_fi="Milloin voit aloittaa?"
    )
    assert saved.status_code == 303
    first, second = queries.prompts(world.booths["harju"])
    somebody = make_applicant()
    page = somebody.client.get(somebody.path).text
    assert "Onko sinulla ajokortti?" in page
    assert somebody.send(phone="0401234567", **{f"prompt_{first.id}": "B ja C"}).status_code == 303
    assert [(one.question, one.answer) for one in latest().answers] == [("Onko sinulla ajokortti?", "B ja C")]
    jobs.run_until_idle(app, ["mail"])
    body = smtp.to("tyo@harju.example")[0].get_body(["plain"])
    assert body is not None
    assert "Onko sinulla ajokortti?\nB ja C" in body.get_content().replace("\r\n", "\n")
    assert "B ja C" in as_("owner").get("/desk/leads").text
    long = somebody.send(phone="0401234567", **{f"prompt_{second.id}": "x" * 501})
    assert long.status_code == 422
    assert "Vastaus on liian pitkä: 501" in long.text


def test_forbidden_question_comes_back_with_the_reason(world: World, as_: As) -> None:
    answer = as_("owner").send(PATH, prompt_0_fi="Onko sinulla lapsia?", privacy_fi="Säilytämme vuoden.")
    assert answer.status_code == 422
    assert "Perhe, lapset ja avioliitto ovat yksityisiä" in answer.text
    assert "Onko sinulla lapsia?" in answer.text
    assert "Säilytämme vuoden." in answer.text
    assert list(queries.prompts(world.booths["harju"])) == []
    assert queries.of_booth(world.booths["harju"]).privacy_fi == "", "all or nothing"


def test_privacy_text_is_read_in_each_language_and_falls_back_to_finnish(world: World, as_: As, client: Client) -> None:
    form = "/miitti/miitti/booths/harju/leads"
    alone = as_("owner").send(PATH, privacy_sv="Vi sparar i ett år.")
    assert alone.status_code == 422
    assert "Suomenkielinen teksti tarvitaan" in alone.text
    as_("owner").send(PATH, privacy_fi="Säilytämme vuoden.", privacy_sv="Vi sparar i ett år.")
    assert "Vi sparar i ett år." in client.get(f"{form}?lang=sv").text
    assert "Säilytämme vuoden." in client.get(f"{form}?lang=en").text
    assert "Säilytämme vuoden." in client.get(f"{form}?lang=fi").text


def test_at_most_three(world: World) -> None:
    with pytest.raises(errors.Invalid):
        actions.ask(booth_id=world.booths["harju"], texts=[{"fi": f"Kysymys {n}?"} for n in range(4)])


def test_unchanged_question_keeps_its_row_so_that_open_forms_fit(world: World) -> None:
    booth = world.booths["harju"]
    actions.ask(booth_id=booth, texts=[{"fi": "Yksi?"}, {"fi": "Kaksi?"}])
    kept = queries.prompts(booth)[1].id
    actions.ask(booth_id=booth, texts=[{"fi": "Kaksi?"}, {"fi": "Kolme?"}])
    assert [(prompt.text_fi, prompt.id == kept) for prompt in queries.prompts(booth)] == [
        ("Kaksi?", True),
        ("Kolme?", False),
    ]


def test_letters_go_to_every_address_and_one_bad_one_stops_nothing(
    smtp: Post,
    app: Flask,
    world: World,
    as_: As,
    applicant: Applicant,
) -> None:
    wrong = as_("owner").send(PATH, also="toinen@harju.example\nei osoite")
    assert wrong.status_code == 422
    as_("owner").send(PATH, also="toinen@harju.example, kolmas@harju.example", privacy_fi="Kysy Ollilta.")
    page = applicant.client.get(applicant.path).text
    assert "Kysy Ollilta." in page
    assert "toinen@harju.example" not in page
    applicant.send(phone="0401234567")
    jobs.run_until_idle(app, ["mail"])
    (letter,) = smtp.letters
    assert letter["To"].addresses[0].addr_spec == "tyo@harju.example"
    assert [one.addr_spec for one in letter["To"].addresses[1:]] == ["toinen@harju.example", "kolmas@harju.example"]


@pytest.mark.parametrize("person", ["organiser", "cohost", "stranger", "moderator", "nobody"])
def test_only_the_company_itself_decides_where_its_contacts_go(as_: As, person: str) -> None:
    assert as_(person).get(PATH).status_code == 404
    assert as_(person).send(PATH, also="vieras@example.fi").status_code == 404
