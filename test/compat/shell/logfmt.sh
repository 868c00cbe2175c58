#!/bin/sh
# The same by cutting the log in logfmt behind `url=`, with flags of one dash. Written for ngrok 2.
set -eu
: >agent.log
ngrok http -log=stdout -bind-tls=true "$1" >agent.log &
agent=$!
trap 'kill $agent; wait $agent' EXIT

while ! grep -q 'msg="started tunnel"' agent.log && kill -0 "$agent"; do sleep 0.1; done
url=$(grep 'msg="started tunnel"' agent.log | head -n 1 | sed 's/.*url=//')
curl --silent --fail "$url/from-logfmt"
