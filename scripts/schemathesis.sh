#!/usr/bin/env bash
# Sends the API of a real server what its description allows and what it does not, for about a
# minute and a half, and checks each answer against the description.
set -euo pipefail
cd "$(dirname "$0")/.."

binary=$(realpath "${FORMHOLD_BIN:-target/debug/formhold}")
seconds=${SCHEMATHESIS_SECONDS:-80}
folder=$(mktemp -d /tmp/formhold-schemathesis.XXXXXX)
server=

clean_up() {
    if [ -n "$server" ]; then
        kill "$server" 2>/dev/null || true
        wait "$server" 2>/dev/null || true
    fi
    rm -rf "$folder"
}
trap clean_up EXIT

python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --require-hashes \
    -r e2e/api/requirements.txt

export FORMHOLD_SERVER__LISTEN=127.0.0.1:0
export FORMHOLD_DATABASE__URL=${SCHEMATHESIS_DATABASE_URL:-sqlite://$folder/formhold.db}
export FORMHOLD_FILES__URL=file://$folder/files
export FORMHOLD_MAIL__FOLDER=$folder/mail
# One client asks for everything.
for limit in API EXPORTS LOGIN LOGIN_ACCOUNT INVITATIONS; do
    export "FORMHOLD_LIMITS__$limit=off"
done
# Passwords are hashed for each account that is made.
export FORMHOLD_AUTH__PASSWORD_MEMORY_KIB=7168 FORMHOLD_AUTH__PASSWORD_PASSES=1

email=ada@example.org
password="correct horse, battery"
printf '%s' "$password" |
    "$binary" user create --role admin --email "$email" --name Ada --password-stdin >/dev/null
"$binary" serve 2>"$folder/log" >/dev/null &
server=$!
address=
for ((i = 0; i < 200; i++)); do
    address=$(sed -n 's#.*listening on \(http://[0-9.:]*\).*#\1#p' "$folder/log")
    [ -n "$address" ] && break
    sleep 0.1
done
[ -n "$address" ] || { cat "$folder/log" >&2; exit 1; }

# A session makes the token, as a person does.
jar=$folder/cookies
body=$(printf '{"email":"%s","password":"%s"}' "$email" "$password")
headers=(-H 'Content-Type: application/json')
curl --silent --show-error --fail -D "$jar" "${headers[@]}" -d "$body" \
    "$address/api/v1/auth/login" >"$folder/login.json"
session=$(sed -n 's/^[Ss]et-[Cc]ookie: \(__Host-formhold_session=[^;]*\);.*/\1/p' "$jar" | head -n 1)
csrf=$(python3 -c 'import json,sys; print(json.load(open(sys.argv[1]))["csrf_token"])' "$folder/login.json")
scopes='["users:read","users:write","system:read"]'
token=$(curl --silent --show-error --fail "${headers[@]}" -H "Cookie: $session" \
    -H "X-Csrf-Token: $csrf" -d "{\"name\":\"schemathesis\",\"scopes\":$scopes}" \
    "$address/api/v1/tokens" |
    python3 -c 'import json,sys; print(json.load(sys.stdin)["secret"])')

status=0
config=$PWD/e2e/api/schemathesis.toml
# It leaves notes of what it found where it is started.
cd "$folder"
"$folder/venv/bin/schemathesis" --config-file "$config" run \
    "$address/api/openapi.json" -H "Authorization: Bearer $token" \
    --max-time "$seconds" --seed "${SCHEMATHESIS_SEED:-1}" || status=$?
grep -E ' (ERROR|WARN) ' "$folder/log" | head -n 20 || true
exit "$status"
