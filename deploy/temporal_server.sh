#!/bin/sh
# The server's image takes its database password from the environment only; the file stays the source.
set -eu

POSTGRES_PWD=$(cat /run/secrets/temporal_password)
export POSTGRES_PWD
exec /etc/temporal/entrypoint.sh
