"""The errors of the watermark library: a stable code, a plain public text, and whether to try again.

    WatermarkError
    ├── RecipeError            bad_recipe         a recipe that can't be drawn: the text names the fault
    ├── MarkFailed             mark_failed        the visible mark could not be applied; never answered with clean pixels
    ├── Postponed              heavy              not done here: such files are worked on one at a time, elsewhere
    ├── BadSource              (the codes below)  the file itself: trying again changes nothing, it becomes a card
    └── RenderStopped          timed_out, out_of_memory, too_much_output, crashed, forbidden, bad_answer,
                               sandbox_unavailable

Codes of `BadSource`: empty_file, truncated, corrupt, too_many_pixels, password_protected, unsupported, no_pages,
no_merged_picture, too_complex, program_missing.
The service translates them once; `PUBLIC_TEXTS` is the one place where the words stand.
"""

from __future__ import annotations

from typing import Final

PUBLIC_TEXTS: Final[dict[str, str]] = {
    "bad_recipe": "The mark can't be drawn as described.",
    "mark_failed": "The mark could not be put on the picture, so no preview was made.",
    "empty_file": "The file is empty.",
    "truncated": "The file is cut short: part of it is missing.",
    "corrupt": "The file is damaged and can't be read.",
    "too_many_pixels": "The picture has more pixels than can be previewed.",
    "password_protected": "The document is protected by a password.",
    "unsupported": "Files of this kind have no preview.",
    "no_pages": "The document has no pages.",
    "no_merged_picture": "The document was saved without a merged picture.",
    "too_complex": "The drawing has more parts than can be previewed.",
    "program_missing": "The server lacks the program that reads files of this kind.",
    "heavy": "Files of this kind are worked on one at a time.",
    "timed_out": "Making the preview took too long and was stopped.",
    "out_of_memory": "Making the preview needed too much memory and was stopped.",
    "too_much_output": "Making the preview took too much room and was stopped.",
    "forbidden": "The file made the program that reads it try what it may not, so it was stopped.",
    "crashed": "The program that reads this kind of file failed on it.",
    "bad_answer": "The program that reads this kind of file gave an answer that makes no sense.",
    "sandbox_unavailable": "Previews can't be made right now.",
}

STOPPED: Final = frozenset(
    {"timed_out", "out_of_memory", "too_much_output", "crashed", "forbidden", "bad_answer", "sandbox_unavailable"}
)
"""The codes of `RenderStopped`."""


class WatermarkError(Exception):
    """Base of all errors here. `code` is stable; `public` may be shown to anyone; `retryable` says a new try may help."""

    code: str = "crashed"
    retryable: bool = False

    def __init__(self, public: str | None = None, *, code: str | None = None) -> None:
        if code is not None:
            self.code = code
        self.public = public or PUBLIC_TEXTS[self.code]
        super().__init__(self.public)


class RecipeError(WatermarkError, ValueError):
    """A recipe that can't be drawn: empty or too long text, an unknown strength, a logo that is no PNG."""

    code = "bad_recipe"


class MarkFailed(WatermarkError):
    """The mark raised, or gave back something that is no marked picture."""

    code = "mark_failed"


class Postponed(WatermarkError):
    """A heavy file came where only light ones are worked on: the caller puts it with the heavy ones."""

    code = "heavy"


class BadSource(WatermarkError):
    """The file can't be shown as a picture; `code` says why. It becomes a card."""

    code = "corrupt"


class RenderStopped(WatermarkError):
    """The work was ended from outside or died: a deadline, a memory limit, a crash, or no process to do it."""

    code = "crashed"
    retryable = True


def from_code(code: str) -> WatermarkError:
    """The error for a code that came over the wire from the child. An unknown code is itself a bad answer."""
    if code in STOPPED:
        return RenderStopped(code=code)
    if code == "heavy":
        return Postponed()
    if code == "mark_failed":
        return MarkFailed()
    if code == "bad_recipe":
        return RecipeError()
    if code in PUBLIC_TEXTS:
        return BadSource(code=code)
    return RenderStopped(code="bad_answer")
