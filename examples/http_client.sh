#!/usr/bin/env bash
# A photograph becomes a clip on a server that `keepsake serve` runs, with curl and nothing else:
#   KEEPSAKE_TOKEN=... examples/http_client.sh examples/old_print.jpg smile
# KEEPSAKE_URL names the server if it is not http://127.0.0.1:8000.
set -euo pipefail

photo=$1
gesture=${2:-classic}
server=${KEEPSAKE_URL:-http://127.0.0.1:8000}
token="Authorization: Bearer ${KEEPSAKE_TOKEN:-}"

ask() { curl --silent --show-error --fail-with-body --header "$token" "$@"; }
line() { local answer && answer=$(ask "$@") && echo "$answer" || { echo "$answer" >&2 && return 1; }; }
text_of() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p"; } # the value of a text in one line of JSON

job=$(line --form "photo=@$photo" --form "gesture=$gesture" "$server/v1/jobs" | text_of job)
while :; do
    state=$(line "$server$job?wait=10" | text_of state)
    echo "$state" >&2
    case $state in done) break ;; failed) ask "$server$job" && exit 1 ;; esac
done

ask --remote-name --remote-header-name "$server$job/clip" # curl never replaces a file that is there
ask --remote-name --remote-header-name "$server$job/citation.json"
ask --remote-name --remote-header-name "$server$job/citation.txt"
ask --request DELETE "$server$job" # the server need not keep it
