#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Build the RPM packages of this tree into build/rpm.
set -eu

fail() {
	echo "rpm.sh: $*" >&2
	exit 1
}

cd "$(dirname "$0")/../.."
out=$PWD/build/rpm
rm -rf "$out"
mkdir -p "$out/SOURCES"
cp "$(scripts/dist/tarball.sh)" "$out/SOURCES"
dygraphs=${DYGRAPHS:-/usr/share/javascript/dygraphs}
cp "$dygraphs/dygraph.min.js" "$dygraphs/dygraph.min.css" "$out/SOURCES" || fail "no dygraphs in $dygraphs; set DYGRAPHS"
version=$(sed -n 's/^VERSION := //p' Makefile)
sed "s/@VERSION@/$version/" scripts/dist/slash64.spec.in >"$out/slash64.spec"

# Where packages are not RPMs, nothing can be said of what is installed.
options=
[ -e /etc/redhat-release ] || options=--nodeps
# shellcheck disable=SC2086 # options are words
rpmbuild -bb $options --define "_topdir $out" "$out/slash64.spec" >"$out/build.log" 2>&1 ||
	fail "rpmbuild failed: $(grep -m 1 -i error "$out/build.log"); all of it is in build/rpm/build.log"
find "$out/RPMS" -name '*.rpm' -printf '%f\n' | sort
