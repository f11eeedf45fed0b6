#!/bin/sh
# Makes the roles that the hub logs in with, and gives it its database. The PostgreSQL image runs this once, when its volume is
# new (docker-compose.yml); for a server that is there already, run it by hand with the same variables.
#   inlet_hub      owns the database, and is no superuser
#   inlet_gateway  the SFTP gateway: what packages/database/src/service-roles.ts lists; migrations grant it
#   inlet_mail     the mail gateway, also listed there
#   inlet_landing  the landing pages: reading alone, also listed there
set -eu
psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
  --set database="$POSTGRES_DB" --set hub="$HUB_PASSWORD" --set gateway="$GATEWAY_PASSWORD" \
  --set mail="$MAIL_PASSWORD" --set landing="$LANDING_PASSWORD" <<'SQL'
BEGIN;
CREATE ROLE inlet_hub LOGIN PASSWORD :'hub';
CREATE ROLE inlet_gateway LOGIN PASSWORD :'gateway';
CREATE ROLE inlet_mail LOGIN PASSWORD :'mail';
CREATE ROLE inlet_landing LOGIN PASSWORD :'landing';
ALTER ROLE inlet_landing SET default_transaction_read_only = on;
ALTER DATABASE :"database" OWNER TO inlet_hub;
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"database" TO inlet_gateway, inlet_mail, inlet_landing;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
COMMIT;
SQL
