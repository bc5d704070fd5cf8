"""Which page of a TIFF is read: the largest, or the one asked for; of other files that hold several pictures the first.

A scanner's TIFF may begin with a thumbnail. Pages count from 1. Nothing is decoded here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from animate.core.errors import UnreadablePhoto

if TYPE_CHECKING:
    from PIL import Image

MOST = 200  # pages whose size is compared
_SUBFILE_TYPE, _MASK = 254, 4  # TIFF tag, and its bit for a transparency mask
_LAYERS = ("PSD", "MPO")  # one picture, with its layers or its two views


@dataclass(frozen=True)
class Choice:
    """page that is read; count of all, `MOST` where there are more; pages False for the frames of an animation."""

    page: int
    count: int
    pages: bool = True

    @property
    def note(self) -> tuple[str, ...]:
        """What a person should know of it, one sentence or none."""
        if self.count < 2:
            return ()
        if not self.pages:
            return ("the file holds several pictures; the first was used",)
        return (f"the file holds {self._how_many} pages; number {self.page} was used",)

    @property
    def advice(self) -> str:
        """What to add to the hint of an error with this page."""
        if self.count < 2 or not self.pages:
            return ""
        return f"; the file holds {self._how_many} pages, this is number {self.page}: another can be chosen"

    @property
    def _how_many(self) -> str:
        return f"{self.count} or more" if self.count >= MOST else str(self.count)


def choose(image: Image.Image, page: int, what: str) -> Choice:
    """Turn `image` to a page of a TIFF: number `page`, or the largest where that is 0.

    Raises:
        UnreadablePhoto: there is no such page.
    """
    if image.format != "TIFF":
        animated = getattr(image, "is_animated", False) and image.format not in _LAYERS
        _check(page, 1, what)
        return Choice(1, 2 if animated else 1, pages=False)
    sizes = _sizes(image)
    _check(page, len(sizes), what)
    page = page or sizes.index(max(sizes)) + 1
    if len(sizes) > 1:
        image.seek(page - 1)
    return Choice(page, len(sizes))


def _check(page: int, count: int, what: str) -> None:
    if not 0 <= page <= count:
        hint = f"its pages are 1 to {count}; 0 takes the largest" if count > 1 else "it has one page"
        raise UnreadablePhoto(f"{what} has no page {page}", hint=hint)


def _sizes(image: Image.Image) -> list[int]:
    """Pixels of each page, 0 for masks and pages whose header cannot be read; no more than `MOST`."""
    sizes: list[int] = []
    while len(sizes) < MOST:
        try:
            image.seek(len(sizes))
        except EOFError:
            break
        except (OSError, SyntaxError, ValueError, TypeError, LookupError):
            sizes.append(0)
            continue
        mask = int(image.tag_v2.get(_SUBFILE_TYPE, 0)) & _MASK
        sizes.append(0 if mask else image.width * image.height)
    return sizes or [image.width * image.height]
