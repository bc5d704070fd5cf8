"""Layers that do not move, drawn again wherever a movement changes what lies behind them.

Part of the pipeline. Layers are those of layers/composite.py.
"""

from __future__ import annotations

import numpy as np

from animate.layers import resample
from animate.layers.composite import Layer
from animate.pipeline.blocks import any_in_blocks, spans_of


def lay(frame: np.ndarray, layer: Layer) -> None:
    """Lay a layer that does not move over a frame, in place."""
    left, top, right, bottom = layer.rectangle
    resample.lay(frame[top:bottom, left:right], layer.picture)


def trimmed(layer: Layer, changed: np.ndarray) -> list[Layer]:
    """The parts of a layer that does not move in which something behind it does; `changed` (H, W) bool."""
    left, top, right, bottom = layer.rectangle
    wanted = changed[top:bottom, left:right] & (layer.picture[..., 3] > 0)
    return [
        Layer(layer.index, (left + a, top + b, left + c, top + d), layer.picture[b:d, a:c].copy())
        for a, b, c, d in spans_of(any_in_blocks(wanted), layer.rectangle)
    ]
