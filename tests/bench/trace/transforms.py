"""What happens to a picture between a share link and the place it is found: each a function of picture and chance."""

import io
from collections.abc import Callable
from random import Random

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter, ImageOps

Transform = Callable[[Image.Image, Random], Image.Image]
BICUBIC, LANCZOS = Image.Resampling.BICUBIC, Image.Resampling.LANCZOS


def encoded(form: str, quality: int) -> Transform:
    def apply(picture: Image.Image, chance: Random) -> Image.Image:
        buffer = io.BytesIO()
        picture.save(buffer, form, quality=quality)
        return Image.open(buffer).convert("RGB")

    return apply


def jpeg(quality: int) -> Transform:
    return encoded("JPEG", quality)


def stretched(across: float, down: float) -> Transform:
    return lambda picture, chance: picture.resize(
        (max(1, round(picture.width * across)), max(1, round(picture.height * down))), BICUBIC
    )


def resized(factor: float) -> Transform:
    return stretched(factor, factor)


def fitted(longest: int) -> Transform:
    def apply(picture: Image.Image, chance: Random) -> Image.Image:
        scale = longest / max(picture.size)
        if scale >= 1:
            return picture
        return picture.resize((round(picture.width * scale), round(picture.height * scale)), LANCZOS)

    return apply


def cropped(area: float) -> Transform:
    """Keeps this share of the area, from a place that chance picks."""

    def apply(picture: Image.Image, chance: Random) -> Image.Image:
        width, height = round(picture.width * area**0.5), round(picture.height * area**0.5)
        left, top = chance.randint(0, picture.width - width), chance.randint(0, picture.height - height)
        return picture.crop((left, top, left + width, top + height))

    return apply


def trimmed(most: int) -> Transform:
    """Cuts 1 to `most` pixels from every side."""

    def apply(picture: Image.Image, chance: Random) -> Image.Image:
        left, top, right, bottom = (chance.randint(1, most) for _ in range(4))
        return picture.crop((left, top, picture.width - right, picture.height - bottom))

    return apply


def rotated(degrees: float) -> Transform:
    return lambda picture, chance: picture.rotate(degrees, BICUBIC, expand=False)


def gamma(power: float) -> Transform:
    return lambda picture, chance: picture.point([round(255 * (i / 255) ** power) for i in range(256)] * 3)


def noisy(deviation: float) -> Transform:
    def apply(picture: Image.Image, chance: Random) -> Image.Image:
        values = np.asarray(picture, np.float32)
        grain = np.random.default_rng(chance.randrange(2**31)).normal(0, deviation, values.shape)
        return Image.fromarray(np.clip(values + grain + 0.5, 0, 255).astype(np.uint8))

    return apply


def filtered(kernel: ImageFilter.Filter) -> Transform:
    return lambda picture, chance: picture.filter(kernel)


def brighter(factor: float) -> Transform:
    return lambda picture, chance: ImageEnhance.Brightness(picture).enhance(factor)


def chain(*steps: Transform) -> Transform:
    def apply(picture: Image.Image, chance: Random) -> Image.Image:
        for step in steps:
            picture = step(picture, chance)
        return picture

    return apply


SCREENSHOT = chain(resized(0.83), trimmed(24), jpeg(80))
SOCIAL = chain(fitted(1080), jpeg(75))
PRINT_AND_SCAN = chain(
    resized(0.9), rotated(0.7), filtered(ImageFilter.GaussianBlur(0.8)), gamma(1.15), noisy(4), jpeg(80)
)

TRANSFORMS: dict[str, Transform] = {
    "untouched": lambda picture, chance: picture,
    "jpeg 90": jpeg(90),
    "jpeg 70": jpeg(70),
    "jpeg 50": jpeg(50),
    "jpeg 30": jpeg(30),
    "webp 60": encoded("WEBP", 60),
    "resized to 75%": resized(0.75),
    "resized to 50%": resized(0.5),
    "resized to 33%": resized(0.33),
    "cropped to 80%": cropped(0.8),
    "cropped to 50%": cropped(0.5),
    "cropped to 25%": cropped(0.25),
    "turned 0.5 degrees": rotated(0.5),
    "turned 2 degrees": rotated(2),
    "turned 90 degrees": lambda picture, chance: picture.transpose(Image.Transpose.ROTATE_90),
    "mirrored": lambda picture, chance: ImageOps.mirror(picture),
    "3% narrower": stretched(0.97, 1),
    "brighter": brighter(1.2),
    "more contrast": lambda picture, chance: ImageEnhance.Contrast(picture).enhance(1.25),
    "gamma 1.4": gamma(1.4),
    "grey": lambda picture, chance: ImageOps.grayscale(picture).convert("RGB"),
    "blurred 1": filtered(ImageFilter.GaussianBlur(1)),
    "blurred 2": filtered(ImageFilter.GaussianBlur(2)),
    "noise 8": noisy(8),
    "sharpened": filtered(ImageFilter.UnsharpMask(2, 120, 2)),
    "median 3": filtered(ImageFilter.MedianFilter(3)),
    "screenshot": SCREENSHOT,
    "social": SOCIAL,
    "print and scan": PRINT_AND_SCAN,
    "social twice": chain(SOCIAL, fitted(960), jpeg(70)),
    "cropped to 50%, jpeg 70": chain(cropped(0.5), jpeg(70)),
    "resized to 50%, jpeg 50": chain(resized(0.5), jpeg(50)),
    "turned 2 degrees, cropped to 50%, jpeg 70": chain(rotated(2), cropped(0.5), jpeg(70)),
    "cropped to 25%, enlarged, jpeg 75": chain(cropped(0.25), resized(1.3), jpeg(75)),
    "screenshot, brighter, social": chain(SCREENSHOT, brighter(1.1), SOCIAL),
    "5% narrower": stretched(0.95, 1),
    "5% wider": stretched(1.05, 1),
    "5% flatter": stretched(1, 0.95),
    "5% taller": stretched(1, 1.05),
}

OVER_THE_VISIBLE_MARK = ("untouched", "jpeg 70", "screenshot", "social", "cropped to 50%, jpeg 70")
