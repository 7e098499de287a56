#!/bin/sh
# Brings Temporal's two databases to the schema of this admin-tools version. Safe to run again.
set -eu

SQL_PASSWORD=$(cat /run/secrets/temporal_password)
export SQL_PASSWORD

for pair in temporal:temporal temporal_visibility:visibility; do
    tool="temporal-sql-tool --plugin postgres12 --endpoint postgres --port 5432 --user temporal --database ${pair%%:*}"
    $tool setup-schema --version 0.0
    $tool update-schema --schema-dir "/etc/temporal/schema/postgresql/v12/${pair##*:}/versioned"
done
