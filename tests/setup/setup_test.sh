#!/bin/sh
# tools/setup with shims on PATH: no sudo, sudo without a terminal, a held
# lock, missing candidates, other systems: each ends in bounded time with a
# message that says what to do; and the way that works.
. "$(dirname "$0")/common.sh"

release=$T/os-release
system () { printf '%s\n' "$@" >"$release"; }
setup () {
  run NNLUA_BUILD="$T/build" NNLUA_OS_RELEASE="$release" \
    NNLUA_LOCK_TIMEOUT=2 "$@"
}
user () { shim id <<EOT
echo $1
EOT
}
shim uname <<'EOT'
echo Linux
EOT
candidates () { shim apt-cache <<'EOT'
echo "  Candidate: 1.0-1"
EOT
}
system 'ID=debian' 'VERSION_ID="12"'
user 1000
candidates
shim apt-get <<'EOT'
exit 0
EOT

# a user without sudo: the exact command, and 2
setup "$root/tools/setup" build
check "no sudo ends with 2" ended 2
check "no sudo says one thing" messages 1
check "no sudo prints the command" says \
  "apt-get install -y --no-install-recommends gcc libc6-dev cmake pkg-config \
liblua5.4-dev libuv1-dev libopenblas-dev libsleef-dev"
check "no sudo names what is missing" says "missing: a C compiler, CMake"
check "no sudo calls no apt-get" test -z "$(calls apt-get)"
setup "$root/tools/setup" mnist
check "mnist asks for gnuplot too" says "gnuplot-nox"
check "mnist asks for no test tools" silent_on "busted"
setup "$root/tools/setup" test
check "test asks for its tools" says "lua5.4 lua-busted lua-check"
check "test asks for no clang" silent_on "clang"
setup "$root/tools/setup" ci
check "ci asks for all" says "clang valgrind"
setup "$root/tools/setup" nonsense
check "an unknown level ends with 2" ended 2
check "an unknown level is named" says "unknown level 'nonsense'"

# sudo that wants a password, and no terminal
shim sudo <<'EOT'
[ "$1" = -n ] && exit 1
sleep 100
EOT
setup "$root/tools/setup" build
check "sudo without terminal ends with 2" ended 2
check "sudo without terminal prints the command" says "apt-get install -y"
check "sudo without terminal does not wait" within 5

# ... with a terminal it is asked
if script -qec true /dev/null >/dev/null 2>&1 </dev/null; then
  tools script
  shim sudo <<'EOT'
[ "$1" = -n ] && exit 1
echo asked; exit 1
EOT
  forget
  setup script -qec "'$root/tools/setup' build" /dev/null
  check "sudo with a terminal is called" test -n "$(calls sudo | grep apt-get)"
fi

# sudo -n works: apt-get brings the tools, and the second run asks nothing
shim sudo <<'EOT'
[ "$1" = -n ] && shift
[ "$1" = true ] || exec "$@"
EOT
shim apt-get <<EOT
case "\$*" in *install*)
  for t in cc gcc cmake pkg-config as ld; do
    ln -sf "\$(PATH=$PATH command -v \$t)" "$bin/\$t"
  done ;;
esac
EOT
forget
setup "$root/tools/setup" build
check "sudo -n installs" ended 0
check "apt-get is not interactive" says "installing what is missing"
check "apt-get gets the lock's timeout" test -n \
  "$(calls apt-get | grep 'DPkg::Lock::Timeout=2')"
check "no recommended packages" test -n \
  "$(calls apt-get | grep -e '--no-install-recommends gcc')"
check "no update when all candidates are there" test -z \
  "$(calls apt-get | grep update)"
forget
unshim sudo
setup "$root/tools/setup" build
check "the second run is content" ended 0
check "the second run is silent" test -z "$out"
check "the second run calls no apt-get" test -z "$(calls apt-get)"
unshim cmake
setup "$root/tools/setup" build
check "what went away is seen" says "missing: CMake."
check "only that is asked for" says "--no-install-recommends cmake"

# libraries are seen by compiling: a compiler that can't link is no compiler
tools cmake
rm -rf "$T/build"
shim cc <<'EOT'
exit 1
EOT
setup "$root/tools/setup" build
check "a compiler that does not link is missing" says "missing: a C compiler"
unshim cc
unshim gcc
unshim cmake
unshim pkg-config

# as root: candidates are missing until update ran
user 0
shim apt-cache <<EOT
[ -f "$T/updated" ] && echo "  Candidate: 1.0-1" || echo "  Candidate: (none)"
EOT
shim apt-get <<EOT
case "\$*" in *update*) : >"$T/updated" ;; esac
EOT
forget
setup "$root/tools/setup" build
check "a missing candidate makes it update" test -n \
  "$(calls apt-get | grep update)"
check "then it installs" test -n "$(calls apt-get | grep install)"
check "installed but unusable ends with 2" ended 2
check "installed but unusable is said" says "installed, but still not usable"
rm -f "$T/updated"
shim apt-get <<'EOT'
exit 0
EOT
setup "$root/tools/setup" build
check "no candidate at all ends with 2" ended 2
check "no candidate at all names the package" says "apt has no package gcc"

# another package manager holds a lock
candidates
shim apt-get <<'EOT'
echo "E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by \
process 77 (apt-get)" >&2
exit 100
EOT
setup "$root/tools/setup" build
check "a held lock ends with 2" ended 2
check "a held lock is bounded" within 20
check "a held lock is said" says "another package manager holds apt's lock"
check "a held lock says what to do" says "run make again"
shim apt-cache <<'EOT'
exit 0
EOT
setup "$root/tools/setup" build
check "a lock held at update ends with 2" ended 2
check "a lock held at update is bounded" within 20
check "a lock held at update is said" says "holds apt's lock; waited 2 s"

# apt-get fails: the reason is shown
candidates
shim apt-get <<'EOT'
case "$*" in *update*) exit 0 ;; esac
echo "E: Unable to fetch some archives" >&2
exit 100
EOT
setup "$root/tools/setup" build
check "a failing install ends with 2" ended 2
check "a failing install gives apt's reason" says "Unable to fetch some"

# other systems: the line to type
elsewhere () { # elsewhere ID LINE
  system "ID=$1"
  setup "$root/tools/setup" build
  check "$1 ends with 2" ended 2
  check "$1 gets its line" says "$2"
  check "$1 gets one message" messages 1
}
elsewhere fedora 'sudo dnf install gcc cmake pkgconf-pkg-config lua-devel'
elsewhere arch 'sudo pacman -S --needed gcc cmake pkgconf lua libuv openblas'
elsewhere alpine 'sudo apk add gcc musl-dev cmake pkgconf lua5.4-dev'
elsewhere plan9 "Install them with your system's package manager"
system 'ID=linuxmint' 'ID_LIKE="ubuntu debian"'
setup "$root/tools/setup" build
check "a relative of Debian uses apt" test -n "$(calls apt-get | tail -1)"
shim uname <<'EOT'
echo Darwin
EOT
setup "$root/tools/setup" test
check "macOS gets Homebrew's line" says 'brew install gcc cmake pkgconf lua@5.4'
check "macOS gets luarocks for busted" says \
  'luarocks --lua-version 5.4 install busted'
finish
