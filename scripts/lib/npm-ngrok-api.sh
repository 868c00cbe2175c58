# Sourced by the scripts beside it, with ROOT set. Installs the npm package `@ngrok/ngrok-api` for test/compat, in a folder of its
# own, as its users have it.

NPM_NGROK_API=$ROOT/test/compat/npm-ngrok-api

# Quiet when all is there.
ensure_npm_ngrok_api() {
  if npm_ngrok_api_is_stale; then
    with_install_lock install_npm_ngrok_api
  fi
}

npm_ngrok_api_is_stale() {
  [ ! -f "$NPM_NGROK_API/node_modules/.package-lock.json" ] ||
    [ "$NPM_NGROK_API/package-lock.json" -nt "$NPM_NGROK_API/node_modules/.package-lock.json" ]
}

install_npm_ngrok_api() {
  npm_ngrok_api_is_stale || return 0 # another script may have installed while we waited for the lock
  echo "ginnel: installing the npm package @ngrok/ngrok-api ..." >&2
  (cd "$NPM_NGROK_API" && npm ci --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error) >&2 </dev/null
}
