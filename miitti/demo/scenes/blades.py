"""Pertun Terä: a saw blade is ground tooth by tooth in the light of a bench lamp."""

from __future__ import annotations

import math

from PIL import Image

from miitti.demo.brush import (
    HEIGHT,
    NIGHT,
    PINE,
    ROWAN,
    SUN,
    WIDTH,
    Pen,
    Point,
    beam,
    between,
    canvas,
    cut,
    ease,
    glow,
    layer,
    mix,
    polar,
    soften,
    wash,
)
from miitti.demo.figures import Look, Pose, draw
from miitti.demo.film import SECONDS, Painter, Scene
from miitti.demo.scenes.sparks import draw_sparks, shower

BLADE: Point = (790.0, 440.0)
RADIUS = 206.0
TEETH = 36
BEAT = 1.0
"""One tooth is ground in this many seconds: turn on, come down, grind, lift."""
GRINDER = Look(
    coat=(36, 98, 146),
    trousers=(36, 50, 60),
    hair=(196, 170, 128),
    stripe=None,
    ears=ROWAN,
    glasses=True,
    gloves=(120, 92, 60),
    beard=True,
)
TOP: Point = (BLADE[0] - 60, BLADE[1] - RADIUS + 4)
"""Where stone and tooth meet."""


def _down(t: float) -> float:
    """How far down the stone is, 0-1, at `t` seconds."""
    phase = t % BEAT
    return between(phase, 0.3, 0.45) - between(phase, 0.82, 0.96)


def _turn(t: float) -> float:
    """Angle of the blade: a tooth further at the beginning of each beat."""
    return (math.floor(t / BEAT) + ease((t % BEAT) / 0.3)) * math.tau / TEETH


def _source(_t: float) -> Point:
    return (TOP[0] + 2, TOP[1])


def _outline(centre: Point, radius: float, teeth: int, turn: float) -> list[Point]:
    points = []
    for i in range(teeth):
        a = turn + i * math.tau / teeth
        step = math.tau / teeth
        points += [
            polar(centre, radius, a),
            polar(centre, radius * 0.985, a + step * 0.3),
            polar(centre, radius * 0.9, a + step * 0.62),
            polar(centre, radius * 0.89, a + step * 0.86),
        ]
    return points


