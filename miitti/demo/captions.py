"""The captions of the demo's films: what is heard and what the company says, matched to the pictures."""

from __future__ import annotations

from miitti.demo.words import Cue, Words

CUES: dict[str, tuple[Cue, ...]] = {
    "konepaja-harju": (
        Cue(
            0.3,
            4.0,
            Words(
                "[Hitsauskaari rätisee]\nNäin syntyy harvesterin runko.",
                "[Ljusbågen sprakar]\nSå blir en skördares ram till.",
                "[The arc crackles]\nThis is how a harvester's frame is made.",
            ),
        ),
        Cue(4.2, 5.0, Words("[Hiljaista]", "[Tystnad]", "[Quiet]")),
        Cue(
            5.1,
            7.8,
            Words(
                "Opetamme, jos käsi on vakaa.",
                "Vi lär upp dig, om handen är stadig.",
                "We teach you, if your hand is steady.",
            ),
        ),
    ),
    "sysman-puusaha": (
        Cue(0.2, 1.1, Words("[Mustarastas laulaa]", "[En koltrast sjunger]", "[A blackbird sings]")),
        Cue(
            1.2,
            4.2,
            Words(
                "[Terä sahaa tukkia]\nTukki on lautana neljässä sekunnissa.",
                "[Klingan sågar]\nStocken blir brädor på fyra sekunder.",
                "[The blade cuts]\nA log becomes boards in four seconds.",
            ),
        ),
        Cue(
            4.6,
            7.8,
            Words(
                "Linjalla on neljä ihmistä vuorossa.\nTule viidenneksi.",
                "Fyra personer per skift sköter linjen.\nKom och bli den femte.",
                "Four people run the line.\nCome and be the fifth.",
            ),
        ),
    ),
    "joutsan-levytyo": (
        Cue(
            0.4,
            3.0,
            Words(
                "[Puristin painaa]\nYksi levy, kaksi taivutusta.",
                "[Pressen går ner]\nEn plåt, två bockningar.",
                "[The press comes down]\nOne sheet, two bends.",
            ),
        ),
        Cue(
            3.3,
            5.6,
            Words("Ensin laippa, sitten kouru.", "Först en fläns, sedan en ränna.", "First a flange, then a channel."),
        ),
        Cue(5.9, 7.8, Words("Uusi halli, vanha porukka.", "Ny hall, gammalt gäng.", "A new hall, an old crew.")),
    ),
    "ita-hameen-ikkuna": (
        Cue(
            0.2,
            2.9,
            Words(
                "[Puu liukuu puuta vasten]\nNeljä kappaletta mäntyä.",
                "[Trä glider mot trä]\nFyra bitar furu.",
                "[Wood slides on wood]\nFour pieces of pine.",
            ),
        ),
        Cue(
            3.2,
            4.9,
            Words("[Nuija kopauttaa kolmesti]", "[Klubban slår tre gånger]", "[The mallet knocks three times]"),
        ),
        Cue(
            5.1,
            7.8,
            Words(
                "Lasi paikoilleen.\nNyt se kestää sata talvea.",
                "Glaset på plats.\nNu håller det i hundra vintrar.",
                "The pane goes in.\nNow it lasts a hundred winters.",
            ),
        ),
    ),
    "pertun-tera": (
        Cue(
            0.4,
            3.9,
            Words(
                "[Hiomakivi sihisee, terä naksahtaa eteenpäin]\nHammas kerrallaan.",
                "[Slipstenen väser, klingan klickar framåt]\nEn tand i taget.",
                "[The stone hisses, the blade clicks on]\nOne tooth at a time.",
            ),
        ),
        Cue(
            4.2,
            7.8,
            Words(
                "Kolmekymmentäkuusi hammasta,\nja terä on taas uuden veroinen.",
                "Trettiosex tänder,\noch klingan är som ny igen.",
                "Thirty-six teeth,\nand the blade is as good as new.",
            ),
        ),
    ),
    "metsakone-leino": (
        Cue(
            0.3,
            3.9,
            Words(
                "[Diesel käy, linnut laulavat]\nHuollon jälkeen koeajo.",
                "[Dieseln går, fåglarna sjunger]\nEfter servicen en provkörning.",
                "[The diesel runs, birds sing]\nAfter the service, a test run.",
            ),
        ),
        Cue(
            4.2,
            5.9,
            Words("Puomi liikkuu taas pehmeästi.", "Bommen rör sig mjukt igen.", "The boom moves softly again."),
        ),
        Cue(
            6.1,
            7.8,
            Words(
                "Kaikki kunnossa, hyvää työpäivää!",
                "Allt i ordning, ha en bra dag!",
                "All in order, have a good day!",
            ),
        ),
    ),
}
"""By the slug of the booth."""


def webvtt(slug: str, language: str) -> str:
    """The captions of a booth's film in one language, as WebVTT."""
    lines = ["WEBVTT", ""]
    for cue in CUES[slug]:
        lines += [f"{_stamp(cue.start)} --> {_stamp(cue.end)}", getattr(cue.words, language), ""]
    return "\n".join(lines)


def _stamp(seconds: float) -> str:
    return f"00:00:{seconds:06.3f}"
