#!/bin/sh
# Lays out the smallest file system that the Linux executable runs in: itself, the libraries it is linked to, and a place for
# /proc, which the runtime reads at its start. The container image is made of it, and a test runs in it.
#
#   scripts/lib/minimal-root.sh EXECUTABLE FOLDER
set -eu
executable=$1 folder=$2

mkdir -p "$folder/proc" "$folder/usr/bin"
cp "$executable" "$folder/usr/bin/ginnel"
# Lines such as "libm.so.6 => /lib/x86_64-linux-gnu/libm.so.6 (0x...)" and "/lib64/ld-linux-x86-64.so.2 (0x...)".
ldd "$executable" | sed -nE 's|^[^/]*(/[^ ]+) \(0x.*|\1|p' | while read -r library; do
  mkdir -p "$folder$(dirname "$library")"
  cp -L "$library" "$folder$library"
done
