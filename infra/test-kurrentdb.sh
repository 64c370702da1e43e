#!/usr/bin/env bash
# The contract suite of the log on the KurrentDB cluster that KURRENTDB_URL names, or on the one of compose.yaml where
# there is Docker, unless told to --start-nothing. Says so when it was not run.
set -euo pipefail
cd "$(dirname "$0")/.."

compose() { docker compose -f infra/compose.yaml --profile kurrentdb "$@"; }
nodes=(kurrentdb1 kurrentdb2 kurrentdb3)

if [ -z "${KURRENTDB_URL:-}" ]; then
  if [ "${1:-}" = --start-nothing ] || ! docker info >/dev/null 2>&1; then
    echo "KURRENTDB_URL is not set and no cluster was started: the contract suite was NOT RUN against a KurrentDB server."
    exit 0
  fi
  trap 'compose rm --force --stop "${nodes[@]}"' EXIT
  compose up --detach --wait "${nodes[@]}"
  export KURRENTDB_URL="kurrentdb://127.0.0.1:2111,127.0.0.1:2112,127.0.0.1:2113?tls=false"
fi
cargo test -p eventlog --features kurrentdb-server on_the_server
