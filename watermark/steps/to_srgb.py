"""Convert any decoded colour space to sRGB, through the embedded profile where there is one."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Final

import numpy as np
from PIL import Image, ImageCms

from watermark.pipeline import Frame, Pixels

_SRGB: Final = ImageCms.createProfile("sRGB")
_SPACE_OF_PROFILE: Final = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK", "Lab": "LAB"}


def to_srgb(frame: Frame) -> Frame:
    """RGB pixels in sRGB, no profile. A profile that can't be used is left aside and noted."""
    notes = frame.notes
    if frame.icc is not None:
        converted = _through_profile(frame, frame.icc)
        if converted is not None:
            return replace(frame, pixels=converted, space="RGB", icc=None)
        notes = (*notes, "profile_unusable")
    if frame.space == "CMYK":
        notes = (*notes, "cmyk_without_profile")
    return replace(frame, pixels=_without_profile(frame), space="RGB", icc=None, notes=notes)


def _without_profile(frame: Frame) -> Pixels:
    if frame.space == "RGB":
        return frame.pixels
    if frame.space == "L":
        return np.repeat(frame.pixels, 3, axis=2)
    if frame.space == "LAB":
        lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
        return _transformed(Image.fromarray(frame.pixels, "LAB"), lab)
    return np.asarray(Image.fromarray(frame.pixels, "CMYK").convert("RGB"))


def _through_profile(frame: Frame, icc: bytes) -> Pixels | None:
    """None if the profile is broken or for another colour space than the pixels."""
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(icc))
        if _SPACE_OF_PROFILE.get(profile.profile.xcolor_space.strip()) != frame.space:
            return None
        description = profile.profile.profile_description or ""
        if frame.space == "RGB" and description.startswith("sRGB"):
            return frame.pixels
        channels = frame.pixels[:, :, 0] if frame.space == "L" else frame.pixels
        return _transformed(Image.fromarray(channels, frame.space), profile)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None


def _transformed(picture: Image.Image, profile: ImageCms.ImageCmsProfile) -> Pixels:
    # Relative colorimetric with black point compensation is what picture editors show by default.
    transform = ImageCms.buildTransform(
        profile,
        _SRGB,
        picture.mode,
        "RGB",
        ImageCms.Intent.RELATIVE_COLORIMETRIC,
        ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )
    converted = ImageCms.applyTransform(picture, transform)
    if converted is None:
        raise ValueError("no picture came back")
    return np.asarray(converted)
