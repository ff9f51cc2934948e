#!/usr/bin/env bash
# Sourced: starts a MariaDB and a Redis of the tests' own, on free ports in a temporary folder, and
# stops them at the end of the script. Sets FORMHOLD_TEST_MYSQL_URL and FORMHOLD_TEST_REDIS_URL.

servers_folder=$(mktemp -d /tmp/formhold-servers.XXXXXX)
server_pids=()

stop_servers() {
    for pid in "${server_pids[@]}"; do
        kill "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    rm -rf "$servers_folder"
}
trap stop_servers EXIT

free_port() {
    node -e 'const s=require("net").createServer().listen(0,"127.0.0.1",()=>{console.log(s.address().port);s.close()})'
}

wait_for() { # what, command...
    local what=$1 i
    shift
    for ((i = 0; i < 300; i++)); do
        "$@" >/dev/null 2>&1 && return 0
        sleep 0.1
    done
    echo "$what did not start; its log:" >&2
    tail -n 20 "$servers_folder"/*.log >&2
    exit 1
}

start_mariadb() {
    local data=$servers_folder/mysql port as=()
    port=$(free_port)
    mkdir "$data"
    if [ "$(id -u)" -eq 0 ]; then
        as=(--user=mysql)
        chown mysql "$servers_folder" "$data"
    fi
    mariadb-install-db --no-defaults "${as[@]}" --datadir="$data" --skip-test-db \
        --auth-root-authentication-method=normal >"$servers_folder/install.log" 2>&1
    mariadbd --no-defaults "${as[@]}" --datadir="$data" --port="$port" --bind-address=127.0.0.1 \
        --socket="$servers_folder/mysql.sock" --pid-file="$servers_folder/mysql.pid" \
        --innodb-flush-log-at-trx-commit=1 --max-connections=1000 --skip-log-bin \
        >"$servers_folder/mariadb.log" 2>&1 &
    server_pids+=($!)
    wait_for MariaDB mariadb-admin --no-defaults --socket="$servers_folder/mysql.sock" -u root ping
    export FORMHOLD_TEST_MYSQL_URL=mysql://root@127.0.0.1:$port
}

start_redis() {
    local port
    port=$(free_port)
    redis-server --port "$port" --bind 127.0.0.1 --save '' --appendonly no --dir "$servers_folder" \
        >"$servers_folder/redis.log" 2>&1 &
    server_pids+=($!)
    wait_for Redis redis-cli -p "$port" ping
    export FORMHOLD_TEST_REDIS_URL=redis://127.0.0.1:$port
}
