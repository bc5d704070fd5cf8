"""Makes the example photographs from the public-domain NASA portrait of Eileen Collins that scikit-image carries.

    python examples/make_photos.py [folder]

portrait.jpg is a colour portrait, old_print.jpg the same as a faded and battered print of long ago, group.jpg two
sitters in one picture. Everything is drawn from a fixed seed. Pictures here are float, 0..1: grey (H, W) or
RGB (H, W, 3).
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw
from scipy.ndimage import affine_transform, gaussian_filter, zoom
from skimage.data import astronaut
from skimage.segmentation import random_walker

BUST = np.s_[:330, 98:352]  # the part of the portrait without flag and rocket
GROUP = np.s_[:350, :400]  # the part with both shoulders, above the helmet
FACE = (228, 115)  # its middle, (x, y)
FILM = np.array([0.08, 0.52, 0.40])  # old film hardly saw red
PAPER = np.array([0.93, 0.88, 0.77])
SEPIA = np.array([[0.17, 0.11, 0.075], [0.50, 0.38, 0.27], [0.90, 0.83, 0.69]])  # shadows, middle, lights


def main(folder: Path) -> None:
    """Writes the three photographs into `folder`."""
    for name, draw, quality in (("portrait", portrait, 90), ("old_print", old_print, 82), ("group", group, 88)):
        pixels = (draw().clip(0, 1) * 255 + 0.5).astype(np.uint8)
        Image.fromarray(pixels).save(folder / f"{name}.jpg", quality=quality, optimize=True)


def portrait(height: int = 1024) -> np.ndarray:
    """Head and shoulders in colour, enlarged, with the fine grain of film so that it does not look enlarged."""
    random = np.random.default_rng(1)
    picture = enlarge(astronaut()[BUST] / 255, height)
    return picture + grain(picture.shape[:2], random, size=0.7, strength=0.018)[..., None]


def old_print(width: int = 900, height: int = 1200, border: int = 52) -> np.ndarray:
    """A vignetted studio portrait in sepia on a bordered sheet: faded, stained, grainy, dusty, scratched and folded."""
    random = np.random.default_rng(1923)
    inner = (height - 2 * border - 30, width - 2 * border)
    tone = vignette(old_film(inner), centre=(0.38, 0.5), radii=(0.43, 0.47))
    tone = 0.06 + 0.88 * tone
    tone += grain(inner, random, size=0.8, strength=0.09) * tone * (1.12 - tone)
    sheet = np.ones((height, width, 3)) * PAPER
    sheet[border : border + inner[0], border : border + inner[1]] = sepia(tone)
    sheet = age(sheet, random)
    size = sheet.shape[:2]
    for mark, colour, strength in (
        (scratches(size, random), 0.97, 0.8),
        (dust(size, random), 0.97, 0.7),
        (dust(size, random, count=60), 0.12, 0.6),
    ):
        sheet += (colour * PAPER - sheet) * (mark * strength)[..., None]
    return fold(sheet, random)


def group(width: int = 1400, height: int = 1000) -> np.ndarray:
    """Two sitters before one backdrop, in black and white: the second is mirrored, smaller, turned and darker."""
    random = np.random.default_rng(1951)
    colours = astronaut()[GROUP] / 255
    cover, grey = outline(colours), colours @ np.array([0.30, 0.50, 0.20])
    scene = backdrop(width, height, random)
    mirrored = darker(grey, colours)[:, ::-1], cover[:, ::-1], (grey.shape[1] - FACE[0], FACE[1])
    scene = stand(scene, *mirrored, scale=2.45, turn=0.045, to=(985, 445))
    scene = stand(scene, grey, cover, FACE, scale=2.85, turn=-0.015, to=(535, 335))
    scene = 0.05 + 0.9 * gaussian_filter(scene, 0.6) + grain((height, width), random, size=0.8, strength=0.02)
    return scene[..., None] * np.array([1.0, 0.975, 0.93])


def enlarge(picture: np.ndarray, height: int) -> np.ndarray:
    """`picture` at `height`, smooth and a little sharpened."""
    factor = height / picture.shape[0]
    large = zoom(picture, (factor, factor) + (1,) * (picture.ndim - 2), order=3, mode="nearest", grid_mode=True)
    spread = (2.0, 2.0) + (0,) * (picture.ndim - 2)
    return (large + 0.6 * (large - gaussian_filter(large, spread))).clip(0, 1)


def grain(shape: tuple[int, int], random: np.random.Generator, *, size: float, strength: float) -> np.ndarray:
    """Film grain (H, W) around 0 with standard deviation `strength` and grains of about `size` pixels."""
    noise = gaussian_filter(random.standard_normal(shape), size)
    return noise / noise.std() * strength


def clouds(shape: tuple[int, int], random: np.random.Generator, size: float) -> np.ndarray:
    """Soft blotches (H, W) of about `size` pixels, 0..1."""
    small = gaussian_filter(random.standard_normal((shape[0] // 8 + 1, shape[1] // 8 + 1)), size / 8)
    large = zoom(small, 8, order=1)[: shape[0], : shape[1]]
    return (large - large.min()) / np.ptp(large)


def old_film(shape: tuple[int, int]) -> np.ndarray:
    """The sitter in the tones of orthochromatic film, filling `shape`, a little soft."""
    height, width = shape
    grey = enlarge(astronaut()[BUST][:290] / 255 @ FILM, height)
    left = (grey.shape[1] - width) // 2
    return gaussian_filter(grey[:, left : left + width], 1.3) ** 0.85


def vignette(tone: np.ndarray, *, centre: tuple[float, float], radii: tuple[float, float]) -> np.ndarray:
    """`tone` fading into light paper outside an oval; centre (y, x) and radii are shares of height and width."""
    y, x = np.ogrid[: tone.shape[0], : tone.shape[1]]
    distance = np.hypot((y / tone.shape[0] - centre[0]) / radii[0], (x / tone.shape[1] - centre[1]) / radii[1])
    keep = 1 - smoothstep((distance - 0.72) / 0.5)
    return tone * keep + 0.94 * (1 - keep)


def smoothstep(value: np.ndarray) -> np.ndarray:
    value = value.clip(0, 1)
    return value * value * (3 - 2 * value)


def sepia(tone: np.ndarray) -> np.ndarray:
    """Grey (H, W) as the browns of an old silver print."""
    return np.stack([np.interp(tone, (0, 0.5, 1), SEPIA[:, channel]) for channel in range(3)], axis=-1)


def age(sheet: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Fading in blotches, yellowed and dirty edges, foxing."""
    shape = sheet.shape[:2]
    y, x = np.ogrid[: shape[0], : shape[1]]
    edges = sum(np.exp(-away / 40) for away in (y, shape[0] - 1 - y, x, shape[1] - 1 - x))
    dirt = np.minimum(edges, 1.2) * (0.2 + clouds(shape, random, 60))
    sheet = sheet + (PAPER - sheet) * (0.16 * clouds(shape, random, 160))[..., None]
    sheet = sheet * (1 - dirt[..., None] * np.array([0.20, 0.27, 0.38]))
    foxing = np.zeros(shape)
    for _ in range(26):
        row, column, radius = random.uniform(0, shape[0]), random.uniform(0, shape[1]), random.gamma(2, 2.2)
        foxing += random.uniform(0.1, 0.4) * np.exp(-(((y - row) ** 2 + (x - column) ** 2) / (2 * radius**2)))
    return sheet * (1 - foxing.clip(0, 0.6)[..., None] * np.array([0.25, 0.42, 0.62]))


