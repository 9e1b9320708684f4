#!/bin/sh
# Prints the path of a Chromium for the browser tests; installs Debian's if there is none.
set -eu
if [ -n "${TILLPAID_CHROMIUM:-}" ]; then
    [ -x "$TILLPAID_CHROMIUM" ] || { echo "TILLPAID_CHROMIUM: $TILLPAID_CHROMIUM is not a program" >&2; exit 1; }
    echo "$TILLPAID_CHROMIUM"
    exit 0
fi
find_browser() {
    for name in chromium chromium-browser google-chrome google-chrome-stable; do
        command -v "$name" && return 0
    done
    return 1
}
find_browser || {
    "$(dirname "$0")/install_packages.sh" "Chromium, for the browser tests," chromium fonts-dejavu-core
    find_browser || { echo "no Chromium even now; set TILLPAID_CHROMIUM=/path/to/chromium" >&2; exit 1; }
}
