"""What each bundled gesture does and when: a table of movements, which gestures.py turns into motion.

Conventions: a movement is (amount, start, rise, hold, fall), times in seconds. Turns are in degrees: pitch (nod down),
yaw (to the picture's left), roll (lean to the picture's right). `aim` is where the eyes are directed, in degrees beside
the lens, to the picture's left and downwards; they are there before the head follows. Other amounts are parts of a
measured shape at full strength, or eye distances (rise: the neck upwards), or a part of the head's size (near).
"""

from __future__ import annotations

from dataclasses import dataclass

Movement = tuple[float, float, float, float, float]
Movements = tuple[Movement, ...]


@dataclass(frozen=True)
class Plan:
    """One gesture: texts for people, the recording whose sway it carries, blinks, and movements channel by channel."""

    name: str
    title: str
    description: str
    seconds: float
    calm: tuple[str, int]  # clip, first frame
    blinks: tuple[float, ...]
    pitch: Movements = ()
    yaw: Movements = ()
    roll: Movements = ()
    aim_x: Movements = ()
    aim_y: Movements = ()
    near: Movements = ()
    rise: Movements = ()
    lids: Movements = ()
    smile: Movements = ()
    laugh: Movements = ()
    surprise: Movements = ()
    wink: Movements = ()
    mouth: float = 0.0  # how far the lips may part, 1 as far as the movement parts them


