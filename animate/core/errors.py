"""What can go wrong, as one tree, so that a caller can catch as much or as little as it wants.

    KeepsakeError
    |-- PhotoError              the photograph
    |   |-- UnreadablePhoto     not a picture, damaged, cut off
    |   |-- PhotoTooLarge       over the limits of pixels or bytes
    |   |-- PhotoTooSmall       nothing in it can be animated
    |   `-- NoFace              no face found, or the box given holds none
    |-- DriverError             the movement
    |   |-- UnreadableVideo     not a video, damaged, no picture stream
    |   |-- NoFaceInDriver      no face in any frame
    |   |-- UnknownGesture      neither the name of a gesture nor a file
    |   `-- BadGestureFile      a gesture file that does not fit its format
    |-- WeightsError            the networks' files
    |   |-- WeightsMissing      not bundled, not in the cache
    |   |-- WeightsDamaged      wrong hash, wrong keys, wrong shapes
    |   `-- KeypointsMixed      keypoints of one model given to another
    |-- OptionError             a choice outside its range
    |-- OutputError             the clip cannot be written there
    |-- TrainingDataMissing     --data does not hold what the trainer reads
    |-- MissingExtra            an optional part is not installed
    `-- Cancelled               the person stopped it

Every error has a `hint`: what to do next, in one sentence.
"""

from __future__ import annotations


class KeepsakeError(Exception):
    """Base of all; `str(error)` is what came and what was expected, `error.hint` what to do."""

    def __init__(self, message: str, *, hint: str = ""):
        super().__init__(message)
        self.hint = hint


class PhotoError(KeepsakeError):
    """The photograph cannot be used."""


class UnreadablePhoto(PhotoError):
    """Not a picture, damaged or cut off."""


class PhotoTooLarge(PhotoError):
    """More pixels or bytes than the limits allow."""


class PhotoTooSmall(PhotoError):
    """Too few pixels to animate."""


class NoFace(PhotoError):
    """No face was found, or none where one was pointed out."""


class DriverError(KeepsakeError):
    """The movement cannot be used."""


class UnreadableVideo(DriverError):
    """Not a video, damaged, or without pictures."""


class NoFaceInDriver(DriverError):
    """No frame of the driving video shows a face."""


class UnknownGesture(DriverError):
    """Neither the name of a gesture nor a file."""


class BadGestureFile(DriverError):
    """A gesture file that does not fit its format."""


class WeightsError(KeepsakeError):
    """The networks' files cannot be used."""


class WeightsMissing(WeightsError):
    """Neither bundled nor in the cache."""


class WeightsDamaged(WeightsError):
    """Wrong hash, keys or shapes."""


class KeypointsMixed(WeightsError):
    """Keypoints of one model were given to another."""


class OptionError(KeepsakeError):
    """A choice outside its range."""


class OutputError(KeepsakeError):
    """The result cannot be written there."""


class TrainingDataMissing(KeepsakeError):
    """The folder of training data does not hold what the trainer reads."""


class MissingExtra(KeepsakeError):
    """An optional part of the package is not installed."""


class Cancelled(KeepsakeError):
    """The person stopped it."""
