#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Build the Debian packages of this tree into build/deb.
#
#   deb.sh [ARCH]     for this machine, or for another one, such as arm64; where this machine cannot build for that one, in a
#                     Debian that can (cross.sh)
#
# With KEEP=yes in the environment, the tree in which it was built stays in build/deb, with all that was compiled.
set -eu

fail() {
	echo "deb.sh: $*" >&2
	exit 1
}

cd "$(dirname "$0")/../.."
arch=${1:-$(dpkg --print-architecture)}
out=$PWD/build/deb
[ "$arch" = "$(dpkg --print-architecture)" ] || [ -n "${IN_CROSS:-}" ] ||
	dpkg-checkbuilddeps -a"$arch" -Pcross,nocheck 2>/dev/null ||
	exec scripts/dist/cross.sh "$arch" scripts/dist/deb.sh "$arch"
version=$(dpkg-parsechangelog -S Version)
tree=$out/slash64-$version

rm -rf "$out"
mkdir -p "$out"
scripts/dist/tree.sh "$tree"

cd "$tree"
options="-b -J$(nproc)"
[ "$arch" = "$(dpkg --print-architecture)" ] || options="$options -a$arch -Pcross,nocheck"
echo "building slash64 $version for $arch"
# shellcheck disable=SC2086 # options are words
dpkg-buildpackage $options -us -uc >"$out/build.log" 2>&1 ||
	fail "dpkg-buildpackage failed: $(grep -m 1 -E 'rror|nmet' "$out/build.log"); all of it is in build/deb/build.log"
cd "$out"
[ "${KEEP:-}" = yes ] || rm -rf "$tree"
ls ./*.deb
