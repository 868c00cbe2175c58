#!/bin/sh
# The same by asking the agent, whose address its log tells. Written for ngrok.
set -eu
: >agent.log
ngrok http "$1" --log=stdout >agent.log &
agent=$!
trap 'kill $agent; wait $agent' EXIT

while ! grep -q 'msg="started tunnel"' agent.log && kill -0 "$agent"; do sleep 0.1; done
api=$(sed -n 's/.*msg="starting web service".*addr=\([^ ]*\).*/\1/p' agent.log)
tunnels=$(curl --silent --fail "http://$api/api/tunnels")
url=$(echo "$tunnels" | grep -o '"public_url":"https[^"]*"' | cut -d'"' -f4)
[ "$url" = "$(echo "$tunnels" | jq -r '.tunnels[] | select(.proto == "https") | .public_url')" ]
curl --silent --fail "$url/from-api"
