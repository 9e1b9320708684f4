"""Whether strangers' files are decoded behind every wall that there can be."""

from __future__ import annotations

from service.kit.findings import Finding
from service.wiring import Wiring
from watermark.walls.layers import ALL, sandbox_layers


def examine(wiring: Wiring) -> list[Finding]:
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
