# Sourced by the scripts beside it, with ROOT set. Knows what `npm ci` must have left behind; progress goes to stderr.

# Puts node_modules in step with package-lock.json, and the real bun behind node_modules/.bin/bun. Quiet when all is there.
ensure_node_modules() {
  if node_modules_are_stale || ! bun_runs; then
    with_install_lock install_node_modules
  fi
}

node_modules_are_stale() {
  # npm writes this file at the end of every installation; git renews the other one when its content changes.
  [ ! -f "$ROOT/node_modules/.package-lock.json" ] ||
    [ "$ROOT/package-lock.json" -nt "$ROOT/node_modules/.package-lock.json" ]
}

bun_runs() {
  "$ROOT/node_modules/.bin/bun" --version >/dev/null 2>&1
}

install_node_modules() {
  if node_modules_are_stale; then # asked again: another script may have installed while we waited for the lock
    command -v npm >/dev/null || {
      echo "ginnel needs Node.js with npm, which was not found. Install it (Debian: apt-get install npm) and try again." >&2
      return 1
    }
    echo "ginnel: installing packages (npm ci) ..." >&2
    (cd "$ROOT" && npm ci --no-audit --no-fund --no-update-notifier --loglevel=error) >&2 </dev/null || return 1
  fi
  # npm leaves a placeholder instead of bun where it does not run the scripts of packages.
  if ! bun_runs; then
    echo "ginnel: unpacking bun ..." >&2
    (cd "$ROOT" && node node_modules/bun/install.js) >&2 </dev/null || return 1
  fi
  bun_runs || {
    echo "ginnel: node_modules/.bin/bun does not run on this machine. Remove node_modules and try again." >&2
    return 1
  }
}

# Two scripts started at once on a fresh machine must not both install. Without flock (macOS) there is no such care.
with_install_lock() {
  if command -v flock >/dev/null; then
    (flock 9 && "$@") 9<"$ROOT/package-lock.json"
  else
    "$@"
  fi
}
