#!/bin/sh
# nginx, for the tests of what it sends for us; installs Debian's if there is none.
set -eu
PATH=$PATH:/usr/sbin
command -v nginx >/dev/null || "$(dirname "$0")/install_packages.sh" "nginx, for the tests," nginx-light
