# common.sh: sourced by the tests of the set-up.  Makes a temporary folder $T
# with a PATH of its own ($T/bin: links to the few real tools that the scripts
# may use, and shims), so that nothing is installed or fetched for real.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
# mirrors are words of a list, and so are the flags that pkg-config gives
case ${TMPDIR:-} in *[!A-Za-z0-9/._-]*) unset TMPDIR ;; esac
T=$(mktemp -d) || exit 1
trap 'rm -rf "$T"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
passed=0 failed=0
bin=$T/bin
mkdir "$bin" "$T/home" "$T/log"

# tools NAME...: real ones, found on the real PATH
tools () {
  for t in "$@"; do
    real=$(command -v "$t") && ln -sf "$real" "$bin/$t"
  done
}
tools sh env cat cmp cp cut date dirname find grep gzip head ln ls mkdir mktemp \
  mv rm sed sleep sha256sum shasum openssl sort tail tar tee timeout tr \
  wc xargs awk basename chmod touch
# shim NAME: the script comes from stdin; it logs each call in $T/log/NAME
shim () {
  rm -f "$bin/$1"
  { printf '#!/bin/sh\necho "$*" >>"%s"\n' "$T/log/$1"; cat; } >"$bin/$1"
  chmod +x "$bin/$1"
}
unshim () { rm -f "$bin/$1"; }
calls () { cat "$T/log/$1" 2>/dev/null; }
forget () { rm -f "$T"/log/*; }

# run COMMAND...: with that PATH and a time limit; output in $out, code in
# $code, seconds in $took
run () {
  begun=$(date +%s)
  out=$(timeout -k 1 60 env -i PATH="$bin" HOME="$T/home" "$@" 2>&1 </dev/null)
  code=$?
  took=$(($(date +%s) - begun))
}
# ok WHAT: the last command's status is the check
check () { # check WHAT CONDITION...
  what=$1
  shift
  if "$@"; then passed=$((passed + 1)); return; fi
  failed=$((failed + 1))
  printf 'failed: %s\n  exit code %s after %s s, output:\n%s\n' "$what" \
    "${code:-}" "${took:-}" "${out:-}" | sed 's/^/  /'
}
says () { case $out in *"$1"*) return 0 ;; esac; return 1; }
silent_on () { ! says "$1"; }
ended () { [ "$code" = "$1" ]; }
within () { [ "$took" -le "$1" ]; }
messages () { # messages N: that many of nnlua's own
  [ "$(printf '%s\n' "$out" | grep -c '^nnlua: ')" = "$1" ]
}
finish () {
  echo "$passed passed, $failed failed"
  [ $failed = 0 ]
  exit
}
