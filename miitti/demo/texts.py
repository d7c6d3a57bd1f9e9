"""The demo's events, hosts, programme, questions and answers. All people are made up."""

from __future__ import annotations

from dataclasses import dataclass

from miitti.accounts.states import OrganisationKind
from miitti.demo.words import Words


@dataclass(frozen=True)
class Host:
    """An organisation that holds the Miitti with the others."""

    slug: str
    kind: OrganisationKind
    name: Words
    municipality: str = ""


@dataclass(frozen=True)
class Item:
    """A common line of the programme: minutes from the event's start, and its length in minutes."""

    at: int
    minutes: int
    title: Words


@dataclass(frozen=True)
class Asked:
    """A question somebody asked, and how far it came; `reply` is the written answer, `by` who gives it."""

    body: str
    state: str
    votes: int = 0
    name: str = ""
    to: str | None = None
    reply: str = ""
    by: str = ""


@dataclass(frozen=True)
class Meeting:
    """One event of the demo."""

    slug: str
    title: Words
    lead: Words
    place: Words
    items: tuple[Item, ...]


AREA, MUNICIPALITY = OrganisationKind.EMPLOYMENT_AREA, OrganisationKind.MUNICIPALITY

HOSTS: tuple[Host, ...] = (
    Host(
        "tyollisyysalue-paijat-hame",
        AREA,
        Words(
            "Päijät-Hämeen työllisyysalue",
            "Päijänne-Tavastlands sysselsättningsområde",
            "Päijät-Häme Employment Area",
        ),
    ),
    Host(
        "tyollisyysalue-etelainen-keski-suomi",
        AREA,
        Words(
            "Eteläisen Keski-Suomen työllisyysalue",
            "Södra Mellersta Finlands sysselsättningsområde",
            "Southern Central Finland Employment Area",
        ),
    ),
    Host(
        "tyollisyysalue-mikkelin-seutu",
        AREA,
        Words(
            "Mikkelin seudun työllisyysalue",
            "S:t Michelsregionens sysselsättningsområde",
            "Mikkeli Region Employment Area",
        ),
    ),
    Host("hartola", MUNICIPALITY, Words("Hartola", "Hartola", "Hartola"), "Hartola"),
    Host("joutsa", MUNICIPALITY, Words("Joutsa", "Joutsa", "Joutsa"), "Joutsa"),
    Host("mantyharju", MUNICIPALITY, Words("Mäntyharju", "Mäntyharju", "Mäntyharju"), "Mäntyharju"),
    Host("sysma", MUNICIPALITY, Words("Sysmä", "Sysmä", "Sysmä"), "Sysmä"),
)

ONLINE = Words(
    "Verkossa, omalta puhelimelta. Ei tunnuksia, ei sovelluksia.",
    "På nätet, med din egen telefon. Inga konton, inga appar.",
    "Online, on your own phone. No accounts, no apps.",
)

MAIN = Meeting(
    slug="metalli-ja-puuala",
    title=Words("Metalli- ja puualan Miitti", "Metall- och träbranschens Miitti", "Metal and Wood Miitti"),
    lead=Words(
        "Kuusi yritystä, neljätoista paikkaa. Katso, millaista työ on, kysy nimettömänä ja jätä numerosi, jos "
        "kiinnostuit.",
        "Sex företag, fjorton platser. Se hur arbetet är, fråga anonymt och lämna ditt nummer om du blev intresserad.",
        "Six companies, fourteen places. See what the work is like, ask without a name and leave your number if you "
        "like it.",
    ),
    place=ONLINE,
    items=(
        Item(0, 10, Words("Tervetuloa", "Välkommen", "Welcome")),
        Item(
            100,
            20,
            Words(
                "Kysy keneltä vain: kaikki yritykset", "Fråga vem som helst: alla företag", "Ask anyone: all companies"
            ),
        ),
        Item(
            120,
            10,
            Words("Kiitos, osastot jäävät auki", "Tack, montrarna förblir öppna", "Thank you, the booths stay open"),
        ),
    ),
)
"""The event that is live whenever the demo comes up."""

TALK_MINUTES = 15
"""A company's turn in the programme: its film, then questions."""

