#!/bin/sh
# Has anchors stamped by a time-stamping service (RFC 3161): what it signs existed at the time that it says.
#
#   anchor-timestamp.sh                  reads an anchor, prints the service's answer
#   anchor-timestamp.sh verify RECEIPT   reads an anchor; exits with 0 where RECEIPT is such an answer for it
#
# Set as BIFROST_ANCHOR_HOOKS; needs openssl and curl. Environment:
#   BIFROST_ANCHOR_TSA     the service's URL
#   BIFROST_ANCHOR_TSA_CA  a file with the certificates in PEM that its own is to be believed by
set -eu

: "${BIFROST_ANCHOR_TSA_CA:?names the certificates that the service is believed by}"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat >"$folder/anchor"

stamped() { # ANSWER
    openssl ts -verify -data "$folder/anchor" -in "$1" -CAfile "$BIFROST_ANCHOR_TSA_CA" >"$folder/said" 2>&1 \
        || { cat "$folder/said" >&2; return 1; }
}

if [ "${1:-}" = verify ]; then
    stamped "$2"
    exit
fi

: "${BIFROST_ANCHOR_TSA:?is the URL of the time-stamping service}"
openssl ts -query -data "$folder/anchor" -sha256 -cert -out "$folder/query" 2>/dev/null
curl --silent --show-error --fail --max-time 20 --header 'Content-Type: application/timestamp-query' \
    --data-binary "@$folder/query" --output "$folder/answer" "$BIFROST_ANCHOR_TSA"
# Also that it answers this question and no other.
openssl ts -verify -queryfile "$folder/query" -in "$folder/answer" -CAfile "$BIFROST_ANCHOR_TSA_CA" \
    >"$folder/said" 2>&1 || { cat "$folder/said" >&2; exit 1; }
stamped "$folder/answer"
cat "$folder/answer"
