#!/bin/sh
# npm fetches the browser scripts and fonts by lock file. Any npm since 9 will do.
set -eu
command -v npm >/dev/null || "$(dirname "$0")/install_packages.sh" npm npm
