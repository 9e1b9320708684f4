#!/bin/sh
# ffmpeg and ffprobe, for the tests of films and sound; installs Debian's if they are not there.
set -eu
command -v ffmpeg >/dev/null && command -v ffprobe >/dev/null ||
    "$(dirname "$0")/install_packages.sh" "ffmpeg, for the tests," ffmpeg
