#!/bin/sh
# Installs Debian or Ubuntu packages, or says what to install by hand. Usage: install_packages.sh WHY PACKAGE...
set -eu
why=$1
shift
by_hand() {
    echo "$why is missing, and cannot be installed from here: $1." >&2
    echo "Install it and run make again. On Debian or Ubuntu: sudo apt-get install $packages" >&2
    exit 1
}
packages=$*
command -v apt-get >/dev/null || by_hand "this system has no apt-get"
if [ "$(id -u)" = 0 ]; then
    as_root=
elif sudo -n true 2>/dev/null; then
    as_root="sudo -n"
else
    by_hand "that needs root, or sudo without a password"
fi
echo "$why is missing: installing $packages" >&2
$as_root apt-get update -qq >&2
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >&2