COMING = Meeting(
    slug="kesatyo",
    title=Words("Kesätyö-Miitti", "Sommarjobbs-Miitti", "Summer Job Miitti"),
    lead=Words(
        "Koululaisille ja opiskelijoille: mitä kesätöitä kotikulmilta saa, ja miten niitä haetaan ilman pitkää CV:tä.",
        "För elever och studerande: vilka sommarjobb finns på hemorten, och hur söker man dem utan en lång meritlista.",
        "For pupils and students: which summer jobs there are close to home, and how to apply without a long CV.",
    ),
    place=ONLINE,
    items=(
        Item(0, 10, Words("Tervetuloa", "Välkommen", "Welcome")),
        Item(10, 50, Words("Kesätyöpaikat kunnittain", "Sommarjobben kommunvis", "Summer jobs by municipality")),
        Item(
            60,
            30,
            Words("Näin haet: kysy rekrytoijilta", "Så söker du: fråga rekryterarna", "How to apply: ask recruiters"),
        ),
    ),
)

PAST = Meeting(
    slug="hoiva-ala",
    title=Words("Hoiva-alan Miitti", "Vårdbranschens Miitti", "Care Work Miitti"),
    lead=Words(
        "Lähihoitajaksi lähellä kotia: koulutuspaikat, työpaikat ja ihmiset, jotka työtä jo tekevät.",
        "Närvårdare nära hemmet: utbildningsplatser, arbetsplatser och människor som redan gör jobbet.",
        "A practical nurse close to home: places to study, places to work, and people who do the work already.",
    ),
    place=ONLINE,
    items=(
        Item(0, 15, Words("Tervetuloa", "Välkommen", "Welcome")),
        Item(15, 45, Words("Päivä palvelutalossa", "En dag på servicehuset", "A day at the care home")),
        Item(60, 30, Words("Kysymyksiä ja vastauksia", "Frågor och svar", "Questions and answers")),
    ),
)

STAGE_QUESTIONS: tuple[Asked, ...] = (
    Asked(
        "Pitääkö olla ajokortti ja oma auto?",
        "answered",
        votes=6,
        reply="Ei tarvitse. Joutsasta ja Pertunmaalta lähtee aamukuudelta kimppakyyti Hartolaan, ja saha hakee "
        "bussipysäkiltä.",
        by="Juontaja",
    ),
    Asked(
        "Mitä koeajalla maksetaan?",
        "answered",
        votes=4,
        reply="Samaa kuin sen jälkeenkin: koeaika ei laske palkkaa. Haarukat näkyvät joka paikan kohdalla.",
        by="Juontaja",
    ),
    Asked(
        "Olen 54 ja ollut viimeksi töissä myyjänä. Onko minulla mitään mahdollisuuksia hitsaajaksi?",
        "now",
        votes=9,
        to="konepaja-harju",
    ),
    Asked("Millaista hallissa on talvella, palelenko?", "live", votes=3, to="joutsan-levytyo"),
    Asked("Saako saman päivän aikana tutustua kahteen paikkaan?", "live", votes=2, name="Mikko"),
    Asked("Can I apply if my Finnish is not so good yet?", "live", votes=5),
    Asked("Onko teillä töitä pariskunnalle? Muuttaisimme Sysmään.", "pending"),
    Asked("Kuinka monta viikkoa harvesterihuollossa ollaan reissussa?", "pending", to="metsakone-leino"),
)
"""Asked on the stage; `pending` ones wait for the host's choice."""

BOOTH_QUESTIONS: tuple[tuple[str, tuple[Asked, ...]], ...] = (
    (
        "konepaja-harju",
        (
            Asked(
                "Voiko hitsausluokat suorittaa teillä?",
                "answered",
                votes=3,
                reply="Kyllä, työajalla ja meidän piikkiimme. Ensimmäisen luokan saat yleensä kahdessa kuukaudessa.",
                by="Konepaja Harju",
            ),
        ),
    ),
    (
        "pertun-tera",
        (
            Asked(
                "Onko työ raskasta selälle?",
                "answered",
                votes=1,
                reply="Isot terät nostetaan nostimella. Päivän seisot ja kävelet, mutta taakkoja ei kanneta.",
                by="Pertun Terä",
            ),
        ),
    ),
)
"""Asked at the booths."""

ORGANISER = ("Aino Lehtonen", "aino.lehtonen@miitti.example")
COHOST = ("Kalle Rantanen", "kalle.rantanen@tyollisyysalue.example")
"""Who runs the demo's events: name and address. The first may do everything, the second hosts the live one."""

INVITED = (
    ("Juuso Mäki", "juuso.maki@miitti.example", "presenter", None),
    ("Sanna Koski", "sanna.koski@tyollisyysalue.example", "moderator", None),
    ("Petra Salo", "petra.salo@puusaha.example", "company", "sysman-puusaha"),
)
"""Asked in and not come yet: name, address, role, and whose people they become."""

COME = ("aino.lehtonen@miitti.example", "kalle.rantanen@tyollisyysalue.example")
"""Those of the hosts who have been in; of the companies' people all but the last one have."""
