#!/bin/sh
# Runs once, when the database image sets itself up: the ledger's owner, who is no superuser, so
# that not even the server's own account can get around what the schema forbids.
set -eu
psql -X -q -v ON_ERROR_STOP=1 -v password="$BIFROST_DATABASE_PASSWORD" --username postgres --dbname postgres <<'SQL'
CREATE ROLE bifrost LOGIN CREATEDB CREATEROLE NOSUPERUSER PASSWORD :'password';
CREATE DATABASE bifrost OWNER bifrost;
\connect bifrost
CREATE EXTENSION IF NOT EXISTS timescaledb;
SQL
# What only a superuser can shut; a container of the tests goes without.
if [ -r /doors.sql ]; then
    psql -X -q -v ON_ERROR_STOP=1 --username postgres --dbname bifrost --file /doors.sql
fi
