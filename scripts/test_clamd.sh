#!/usr/bin/env bash
# Sourced after test_servers.sh: adds a ClamAV of the tests' own, on a free port and a socket, with a
# single signature: that of the EICAR test file. Sets FORMHOLD_TEST_CLAMD_TCP and
# FORMHOLD_TEST_CLAMD_SOCKET.

start_clamd() {
    local home=$servers_folder/clamd port
    port=$(free_port)
    mkdir -p "$home/database"
    # MD5 of the file's 68 bytes, its length, the name: the file itself stands nowhere.
    echo '44d88612fea8a8f36de82e1278abb02f:68:Eicar-Test-File' >"$home/database/eicar.hdb"
    # And the same bytes at the beginning of a larger file, as hexadecimal digits in two halves.
    printf 'Eicar-Test-Start:0:0:%s%s\n' \
        58354f2150254041505b345c505a58353428505e2937434329377d2445494341522d5354414e44 \
        4152442d414e544956495255532d544553542d46494c452124482b482a >"$home/database/eicar.ndb"
    cat >"$home/clamd.conf" <<CONFIGURATION
Foreground yes
DatabaseDirectory $home/database
LocalSocket $home/clamd.ctl
TCPSocket $port
TCPAddr 127.0.0.1
StreamMaxLength 1M
MaxFileSize 600K
AlertExceedsMax yes
MaxThreads 10
SelfCheck 86400
CONFIGURATION
    clamd --config-file="$home/clamd.conf" >"$servers_folder/clamd.log" 2>&1 &
    server_pids+=($!)
    wait_for ClamAV test -S "$home/clamd.ctl"
    export FORMHOLD_TEST_CLAMD_TCP=tcp://127.0.0.1:$port
    export FORMHOLD_TEST_CLAMD_SOCKET=unix://$home/clamd.ctl
}
