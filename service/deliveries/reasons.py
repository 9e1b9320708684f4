"""Why an asset has no preview, in words for studio and client alike. The codes come from the watermark library."""

from __future__ import annotations

from service.kit.translate import N_, _

WORDS = {
    "empty_file": N_("The file is empty."),
    "truncated": N_("The file is cut short: part of it is missing."),
    "corrupt": N_("The file is damaged and cannot be read."),
    "too_many_pixels": N_("The picture has more pixels than can be previewed."),
    "password_protected": N_("The document is protected by a password."),
    "unsupported": N_("Files of this kind have no preview."),
    "no_pages": N_("The document has no pages."),
    "no_merged_picture": N_(
        "The document was saved without a merged picture. Save it again with “maximize compatibility”."
    ),
    "too_complex": N_("The drawing has more parts than can be previewed."),
    "program_missing": N_("The server lacks the program that reads files of this kind."),
    "timed_out": N_("Making the preview took too long and was stopped."),
    "out_of_memory": N_("Making the preview needed too much memory and was stopped."),
    "too_much_output": N_("Making the preview took too much room and was stopped."),
    "forbidden": N_("The file made the program that reads it try what it may not, so it was stopped."),
    "crashed": N_("The program that reads this kind of file failed on it."),
    "bad_answer": N_("The program that reads this kind of file failed on it."),
    "mark_failed": N_("The mark could not be put on the picture, so no preview was made."),
    "bad_recipe": N_("The mark cannot be drawn as it is set. Please check the settings of the mark."),
    "sandbox_unavailable": N_("Previews cannot be made right now."),
    "vault": N_("The original could not be read from the vault. Please check the server."),
}

NOTES = {
    "name_mismatch": N_("The file is of another kind than its name says."),
    "animated": N_("The preview shows the first picture of an animation, and a few later ones in a row."),
    "pages_left_out": N_("The document is longer than the preview."),
    "profile_unusable": N_("The picture's colour profile could not be used."),
    "cmyk_without_profile": N_("The picture is CMYK without a profile: its colours in the preview are approximate."),
    "words_left_out": N_("Words in the drawing that are not outlines are left out of the preview."),
    "tones_scaled": N_("The picture's tones were scaled to be shown."),
    "clip_shortened": N_("The client can play the first minute only."),
    "no_clip": N_("No marked clip could be made, so only pictures are shown."),
}


MAY_PASS = frozenset({"timed_out", "out_of_memory", "too_much_output", "crashed", "forbidden", "bad_answer"})
"""Reasons for a card that a studio may have tried again: with more room or time, or a newer program, it can work."""


def reason_text(reason: str) -> str:
    """The words for a reason in the current locale; empty for none."""
    if not reason:
        return ""
    return _(WORDS.get(reason, N_("No preview could be made.")))


def note_texts(notes: str) -> list[str]:
    """The words for an asset's notes in the current locale."""
    return [_(NOTES[code]) for code in notes.split(",") if code in NOTES]
