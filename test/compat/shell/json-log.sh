#!/bin/sh
# Publishes a local port and visits it: the public URL is found in the log in JSON. Written for ngrok.
set -eu
: >agent.log
ngrok http "$1" --log=stdout --log-format=json >agent.log &
agent=$!
trap 'kill $agent; wait $agent' EXIT

url=""
while [ -z "$url" ] && kill -0 "$agent"; do
  sleep 0.1
  url=$(grep -o '"msg":"started tunnel","name":"command_line",.*"url":"https[^"]*' agent.log | sed 's/.*"url":"//' || true)
done
curl --silent --fail "$url/from-json"
