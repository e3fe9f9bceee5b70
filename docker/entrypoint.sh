#!/bin/sh
# Gives the command line the password of the compose file's secret, unless the caller gave one.
set -eu
if [ -z "${NEO4J_PASSWORD:-}" ] && [ -r /run/secrets/neo4j_password ]; then
  NEO4J_PASSWORD=$(cat /run/secrets/neo4j_password)
  export NEO4J_PASSWORD
fi
exec kgrec-gds "$@"