def scratches(shape: tuple[int, int], random: np.random.Generator, count: int = 45) -> np.ndarray:
    """Fine scratches (H, W), 0..1: slightly bent, broken, mostly upright."""
    sheet = Image.new("L", (shape[1] * 2, shape[0] * 2))
    draw = ImageDraw.Draw(sheet)
    for _ in range(count):
        start, angle = random.uniform(0, 2, 2) * (shape[1], shape[0]), np.pi / 2 + random.normal(0, 0.35)
        length, bend = random.gamma(2, 110), random.normal(0, 0.0012)
        for _step in np.arange(0, length, 6):
            end = start + 6 * np.array([np.cos(angle), np.sin(angle)])
            if random.random() < 0.85:
                draw.line([*start, *end], fill=int(random.uniform(70, 255)), width=int(random.integers(1, 4)))
            start, angle = end, angle + 6 * bend + random.normal(0, 0.02)
    return gaussian_filter(np.asarray(sheet.resize(shape[::-1], Image.Resampling.BOX)) / 255, 0.5)


def dust(shape: tuple[int, int], random: np.random.Generator, count: int = 260) -> np.ndarray:
    """Specks and a few short hairs (H, W), 0..1."""
    sheet = Image.new("L", (shape[1] * 2, shape[0] * 2))
    draw = ImageDraw.Draw(sheet)
    for _ in range(count):
        (x, y), radius = random.uniform(0, 2, 2) * (shape[1], shape[0]), random.gamma(1.6, 0.9)
        flat = radius * random.uniform(0.5, 1)
        draw.ellipse([x - radius, y - flat, x + radius, y + radius], fill=int(random.uniform(80, 230)))
    for _ in range(count // 40):
        (x, y), turn = random.uniform(0, 2, 2) * (shape[1], shape[0]), random.uniform(0, 360)
        end = x + random.uniform(30, 90), y + random.uniform(20, 70)
        draw.arc([x, y, *end], turn, turn + random.uniform(50, 140), fill=150, width=2)
    return gaussian_filter(np.asarray(sheet.resize(shape[::-1], Image.Resampling.BOX)) / 255, 0.5)


def fold(sheet: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """A crease across the lower half and one over a corner: cracked emulsion, a lit and a shaded side."""
    height, width = sheet.shape[:2]
    y, x = np.mgrid[:height, :width]
    wobble = 5 * (clouds((height, width), random, 40) - 0.5)
    flecks = grain((height, width), random, size=1.0, strength=1.0)
    across, corner = y - 0.70 * height - 0.06 * x, 0.83 * (x - 0.86 * width) - 0.56 * (y - 0.10 * height)
    for distance, depth in ((across + wobble, 1.0), (corner + wobble, 0.8)):
        crack = np.exp(-((distance / 1.1) ** 2)) * (0.35 + 1.2 * (flecks > -0.2)) / 1.55
        flaked = np.exp(-((distance / 4) ** 2)) * (flecks > 1.3)
        shade = 0.10 * np.exp(-np.abs(distance) / 22) * np.sign(distance)
        sheet = sheet * (1 - depth * shade[..., None])
        sheet = sheet + (PAPER - sheet) * (depth * 0.8 * np.maximum(crack, flaked))[..., None]
    return sheet


def outline(colours: np.ndarray) -> np.ndarray:
    """How much of each pixel is sitter (H, W), 0..1: a random walk from sure places, drawn by hand, to all others."""
    seeds = Image.new("L", colours.shape[1::-1], 2)
    draw = ImageDraw.Draw(seeds)
    draw.polygon(AROUND, fill=0)
    draw.polygon(WITHIN, fill=1)
    share = random_walker(
        colours,
        np.asarray(seeds).astype(np.int32),
        beta=250,
        mode="cg_j",
        prob_tol=0.1,
        channel_axis=-1,
        return_full_prob=True,
    )[0]
    return gaussian_filter(smoothstep((share - 0.3) / 0.4), 0.7)


# (x, y) in NASA's portrait: a line that runs safely outside the sitter, and one that runs safely inside.
AROUND = (
    (10, 360),
    (16, 310),
    (26, 282),
    (48, 252),
    (80, 222),
    (105, 200),
    (108, 172),
    (140, 143),
    (172, 140),
    (170, 130),
    (146, 100),
    (148, 55),
    (185, 18),
    (235, 9),
    (285, 25),
    (308, 70),
    (304, 110),
    (284, 134),
    (273, 142),
    (265, 160),
    (276, 170),
    (310, 215),
    (315, 230),
    (345, 240),
    (366, 275),
    (372, 310),
    (375, 360),
)
WITHIN = (
    (40, 360),
    (58, 300),
    (76, 270),
    (122, 222),
    (124, 180),
    (150, 158),
    (178, 168),
    (189, 158),
    (182, 126),
    (162, 110),
    (160, 66),
    (190, 34),
    (232, 23),
    (275, 38),
    (294, 75),
    (290, 104),
    (262, 126),
    (249, 164),
    (258, 182),
    (294, 222),
    (302, 245),
    (334, 262),
    (346, 300),
    (350, 360),
)


def darker(grey: np.ndarray, colours: np.ndarray) -> np.ndarray:
    """The second sitter: hair and suit of another tone, the face left as it is."""
    red, _, blue = np.moveaxis(colours, -1, 0)
    y = np.arange(grey.shape[0])[:, None]
    suit = gaussian_filter(smoothstep((red - blue - 0.45) / 0.2) * (y > 195), 1)
    hair = gaussian_filter(smoothstep((0.62 - grey) / 0.25) * smoothstep((red - blue - 0.06) / 0.1) * (y < 132), 1)
    return grey * (1 - 0.62 * suit) * (1 - 0.5 * hair)


def backdrop(width: int, height: int, random: np.random.Generator) -> np.ndarray:
    """A painted studio cloth (H, W), lighter in the middle."""
    y, x = np.ogrid[:height, :width]
    light = np.exp(-(((x / width - 0.5) / 0.6) ** 2 + ((y / height - 0.4) / 0.8) ** 2))
    return 0.38 + 0.22 * light + 0.16 * clouds((height, width), random, 90) + 0.05 * clouds((height, width), random, 30)


def stand(
    scene: np.ndarray,
    person: np.ndarray,
    cover: np.ndarray,
    face: tuple[int, int],
    *,
    scale: float,
    turn: float,
    to: tuple[int, int],
) -> np.ndarray:
    """The scene with a person before it, who throws a soft shadow; enlarged, turned (radians), the face at `to`."""
    spin = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) / scale
    shift = np.array(face[::-1]) - spin @ to[::-1]
    large, cover = (
        affine_transform(part, spin, shift, output_shape=scene.shape, order=3, mode="nearest").clip(0, 1)
        for part in (person, cover)
    )
    scene = scene * (1 - 0.3 * gaussian_filter(cover, 35))
    return scene * (1 - cover) + large * cover


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
