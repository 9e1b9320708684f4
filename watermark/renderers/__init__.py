"""One format family a file, found by `watermark.rendering.renderers`."""
