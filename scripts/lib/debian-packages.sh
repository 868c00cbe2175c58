# Sourced by the scripts beside it. Finds the programs that tests or benchmarks run, and installs their Debian packages.
#
# Nothing that is installed here gets started: packages of servers start them on installation otherwise.

POLICY=/usr/sbin/policy-rc.d

# require_programs PURPOSE PROGRAM=PACKAGE... : returns 0 when every program is there, if need be after installing.
require_programs() {
  local purpose=$1 missing
  shift
  PATH=$PATH:/usr/sbin:/sbin # servers live there, and not every user's PATH says so
  export PATH
  missing=$(missing_packages "$@")
  [ -n "$missing" ] || return 0
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "ginnel: installing $missing ..." >&2
    # shellcheck disable=SC2086 # a list of words
    install_debian_packages $missing >&2 || true
    missing=$(missing_packages "$@")
    [ -n "$missing" ] || return 0
  fi
  echo "$purpose need programs that are not installed. As root: apt-get install $missing" >&2
  return 1
}

missing_packages() {
  local entry packages=""
  for entry in "$@"; do
    program_is_there "${entry%%=*}" || packages="$packages ${entry#*=}"
  done
  # shellcheck disable=SC2086 # a list of words
  echo $packages | tr ' ' '\n' | sort -u | paste -sd ' '
}

# Debian keeps PostgreSQL's servers out of PATH, in one folder per version.
program_is_there() {
  command -v "$1" >/dev/null || compgen -G "/usr/lib/postgresql/*/bin/$1" >/dev/null
}

install_debian_packages() {
  local status=0 policy_is_ours=false
  if [ ! -e "$POLICY" ]; then
    policy_is_ours=true
    # It forbids only while this script lives, so one that a crash leaves behind does nothing.
    printf '#!/bin/sh\nkill -0 %s 2>/dev/null && exit 101\nexit 0\n' "$$" >"$POLICY"
    chmod 755 "$POLICY"
    trap 'rm -f "$POLICY"' EXIT
  fi
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -q </dev/null &&
    apt-get install -q -y --no-install-recommends "$@" </dev/null || status=$?
  if [ "$policy_is_ours" = true ]; then
    rm -f "$POLICY"
    trap - EXIT
  fi
  return "$status"
}