def _prepare() -> Painter:
    still = canvas(NIGHT)
    wash(
        still,
        [
            (0, (70, 104, 132)),
            (0.55, (214, 158, 112)),
            (0.7, (244, 190, 120)),
            (0.71, (122, 120, 124)),
            (1, (62, 88, 104)),
        ],
        96,
        284,
    )
    view = Pen(still)
    view.blob([(40, 232), (110, 204), (180, 222), (240, 198), (330, 226), (330, 240), (40, 240)], (40, 62, 70))
    for i in range(14):
        h = 34 + 16 * math.sin(i * 2.2)
        view.shape([(56 + i * 20, 240 - h), (66 + i * 20, 242), (46 + i * 20, 242)], (28, 48, 54))
    view.box(150, 248, 236, 251, (250, 206, 140, 200), 1)
    view.box(170, 260, 222, 263, (250, 206, 140, 150), 1)
    window = still.crop((144, 192, 576, 568))
    wash(still, [(0, (32, 56, 58)), (0.6, (50, 78, 75)), (1, (30, 48, 48))], 0, 560)
    pen = Pen(still)
    for y in range(34, 560, 58):
        pen.box(0, y, WIDTH, y + 2, (27, 47, 49))
    pen.box(62, 86, 298, 294, (18, 33, 35), 6)
    still.paste(window, (144, 192))
    pen.box(177, 96, 183, 284, (18, 33, 35))
    pen.box(72, 186, 288, 192, (18, 33, 35))
    pen.box(50, 288, 310, 302, (40, 62, 62), 3)
    pen.box(232, 262, 256, 290, (150, 84, 60), 3)
    for dx in (-10, 0, 10):
        pen.line([(244, 264), (244 + dx, 236)], 3, (70, 122, 84))
    # Blades hanging on their nails
    for x, y, r, teeth in (
        (420, 170, 70, 28),
        (560, 120, 48, 22),
        (1010, 128, 58, 24),
        (1142, 196, 84, 30),
        (1240, 96, 40, 20),
    ):
        pen.oval((x + 5, y + 8), r, fill=(14, 28, 30, 110))
        pen.shape(_outline((x, y), r, teeth, 0.2 * x), (96, 118, 120))
        pen.oval((x, y), r * 0.86, fill=(112, 134, 134))
        pen.shape([(x, y), polar((x, y), r * 0.86, -2.4), polar((x, y), r * 0.86, -1.9)], (156, 174, 170))
        pen.oval((x, y), r * 0.15, fill=(28, 48, 50))
        pen.oval((x, y - r * 0.06), 3, fill=SUN)
    wash(still, [(0, (46, 58, 56)), (1, (20, 30, 31))], 556, HEIGHT)
    pen.box(0, 548, WIDTH, 560, (24, 40, 41))
    lamp = (806.0, 66.0)
    pen.lay(beam([(lamp[0] - 40, 70), (lamp[0] + 40, 70), (1150, 720), (420, 720)], (255, 224, 160), 0.3, 20))
    pen.paste(glow(430, (255, 214, 140), 0.32, power=1.6), (BLADE[0], BLADE[1] - 40))
    pen.line([(lamp[0], -10), (lamp[0], 30)], 4, (16, 26, 27))
    pen.shape([(lamp[0] - 20, 26), (lamp[0] + 20, 26), (lamp[0] + 62, 72), (lamp[0] - 62, 72)], PINE)
    pen.shape(
        [(lamp[0] - 20, 26), (lamp[0] - 6, 26), (lamp[0] - 30, 72), (lamp[0] - 62, 72)],
        mix(PINE, (255, 255, 255), 0.18),
    )
    pen.oval((lamp[0], 72), 62, 9, (255, 244, 210))
    # The machine's base behind the blade
    pen.oval((BLADE[0], 676), 300, 20, (10, 18, 19, 150))
    pen.box(BLADE[0] - 120, 560, BLADE[0] + 150, 680, (26, 66, 60), 10)
    pen.box(BLADE[0] + 70, 150, BLADE[0] + 150, 640, mix(PINE, (255, 255, 255), 0.08), 14)
    pen.box(BLADE[0] + 70, 150, BLADE[0] + 88, 640, mix(PINE, (255, 255, 255), 0.24), 12)
    pen.box(BLADE[0] - 150, 668, BLADE[0] + 190, 690, (16, 40, 37), 6)
    # The disc without its teeth does not change: its reflections stay where the lamp is
    disc = layer()
    face = Pen(disc)
    inner = RADIUS * 0.895
    face.oval(BLADE, inner, fill=(142, 160, 160))
    for i in range(90):
        a = i * math.tau / 90
        bright = max(0.0, math.cos(2 * (a + 1.9))) ** 3
        face.shape(
            [BLADE, polar(BLADE, inner, a), polar(BLADE, inner, a + math.tau / 88)],
            mix((128, 148, 149), (238, 240, 230), bright),
        )
    for k in (0.94, 0.8, 0.62):
        face.ring(BLADE, inner * k, 1.2, (116, 136, 138))
    metal = cut(disc)
    sparks = shower(14, SECONDS, 420, -2.72, 0.42, (180, 900), life=(0.3, 0.95), size=(1.2, 2.8))
    shine = glow(120, (255, 190, 90), 0.9, power=2.0)
    core = glow(26, (255, 250, 226), 1.0, power=1.0)
    front = layer()
    pen = Pen(front)
    pen.box(-60, 622, 420, 760, (14, 26, 27), 8)
    for i in range(3):
        pen.shape(_outline((110 + i * 70, 640 - i * 4), 92, 26, i * 0.4), mix((40, 58, 60), (90, 108, 108), i * 0.3))
    near = cut(soften(front, 3.5))

    def paint(t: float) -> Image.Image:
        picture = still.copy()
        pen = Pen(picture)
        down, turn = _down(t), _turn(t)
        # The sparks fly past behind the man, who at the machine's left side and leads the stone with a lever.
        x = 420 + 3 * math.sin(t * 1.2)
        lever = (TOP[0] - 146, TOP[1] + 74 + 22 * down)
        pose = Pose(
            hip=(x, 548),
            neck=(x + 36, 322 + 3 * down),
            hands=(lever, (BLADE[0] - 206, 470)),
            feet=((x - 30, 690), (x + 40, 694)),
            nod=0.6 + 0.15 * down,
        )
        draw_sparks(pen, sparks, t, _source, lambda at: 1.0 if _down(at) > 0.9 else 0.0, 668)
        draw(pen, GRINDER, pose, 68, arms="far")
        pen.shape(_outline(BLADE, RADIUS, TEETH, turn), (158, 174, 172))
        pen.lay(metal)
        for i in range(4):
            pen.oval(polar(BLADE, RADIUS * 0.5, turn + i * math.pi / 2), 12, fill=(36, 62, 60))
            pen.arc(polar(BLADE, RADIUS * 0.5, turn + i * math.pi / 2), 12, 20, 160, 2, (226, 232, 224))
        for i in range(8):  # Slots that keep the blade cool
            a = turn + 0.3 + i * math.tau / 8
            pen.line([polar(BLADE, RADIUS * 0.7, a), polar(BLADE, RADIUS * 0.84, a + 0.05)], 3, (84, 104, 104))
        pen.oval(BLADE, 44, fill=(30, 76, 68))
        pen.oval(BLADE, 44 - 8, fill=mix(PINE, (255, 255, 255), 0.16))
        for i in range(6):
            pen.oval(polar(BLADE, 24, turn + i * math.tau / 6), 4, fill=(20, 40, 38))
        pen.oval(BLADE, 11, fill=SUN)
        # The grinding head on its column
        lift = 34 * (1 - down)
        hx, hy = TOP[0] + 4, TOP[1] - 46 - lift
        pen.limb((BLADE[0] + 106, 196), (hx + 40, hy - 22), 46, 38, mix(PINE, (255, 255, 255), 0.14))
        pen.box(hx + 10, hy - 66, hx + 84, hy + 2, SUN, 10)
        pen.box(hx + 10, hy - 66, hx + 84, hy - 54, mix(SUN, (255, 255, 255), 0.4), 8)
        pen.line([(hx + 20, hy - 34), (lever[0] + 30, lever[1] - 110), lever], 9, (58, 78, 78))
        pen.limb(lever, (lever[0] + 8, lever[1] - 30), 13, 13, ROWAN)
        pen.oval((hx, hy), 44, fill=(112, 62, 48))
        pen.oval((hx, hy), 38, fill=(176, 104, 78))
        spin = t * 31
        for i in range(3):
            pen.arc((hx, hy), 26, math.degrees(spin) + i * 120, math.degrees(spin) + i * 120 + 46, 4, (206, 138, 108))
        pen.oval((hx, hy), 13, fill=(60, 74, 74))
        pen.arc((hx, hy), 50, 180, 330, 10, (44, 62, 62))
        draw(pen, GRINDER, pose, 68, arms="near")
        if down > 0.6:
            flicker = 0.8 + 0.2 * math.sin(t * 61)
            pen.paste(shine, TOP, flicker)
        if down > 0.6:
            pen.paste(core, TOP)
        pen.lay(near)
        return picture

    return paint


SCENE = Scene(
    slug="pertun-tera",
    prepare=_prepare,
    # Once a second: the ratchet's click, then the stone's bright whisper.
    sound=(
        "aevalsrc='0.03*sin(2*PI*100*t)+0.02*sin(2*PI*298*t)+0.012*sin(2*PI*597*t)':s=24000:d=8[motor];"
        "anoisesrc=c=white:a=0.35:s=12:r=24000:d=8,highpass=f=2600,lowpass=f=9000,tremolo=f=31:d=0.3,"
        "volume='0.5*between(mod(t,1),0.42,0.86)':eval=frame[stone];"
        "aevalsrc='0.05*between(mod(t,1),0.42,0.86)*(sin(2*PI*2093*t)+0.5*sin(2*PI*3140*t))':s=24000:d=8[ring];"
        "aevalsrc='0.35*exp(-60*mod(t+0.75,1))*sin(2*PI*880*t)+0.2*exp(-50*mod(t+0.95,1))*sin(2*PI*540*t)':s=24000:d=8[click];"
        "[motor][stone][ring][click]amix=inputs=4:normalize=0,afade=t=in:d=0.4,afade=t=out:st=7.4:d=0.6,aformat=channel_layouts=stereo[sound]"
    ),
)
