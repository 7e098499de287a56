#!/bin/sh
# Run once by the PostgreSQL image, on an empty data folder: roles and databases, each with its own password.
# Passwords are read by psql itself, so that none stands in a process list.
set -eu

psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres <<'SQL'
\set owner_password `sed -E 's#^[^:]*://[^:]*:([^@]*)@.*#\1#' /run/secrets/owner_database_url`
\set worker_password `sed -E 's#^[^:]*://[^:]*:([^@]*)@.*#\1#' /run/secrets/worker_database_url`
\set api_password `sed -E 's#^[^:]*://[^:]*:([^@]*)@.*#\1#' /run/secrets/api_database_url`
\set temporal_password `cat /run/secrets/temporal_password`

CREATE ROLE handslag_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE handslag_worker LOGIN PASSWORD :'worker_password';
CREATE ROLE handslag_api LOGIN PASSWORD :'api_password';
CREATE ROLE temporal LOGIN PASSWORD :'temporal_password';

CREATE DATABASE handslag OWNER handslag_owner;
CREATE DATABASE temporal OWNER temporal;
CREATE DATABASE temporal_visibility OWNER temporal;

REVOKE ALL ON DATABASE handslag, temporal, temporal_visibility FROM PUBLIC;
GRANT CONNECT ON DATABASE handslag TO handslag_worker, handslag_api;
SQL
