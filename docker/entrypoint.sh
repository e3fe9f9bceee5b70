#!/bin/sh
# Passes the compose file's secret to the command line, unless NEO4J_PASSWORD is set.
set -eu
if [ -z "${NEO4J_PASSWORD:-}" ] && [ -r /run/secrets/neo4j_password ]; then
  NEO4J_PASSWORD=$(cat /run/secrets/neo4j_password)
  export NEO4J_PASSWORD
fi
exec kgrec-gds "$@"
