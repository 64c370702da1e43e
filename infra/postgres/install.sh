#!/usr/bin/env bash
# Installs Debian's PostgreSQL where no server is on the machine. No cluster is started: tests make their own.
set -euo pipefail
shopt -s nullglob
for bin in /usr/lib/postgresql/*/bin; do
  if [ -x "$bin/initdb" ] && [ -x "$bin/pg_ctl" ]; then exit 0; fi
done
as_root=()
[ "$(id -u)" -eq 0 ] || as_root=(sudo)
# Debian's package starts a cluster of its own unless it is told not to.
"${as_root[@]}" mkdir -p /etc/postgresql-common
[ -e /etc/postgresql-common/createcluster.conf ] ||
  echo "create_main_cluster = false" | "${as_root[@]}" tee /etc/postgresql-common/createcluster.conf >/dev/null
"${as_root[@]}" apt-get update -qq
DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq --no-install-recommends postgresql >/dev/null
