#!/bin/sh
# The tools that judge the tree, on small trees of their own: the runner's
# sums and exit code, the checker of includes, and `make help`.
. "$(dirname "$0")/common.sh"

# ---- run-tests: what counts as a failure -----------------------------------------
tree=$T/tree
mkdir -p "$tree/tools" "$tree/tests/c" "$tree/tests/setup" "$T/b/tests"
cp "$root/tools/run-tests" "$root/tools/busted.lua" "$tree/tools"
: >"$tree/tests/setup/valgrind.txt"
program () { # program NAME: a C test, its stand-in comes from stdin
  : >"$tree/tests/c/$1.c"
  { echo '#!/bin/sh'; cat; } >"$T/b/tests/$1"
  chmod +x "$T/b/tests/$1"
}
runner () { run NNLUA_ONLY=c "$@" "$tree/tools/run-tests" "$T/b"; }
last () { [ "$(printf '%s\n' "$out" | tail -1)" = "$1" ]; }

program good_test <<'EOT'
echo "3 passed, 0 failed"
EOT
runner
check "passes add up" last "3 passed, 0 failed"
check "passes end with 0" ended 0
program bad_test <<'EOT'
echo "bad.c:7: 1 is not 2"
echo "1 passed, 2 failed"
exit 1
EOT
runner
check "failures add up" last "4 passed, 2 failed"
check "failures end with 1" ended 1
check "the log of a failure is shown" says "bad.c:7: 1 is not 2"
rm "$tree/tests/c/bad_test.c"
program crash_test <<'EOT'
echo "1 passed, 0 failed"
kill -SEGV $$
EOT
runner
check "a crash is a failure" last "4 passed, 1 failed"
rm "$tree/tests/c/crash_test.c"
program mute_test <<'EOT'
exit 0
EOT
runner
check "no summary is a failure" last "3 passed, 1 failed"
rm "$tree/tests/c/mute_test.c"
: >"$tree/tests/c/unbuilt_test.c"
runner
check "a missing program is a failure" last "3 passed, 1 failed"
rm "$tree/tests/c/unbuilt_test.c"
run NNLUA_ONLY=check "$tree/tools/run-tests" "$T/b"
check "a missing tool is skipped" says "luacheck is not installed"
run NNLUA_ONLY=check NNLUA_CI=1 "$tree/tools/run-tests" "$T/b"
check "in CI that is a failure" ended 1
run "$tree/tools/run-tests" "$T/none"
check "no build folder is said" says "no folder $T/none; run make"

# ---- check-includes ----------------------------------------------------------------
mkdir -p "$tree/runtime/core" "$tree/runtime/ops" "$tree/bindings"
cp "$root/tools/check-includes" "$tree/tools"
includes () { # includes FILE LINE
  echo "$2" >"$tree/$1"
  run "$tree/tools/check-includes"
  rm "$tree/$1"
}
includes runtime/ops/a.c '#include "core/core.h"'
check "ops may see core" ended 0
includes runtime/core/a.c '#include "ops/ops.h"'
check "core may not see ops" ended 1
includes bindings/a.c '#include "core/core.h"'
check "bindings may not see core" ended 1
includes runtime/core/a.c '#include <lua.h>'
check "core may not see Lua" ended 1
includes runtime/core/a.c '  # include <uv.h>'
check "core may not see libuv" ended 1

# ---- the front door ------------------------------------------------------------------
if command -v make >/dev/null 2>&1; then
  tools make
  for target in mnist test test-long bench install; do
    run make -C "$root" help
    check "make help names $target" says "make $target "
  done
fi
finish
