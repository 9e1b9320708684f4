"""Whether strangers' files are decoded behind every wall that there can be, and which formats can be."""

from __future__ import annotations

from collections.abc import Sequence

from service.kit.findings import Finding
from service.wiring import Wiring
from watermark.declare import Need, Package
from watermark.walls.layers import ALL, sandbox_layers


def examine(wiring: Wiring) -> list[Finding]:
    """The sandbox's layers, then the renderers."""
    return [*layers(wiring), *formats()]


def formats() -> list[Finding]:
    """One finding for each renderer: weak where something it needs is missing; such files are then cards."""
    from watermark.rendering import every_renderer  # noqa: PLC0415 - imaging loads only where pictures are made

    found = []
    for about in (renderer.about for renderer in every_renderer() if renderer.about.media_types):
        missing = about.missing()
        if not missing:
            found.append(Finding("formats", about.files, "good", f"shown: {about.shown}"))
            continue
        names = ", ".join(need.name for need in missing)
        found.append(Finding("formats", about.files, "weak", f"a card: {names} is missing", advice_for(missing)))
    return found


def advice_for(missing: Sequence[Need]) -> str:
    """How to add what is missing."""
    add = [
        f"pip install {need.add}" if isinstance(need, Package) else f"apt-get install {need.add}" for need in missing
    ]
    return "; ".join(dict.fromkeys(add))


def layers(wiring: Wiring) -> list[Finding]:
    """One finding for each layer of the sandbox: bad where a lacking one is demanded (TILLPAID_SANDBOX_REQUIRE)."""
    required = wiring.settings.work.required_layers()
    found = []
    for layer in sandbox_layers():
        if not layer.missing:
            words = f"stops {layer.stops}" + (f" ({layer.detail})" if layer.detail else "")
            found.append(Finding("sandbox", layer.name, "good", words))
            continue
        demanded = ALL in required or layer.name in required
        words = f"missing: {layer.missing}; it would stop {layer.stops}"
        advice = "a newer kernel, or a container that lets it through"
        found.append(Finding("sandbox", layer.name, "bad" if demanded else "weak", words, advice))
    return found
