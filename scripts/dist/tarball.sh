#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The sources as one file, build/dist/slash64-VERSION.tar.xz, the same bit for bit wherever and whenever it is made, with its
# SHA-256 beside it. Prints the name.
set -eu

cd "$(dirname "$0")/../.."
version=$(sed -n 's/^VERSION := //p' Makefile)
out=$PWD/build/dist
name=slash64-$version
made=$(date -u -d "$(sed -n '/^ -- /{s/.*>  //p;q}' debian/changelog)" +%s)

rm -rf "${out:?}/$name"
mkdir -p "$out"
scripts/dist/tree.sh "$out/$name"
tar -C "$out" --sort=name --mtime="@$made" --owner=0 --group=0 --numeric-owner --mode=u+rw,go+r,go-w --format=ustar -c "$name" |
	xz -9 -T1 >"$out/$name.tar.xz.new"
rm -rf "${out:?}/$name"
mv "$out/$name.tar.xz.new" "$out/$name.tar.xz"
(cd "$out" && sha256sum "$name.tar.xz" >"$name.tar.xz.sha256")
echo "build/dist/$name.tar.xz"
