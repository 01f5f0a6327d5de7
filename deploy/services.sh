#!/usr/bin/env bash
# The same services on one machine without Docker and without root, for a trial: PostgreSQL, MLflow and a Ray head.
#   deploy/services.sh start FOLDER      starts them on 127.0.0.1, data below FOLDER, and prints what a search needs
#   deploy/services.sh stop FOLDER       stops them; the data stays
#   deploy/services.sh backup FOLDER FILE
#   deploy/services.sh restore FOLDER FILE
set -euo pipefail

BIN="$(cd "$(dirname "$0")/.." && pwd)/.venv/bin"
PORT_POSTGRES="${PORT_POSTGRES:-55432}" PORT_MLFLOW="${PORT_MLFLOW:-5000}" PORT_RAY="${PORT_RAY:-6379}"
export RAY_AUTH_MODE=token  # Ray's token lies in ~/.ray/auth_token; every node and every search needs it
NODE="${NODE:-127.0.0.2}"   # Ray takes 127.0.0.1 for another address
PROGRAMS="$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | tail -1 || true)"

usage() { sed -n '2,7s/^# \{0,1\}//p' "$0"; exit 1; }
[ $# -ge 2 ] || usage
mkdir -p "$2"
FOLDER="$(cd "$2" && pwd)"

postgres() {  # PostgreSQL refuses to run as root
    if [ "$(id -u)" = 0 ]; then (cd / && runuser -u postgres -- "$PROGRAMS/$1" "${@:2}"); else "$PROGRAMS/$1" "${@:2}"; fi
}

start_postgres() {
    [ -n "$PROGRAMS" ] || { echo "PostgreSQL's server must be installed. On Debian and Ubuntu: postgresql." >&2; exit 1; }
    if [ ! -e "$FOLDER/postgres/PG_VERSION" ]; then
        mkdir -p "$FOLDER/postgres"
        [ "$(id -u)" != 0 ] || { chmod a+x "$FOLDER"; chown postgres "$FOLDER/postgres"; }
        postgres initdb --pgdata="$FOLDER/postgres" --username=bitjaru --auth=trust >/dev/null
        new=yes
    fi
    local options="-p $PORT_POSTGRES -c listen_addresses=127.0.0.1 -c unix_socket_directories="
    postgres pg_ctl --pgdata="$FOLDER/postgres" --wait --log="$FOLDER/postgres/log" --options="$options" start >/dev/null
    [ -z "${new:-}" ] || for name in optuna mlflow; do
        "$PROGRAMS/createdb" --host=127.0.0.1 --port="$PORT_POSTGRES" --username=bitjaru "$name"
    done
}

case "$1" in
start)
    start_postgres
    MLFLOW_DISABLE_TELEMETRY=true setsid nohup "$BIN/mlflow" server --host 127.0.0.1 --port "$PORT_MLFLOW" --workers 1 \
        --backend-store-uri "postgresql+psycopg://bitjaru@127.0.0.1:$PORT_POSTGRES/mlflow" \
        --artifacts-destination "$FOLDER/artifacts" >"$FOLDER/mlflow.log" 2>&1 &
    echo $! >"$FOLDER/mlflow.pid"
    (umask 077; "$BIN/ray" get-auth-token --generate >/dev/null 2>&1)  # kept, where there is one
    RAY_USAGE_STATS_ENABLED=0 setsid nohup "$BIN/ray" start --head --block --node-ip-address="$NODE" --port="$PORT_RAY" \
        --num-cpus=0 --include-dashboard=false >"$FOLDER/ray.log" 2>&1 &
    echo $! >"$FOLDER/ray.pid"
    until grep -qs "Ray runtime started" "$FOLDER/ray.log"; do
        kill -0 "$(cat "$FOLDER/ray.pid")" 2>/dev/null || { cat "$FOLDER/ray.log" >&2; exit 1; }
        sleep 0.2
    done
    cat <<END
PostgreSQL, MLflow and a Ray head run. A node, here or on a machine that reaches $NODE:
  RAY_AUTH_MODE=token ray start --address=$NODE:$PORT_RAY --node-ip-address=127.0.0.3 --num-cpus=2
A search:
  RAY_AUTH_MODE=token python train.py -m sweeps=architectures hydra/sweeper/executor=ray hydra.sweeper.n_jobs=2 \\
      hydra.sweeper.executor.address=$NODE:$PORT_RAY \\
      hydra.sweeper.storage=postgresql+psycopg://bitjaru@127.0.0.1:$PORT_POSTGRES/optuna \\
      tracking=server tracking.uri=http://127.0.0.1:$PORT_MLFLOW
END
    ;;
stop)
    for name in ray mlflow; do  # only what was started here: `ray stop` would end every Ray of this user
        [ -e "$FOLDER/$name.pid" ] || continue
        group="$(cat "$FOLDER/$name.pid")"
        kill -- "-$group" 2>/dev/null || true
        for _ in $(seq 50); do kill -0 -- "-$group" 2>/dev/null || break; sleep 0.2; done
        kill -KILL -- "-$group" 2>/dev/null || true
        rm -f "$FOLDER/$name.pid"
    done
    postgres pg_ctl --pgdata="$FOLDER/postgres" --wait stop >/dev/null
    ;;
backup)
    [ $# = 3 ] || usage
    work="$(mktemp -d)"; trap 'rm -rf "$work"' EXIT
    for name in optuna mlflow; do
        "$PROGRAMS/pg_dump" --host=127.0.0.1 --port="$PORT_POSTGRES" --username=bitjaru --format=custom "$name" >"$work/$name.dump"
    done
    mkdir -p "$FOLDER/artifacts"
    tar --create --file="$3.part" --directory="$work" optuna.dump mlflow.dump --directory="$FOLDER" artifacts
    mv "$3.part" "$3"
    ;;
restore)
    [ $# = 3 ] || usage
    work="$(mktemp -d)"; trap 'rm -rf "$work"' EXIT
    tar --extract --file="$3" --directory="$work"
    for name in optuna mlflow; do
        "$PROGRAMS/pg_restore" --host=127.0.0.1 --port="$PORT_POSTGRES" --username=bitjaru --dbname="$name" \
            --clean --if-exists --single-transaction "$work/$name.dump"
    done
    mkdir -p "$FOLDER/artifacts" && cp -R "$work/artifacts/." "$FOLDER/artifacts/"
    ;;
*) usage ;;
esac