PLANS = (
    Plan(
        "classic",
        "A moment of life",
        "A look aside, back to you, a blink, and the beginning of a smile.",
        seconds=7.4,
        calm=("lp_d13_1", 4),
        blinks=(2.44, 5.9),
        aim_x=((23, 0.55, 0.1, 1.75, 0.12),),
        yaw=((18.5, 0.7, 1.0, 0.75, 1.15),),
        pitch=((-2, 0.7, 0.9, 0.8, 1.0), (2.2, 2.5, 0.6, 0.2, 0.9), (-1.2, 4.0, 1.0, 0.7, 1.0)),
        roll=((3, 4.0, 1.0, 0.7, 1.0),),
        smile=((0.65, 4.0, 0.9, 1.2, 1.2),),
        near=((0.012, 4.0, 1.0, 0.9, 1.0),),
    ),
    Plan(
        "look-around",
        "A look around",
        "The eyes go first and the head follows, to one side and to the other.",
        seconds=6.6,
        calm=("lp_d13_1", 5),
        blinks=(2.2, 4.6),
        aim_x=((25, 0.45, 0.1, 1.6, 0.16), (-24, 2.15, 0.16, 2.2, 0.12)),
        yaw=((20, 0.6, 0.95, 0.65, 1.3), (-19, 2.25, 1.3, 0.75, 1.15)),
        pitch=((-2, 0.6, 0.9, 0.5, 1.0), (1.5, 2.3, 0.9, 0.8, 1.1)),
    ),
    Plan(
        "smile",
        "A smile",
        "A warm smile, up to the eyes.",
        seconds=5.2,
        calm=("lp_d9_0", 5),
        blinks=(0.5, 3.7),
        pitch=((-2.5, 0.7, 0.7, 1.3, 1.1),),
        yaw=((3, 0.7, 1.0, 1.0, 1.1),),
        roll=((4, 0.8, 0.9, 1.1, 1.0),),
        smile=((1, 0.7, 0.7, 1.8, 1.4),),
        near=((0.012, 0.7, 0.9, 1.1, 1.1),),
    ),
    Plan(
        "hello",
        "Hello",
        "A flash of the brows, a smile and a nod, as one greets a friend.",
        seconds=5.2,
        calm=("lp_d5_0", 2),
        blinks=(2.3,),
        pitch=((-4, 0.45, 0.35, 0.05, 0.5), (7.5, 1.25, 0.42, 0.05, 0.75)),
        yaw=((3, 0.6, 0.9, 1.1, 1.1),),
        roll=((4, 0.6, 0.9, 1.2, 1.1),),
        smile=((0.6, 0.6, 0.6, 2.0, 1.4),),
        laugh=((0.34, 0.6, 0.6, 1.3, 1.2),),
        surprise=((0.7, 0.45, 0.22, 0.2, 0.5),),
        mouth=0.4,
    ),
    Plan(
        "nod",
        "A nod",
        "Two nods, the second one smaller.",
        seconds=4.0,
        calm=("lp_d18_0", 30),
        blinks=(2.7,),
        pitch=((-2, 0.3, 0.28, 0, 0.3), (9.5, 0.6, 0.42, 0.02, 0.46), (6, 1.45, 0.4, 0.02, 0.7)),
        yaw=((1.5, 0.6, 0.8, 0.4, 1.0),),
        smile=((0.25, 0.7, 0.6, 1.0, 1.2),),
    ),
    Plan(
        "tilt",
        "A tilt of the head",
        "The head leans to one side, with a friendly face, and comes upright.",
        seconds=5.2,
        calm=("lp_d5_0", 2),
        blinks=(0.6, 3.1),
        pitch=((1.5, 0.6, 0.9, 1.0, 1.1),),
        yaw=((3.5, 0.6, 1.0, 1.0, 1.1),),
        roll=((12, 0.6, 1.0, 1.2, 1.2),),
        smile=((0.4, 1.0, 0.8, 1.1, 1.2),),
    ),
    Plan(
        "glance-back",
        "A glance back",
        "The head turns away; the eyes come back first, and the head comes after them.",
        seconds=6.6,
        calm=("lp_d7_0", 2),
        blinks=(1.95, 4.6),
        aim_x=((24, 0.4, 0.1, 1.45, 0.12),),
        yaw=((20, 0.52, 0.95, 0.55, 0.9), (12, 2.0, 0.9, 1.15, 1.2)),
        pitch=((3, 0.6, 0.9, 1.0, 1.2),),
        roll=((-3, 1.9, 0.9, 1.2, 1.2),),
        smile=((0.5, 2.4, 0.8, 1.3, 1.2),),
    ),
    Plan(
        "look-up",
        "A look up",
        "The eyes and then the head go up, as if something were passing overhead, and come back.",
        seconds=5.4,
        calm=("lp_d13_1", 20),
        blinks=(2.9,),
        aim_x=((7, 0.5, 0.1, 2.1, 0.12),),
        aim_y=((-24, 0.5, 0.1, 2.1, 0.12),),
        pitch=((-12.5, 0.63, 0.95, 1.1, 1.1),),
        yaw=((5, 0.63, 1.0, 1.1, 1.1),),
        surprise=((0.3, 0.6, 0.5, 1.5, 0.8),),
    ),
    Plan(
        "laugh",
        "A laugh",
        "The head goes back a little and the mouth opens in a laugh.",
        seconds=5.6,
        calm=("lp_d18_0", 10),
        blinks=(0.5, 3.9),
        pitch=(
            (-6, 0.8, 0.55, 1.2, 1.0),
            (2, 1.3, 0.2, 0, 0.2),
            (2, 1.7, 0.2, 0, 0.2),
            (1.5, 2.1, 0.2, 0, 0.22),
        ),
        yaw=((4, 0.8, 0.9, 1.2, 1.1),),
        roll=((4.5, 0.8, 0.9, 1.3, 1.1),),
        rise=((0.02, 1.3, 0.2, 0, 0.2), (0.02, 1.7, 0.2, 0, 0.2), (0.015, 2.1, 0.2, 0, 0.22)),
        laugh=((0.62, 0.75, 0.5, 1.2, 1.2),),
        smile=((0.65, 0.7, 0.6, 1.6, 1.7),),
        mouth=0.6,
    ),
    Plan(
        "thinking",
        "Thinking",
        "The eyes go up and to the side, the head leans; then the thought is there.",
        seconds=6.6,
        calm=("lp_d7_0", 15),
        blinks=(2.0, 3.75),
        aim_x=((27, 0.5, 0.1, 3.0, 0.12), (-16, 2.1, 0.1, 0.9, 0.1)),
        aim_y=((-22, 0.5, 0.1, 3.0, 0.12),),
        yaw=((11, 0.65, 1.1, 1.9, 1.1),),
        pitch=((-5, 0.65, 1.1, 1.8, 1.0), (4, 4.0, 0.45, 0.05, 0.7)),
        roll=((7, 0.7, 1.1, 1.8, 1.1),),
        surprise=((0.25, 0.6, 0.5, 2.2, 0.8),),
        smile=((0.4, 3.9, 0.6, 0.7, 1.2),),
    ),
    Plan(
        "shy",
        "Shy",
        "Eyes and head go down and aside; the eyes come up first, with a small smile.",
        seconds=6.4,
        calm=("lp_d5_0", 2),
        blinks=(2.3, 4.8),
        aim_x=((10, 0.5, 0.12, 1.7, 0.14),),
        aim_y=((20, 0.5, 0.14, 1.65, 0.16),),
        pitch=((9, 0.62, 1.0, 1.5, 1.3),),
        yaw=((12, 0.62, 1.0, 1.5, 1.3),),
        roll=((4, 0.7, 1.0, 1.5, 1.3),),
        rise=((-0.03, 0.6, 1.0, 1.5, 1.3),),
        lids=((0.25, 0.55, 0.25, 1.35, 0.3),),
        smile=((0.55, 1.2, 0.9, 1.8, 1.4),),
    ),
    Plan(
        "proud",
        "Proud",
        "A deep breath, the chin comes up, the head stays high, and settles.",
        seconds=5.8,
        calm=("lp_d14_1", 30),
        blinks=(3.4,),
        pitch=((-8, 0.5, 1.2, 1.3, 1.2),),
        yaw=((7, 0.6, 1.2, 1.2, 1.2),),
        rise=((0.08, 0.4, 1.3, 1.3, 1.3),),
        lids=((0.08, 0.6, 0.8, 1.6, 1.0),),
        smile=((0.4, 1.6, 0.8, 1.0, 1.3),),
        near=((-0.01, 0.5, 1.2, 1.2, 1.2),),
    ),
    Plan(
        "wink",
        "A wink",
        "One eye closes for a moment, with half a smile.",
        seconds=4.4,
        calm=("lp_d9_0", 20),
        blinks=(3.2,),
        pitch=((2, 0.9, 0.5, 0.4, 0.8),),
        yaw=((5, 0.6, 0.8, 0.8, 1.0),),
        roll=((5, 0.6, 0.8, 0.8, 1.0),),
        smile=((0.3, 0.7, 0.6, 1.2, 1.2),),
        wink=((1, 1.15, 0.16, 0.26, 0.28),),
    ),
    Plan(
        "surprise",
        "Surprise",
        "The brows go up, the eyes open wide, and all settles again.",
        seconds=4.2,
        calm=("lp_d9_0", 40),
        blinks=(0.3, 2.6),
        pitch=((-5, 0.72, 0.35, 0.7, 0.9),),
        yaw=((1.5, 0.7, 0.5, 0.8, 1.0),),
        near=((-0.012, 0.72, 0.35, 0.7, 0.9),),
        surprise=((1, 0.7, 0.26, 0.8, 0.9),),
        mouth=0.15,
    ),
    Plan(
        "hint-of-a-smile",
        "A hint of a smile",
        "The corners of the mouth rise a little, and sink again.",
        seconds=5.2,
        calm=("lp_d13_1", 8),
        blinks=(0.7, 3.6),
        pitch=((1.5, 0.9, 0.9, 1.2, 1.0),),
        yaw=((2.5, 0.9, 1.0, 1.1, 1.1),),
        roll=((3, 0.9, 1.0, 1.1, 1.1),),
        smile=((0.5, 0.9, 0.9, 1.3, 1.4),),
    ),
    Plan(
        "glance",
        "A glance",
        "The eyes go aside for a moment and come back.",
        seconds=4.0,
        calm=("lp_d7_0", 10),
        blinks=(2.05,),
        aim_x=((24, 0.6, 0.1, 1.2, 0.12),),
        yaw=((5, 0.75, 0.7, 0.5, 0.8),),
        pitch=((1, 0.8, 0.5, 0.6, 0.8),),
    ),
    Plan(
        "blink",
        "A blink",
        "Two natural blinks, nothing else to speak of.",
        seconds=4.0,
        calm=("lp_d9_0", 20),
        blinks=(0.9, 2.7),
        pitch=((0.7, 0.8, 0.3, 0.1, 0.5), (0.6, 2.6, 0.3, 0.1, 0.5)),
        yaw=((1, 0.6, 1.0, 0.4, 1.0),),
    ),
    Plan(
        "breath",
        "A breath",
        "One quiet breath and a blink; the gentlest of all.",
        seconds=4.8,
        calm=("lp_d13_1", 4),
        blinks=(2.7,),
        pitch=((-2.2, 0.3, 1.4, 0.2, 1.5),),
        yaw=((1, 0.5, 1.3, 0.4, 1.4),),
        rise=((0.06, 0.3, 1.5, 0.15, 2.2),),
        near=((0.01, 0.3, 1.5, 0.15, 1.7),),
    ),
)
