#!/bin/sh
# Prints the folder with PostgreSQL's programs (initdb, postgres) for the tests; installs Debian's server if there is none.
set -eu
if [ -n "${TILLPAID_POSTGRES:-}" ]; then
    [ -x "$TILLPAID_POSTGRES/postgres" ] || { echo "TILLPAID_POSTGRES: no postgres in $TILLPAID_POSTGRES" >&2; exit 1; }
    echo "$TILLPAID_POSTGRES"
    exit 0
fi
find_server() {
    for folder in $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -t/ -k5 -n -r); do
        if [ -x "$folder/postgres" ] && [ -x "$folder/initdb" ]; then
            echo "$folder"
            return 0
        fi
    done
    program=$(command -v postgres) && command -v initdb >/dev/null && dirname "$program"
}
find_server || {
    "$(dirname "$0")/install_packages.sh" "PostgreSQL, for the tests on it," postgresql
    find_server || { echo "no PostgreSQL even now; set TILLPAID_POSTGRES=/folder/with/postgres" >&2; exit 1; }
}
