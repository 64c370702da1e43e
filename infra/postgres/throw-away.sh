#!/usr/bin/env bash
# Throw-away PostgreSQL clusters for tests, fsync on. Commands come on stdin, one a line, each answered by one line:
#   start NAME   makes the cluster where it is new, starts it; `ready DIRECTORY` (of its socket and data) or `failed`
#   start NAME PORT   the same, listening on loopback with TLS as well, under `server.crt` in its directory
#   kill NAME    ends it at once, as a crash does; `done`
#   remove NAME  ends and removes it; `done`
# Once stdin ends, because whoever asked is gone, everything is stopped and removed.
set -uo pipefail

bin=""
for candidate in /usr/lib/postgresql/*/bin; do
  if [ -x "$candidate/initdb" ]; then bin=$candidate; fi
done
if [ -z "$bin" ]; then
  echo "failed: no PostgreSQL server is installed: run infra/postgres/install.sh"
  exit 1
fi

root=$(mktemp -d /tmp/tallystick-postgres-XXXXXX)
as_owner=()
if [ "$(id -u)" -eq 0 ]; then
  # The server refuses to be run by root.
  owner=postgres
  id "$owner" >/dev/null 2>&1 || owner=nobody
  chown "$owner" "$root"
  as_owner=(setpriv --reuid "$owner" --regid "$(id -g "$owner")" --clear-groups --)
fi

control() { # the cluster, then what pg_ctl shall do
  local name=$1
  shift
  (cd "$root" && "${as_owner[@]}" "$bin/pg_ctl" -D "$root/$name/data" -w -s "$@") </dev/null >/dev/null 2>&1
}

finish() {
  for data in "$root"/*/data; do
    if [ -e "$data/postmaster.pid" ]; then control "$(basename "$(dirname "$data")")" -m immediate stop; fi
  done
  rm -rf "$root"
}
trap finish EXIT
trap 'exit 1' INT TERM HUP

make() { # a cluster, copied from one that is made once
  if [ ! -d "$root/template" ]; then
    (cd "$root" && mkdir template && chmod 755 template && chown --reference "$root" template &&
      "${as_owner[@]}" "$bin/initdb" -D "$root/template/data" -U tallystick -A trust --no-sync --no-instructions \
        -E UTF8 --locale C --wal-segsize 1 </dev/null >/dev/null) || return 1
  fi
  (cd "$root" && mkdir "$1" && chown --reference "$root" "$1" && cp -a template/data "$1/data")
}

chmod 755 "$root"
encrypt() { # the cluster, under a certificate that it is itself the authority for
  (cd "$root/$1" && "${as_owner[@]}" openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 \
    -subj /CN=localhost -addext subjectAltName=DNS:localhost -addext basicConstraints=critical,CA:FALSE \
    -keyout server.key -out server.crt) >/dev/null 2>&1 && chmod 644 "$root/$1/server.crt"
}

while read -r command name port; do
  case $command in
  start)
    listen="-c listen_addresses=''"
    if [ -n "$port" ]; then
      listen="-c listen_addresses=127.0.0.1 -c port=$port -c ssl=on -c ssl_cert_file=$root/$name/server.crt -c ssl_key_file=$root/$name/server.key"
    fi
    if { [ -d "$root/$name" ] || make "$name"; } && { [ -z "$port" ] || encrypt "$name"; } &&
      control "$name" -l "$root/$name/log" \
        -o "$listen -c unix_socket_directories=$root/$name -c max_connections=200 -c shared_buffers=32MB" start; then
      echo "ready $root/$name"
    else
      echo "failed: $(tail -n 3 "$root/$name/log" 2>/dev/null | tr '\n' ' ')"
    fi
    ;;
  kill)
    control "$name" -m immediate stop
    echo done
    ;;
  remove)
    control "$name" -m immediate stop
    rm -rf "${root:?}/${name:?}"
    echo done
    ;;
  esac
done
