#!/bin/sh
# Makes the virtual environment .venv with Python 3.11 or newer. Debian's python3 lacks the means until a package is added.
set -eu
cd "$(dirname "$0")/../.."

works() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

if [ -x .venv/bin/python ] && works .venv/bin/python && .venv/bin/python -m pip --version >/dev/null 2>&1; then
    exit 0
fi
find_python() {
    for name in ${PYTHON:-python3.13 python3.12 python3.11 python3 python3.14}; do
        if command -v "$name" >/dev/null && works "$name"; then
            python=$name
            return 0
        fi
    done
    return 1
}
find_python || {
    infra/setup/install_packages.sh "Python 3.11 or newer" python3 python3-venv
    find_python || { echo "Python 3.11 or newer is needed; set PYTHON=/path/to/python3" >&2; exit 1; }
}
if ! "$python" -m venv --clear .venv >/dev/null 2>&1; then
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    infra/setup/install_packages.sh "Python's venv module" "python$version-venv"
    "$python" -m venv --clear .venv
fi
