# Sourced by the scripts beside it, with ROOT set. Installs the npm package `ngrok` for test/compat, in a folder of its own, as its
# users have it, but for one thing: in the place of the vendor's program stands a link to ours.

NPM_NGROK=$ROOT/test/compat/npm-ngrok

# Quiet when all is there.
ensure_npm_ngrok() {
  if npm_ngrok_is_stale; then
    with_install_lock install_npm_ngrok
  fi
}

npm_ngrok_is_stale() {
  [ ! -L "$NPM_NGROK/node_modules/ngrok/bin/ngrok" ] ||
    [ "$NPM_NGROK/package-lock.json" -nt "$NPM_NGROK/node_modules/.package-lock.json" ]
}

install_npm_ngrok() {
  npm_ngrok_is_stale || return 0 # another script may have installed while we waited for the lock
  echo "ginnel: installing the npm package ngrok ..." >&2
  # Its scripts would fetch the vendor's program, and the package holds a copy. Neither is ever run.
  (cd "$NPM_NGROK" && npm ci --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error) >&2 </dev/null || return 1
  ln -sf ../../../../../../dist/ginnel "$NPM_NGROK/node_modules/ngrok/bin/ngrok"
}
