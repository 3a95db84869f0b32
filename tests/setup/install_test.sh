#!/bin/sh
# `make install` into a folder that is then moved: the program finds its own
# files, plain Lua the packages, a C host the library by pkg-config and by
# CMake; nothing points back into the build tree.
. "$(dirname "$0")/common.sh"
build=${NNLUA_BUILD:-$root/build}
lua=${NNLUA_LUA:-lua5.4}
unset LUA_PATH LUA_CPATH LUA_PATH_5_4 LUA_CPATH_5_4 LD_LIBRARY_PATH

# here COMMAND...: with the real PATH, output in $out, code in $code
here () {
  begun=$(date +%s)
  out=$(cd "$T" && timeout -k 1 100 "$@" 2>&1 </dev/null)
  code=$?
  took=$(($(date +%s) - begun))
}
here cmake --install "$build" --prefix "$T/first"
check "it installs" ended 0
[ "$code" != 0 ] || out=
mv "$T/first" "$T/there"
at=$T/there
for f in bin/nnlua include/nnlua.h share/nnlua/fetch-data \
  share/lua/5.4/torch/init.lua share/lua/5.4/nn/init.lua; do
  check "$f is installed" test -f "$at/$f"
done
lib=$(dirname "$(find "$at" -name libnnlua.so | head -1)")
check "the pkg-config file is installed" test -f "$lib/pkgconfig/nnlua.pc"

here "$at/bin/nnlua" -e 'print(package.searchpath("torch", package.path))
  print(package.searchpath("nnlua.core", package.cpath))
  print(torch.ones(2, 3):sum())'
check "the program runs where it was moved" ended 0
check "it has its own Lua files" says "/share/lua/5.4/torch/init.lua"
check "it has its own module" says "/lua/5.4/nnlua/core.so"
check "it works" says 6
check "nothing comes from the tree" silent_on "$root"
here "$at/share/nnlua/fetch-data" nonsense
check "the installed fetch-data runs" says "unknown data set 'nonsense'"

if command -v "$lua" >/dev/null 2>&1; then
  here env LUA_PATH="$at/share/lua/5.4/?.lua;$at/share/lua/5.4/?/init.lua" \
    LUA_CPATH="$lib/lua/5.4/?.so" "$lua" -e \
    'local torch = require "torch" print(torch.ones(2, 3):sum())'
  check "plain Lua finds the packages" ended 0
  check "plain Lua computes" says 6
fi

cat >"$T/host.c" <<'EOT'
#include <nnlua.h>
#include <stdio.h>
int main (void) {
  nl_ctx *C = nl_ctx_new(NULL);
  int64_t shape[2] = {2, 3};
  nl_value *x = nl_full(C, NL_F32, 2, shape, 1.5);
  double sum = 0;
  int64_t i;
  bool is_int;
  nl_status s = nl_item(C, nl_sum(C, x, NL_ALL_DIMS, false), &sum, &i, &is_int);
  printf("nnlua %s: %g\n", nl_version(), sum);
  nl_ctx_free(C);
  return s != NL_OK;
}
EOT
PKG_CONFIG_PATH=$lib/pkgconfig
export PKG_CONFIG_PATH
# shellcheck disable=SC2046 # flags are words
here cc -o "$T/host" "$T/host.c" $(pkg-config --cflags --libs nnlua)
check "a host compiles with pkg-config" ended 0
here env LD_LIBRARY_PATH="$lib" "$T/host"
check "the host runs" says "nnlua $(cat "$root/VERSION"): 9"

# the program of docs/c-api.md, in C and in C++
page=$root/docs/c-api.md
sed -n '/^```c$/,/^```$/{/^```$/q;/^```/d;p;}' "$page" >"$T/gradient.c"
cp "$T/gradient.c" "$T/gradient.cc"
wanted=$(sed -n 's/^It prints `\(.*\)`\.$/\1/p' "$page")
compiled () { # compiled COMPILER FILE
  # shellcheck disable=SC2046,SC2086
  here $1 -Wall -Wextra -Werror -o "$T/gradient" "$2" \
    $(pkg-config --cflags --libs nnlua) \
    -Wl,-rpath,"$(pkg-config --variable=libdir nnlua)"
  check "the program of c-api.md compiles: $1" ended 0
  here "$T/gradient"
  check "it prints what the page says" test -n "$wanted" -a "$out" = "$wanted"
}
compiled "cc -std=c11 -Wpedantic" "$T/gradient.c"
for cxx in g++ clang++; do
  if command -v $cxx >/dev/null 2>&1; then
    compiled "$cxx -std=c++11 -Wpedantic" "$T/gradient.cc"
  fi
done

# the program of docs/howto/embedding.md, with this place for /usr/local
if pkg-config --exists lua5.4; then
  sed -n '/^```c$/,/^```$/{/^```/d;p;}' "$root/docs/howto/embedding.md" |
    sed "s|/usr/local/lib/|$lib/|; s|/usr/local/|$at/|" >"$T/embed.c"
  # shellcheck disable=SC2046
  here cc -Wall -Wextra -Werror -o "$T/embed" "$T/embed.c" \
    $(pkg-config --cflags --libs lua5.4)
  check "the program that embeds Lua compiles" ended 0
  here "$T/embed"
  check "it runs" ended 0
  wanted=$(sed -n 's/^It prints `\(.*\)`\.$/\1/p' \
    "$root/docs/howto/embedding.md")
  check "it prints what the page says" test -n "$wanted" -a "$out" = "$wanted"
fi

for example in "$root"/examples/*.c; do
  name=$(basename "$example" .c)
  # shellcheck disable=SC2046
  here cc -std=c11 -Wall -Wextra -Werror -o "$T/$name" "$example" \
    $(pkg-config --cflags --libs nnlua) -lm
  check "examples/$name.c compiles" ended 0
  here env LD_LIBRARY_PATH="$lib" "$T/$name"
  check "it runs" ended 0
  check "it prints what $name.out says" test "$out" = \
    "$(cat "$root/examples/$name.out")"
done

mkdir "$T/app"
cat >"$T/app/CMakeLists.txt" <<'EOT'
cmake_minimum_required(VERSION 3.18)
project(host C)
find_package(nnlua 0.1 REQUIRED CONFIG)
add_executable(host ../host.c)
target_link_libraries(host PRIVATE nnlua::nnlua)
EOT
here cmake -S "$T/app" -B "$T/app/b" -DCMAKE_PREFIX_PATH="$at"
check "a host configures with find_package" ended 0
here cmake --build "$T/app/b"
check "it builds" ended 0
here "$T/app/b/host"
check "it runs" says "nnlua $(cat "$root/VERSION"): 9"
finish
