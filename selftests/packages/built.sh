# shellcheck shell=bash
# shellcheck disable=SC2154 # project, work and others are those of who reads it in
# SPDX-License-Identifier: GPL-2.0-only
# How check.sh builds: twice, as differently as two people do it, and a later version.

# The same tree in two folders, at times, in time zones, languages, homes and with umasks that have nothing in common.
build_one() {
	"$project/scripts/dist/tree.sh" "$work/one/slash64" && (
		umask 022
		cd "$work/one/slash64" && TZ=UTC LC_ALL=C scripts/dist/deb.sh && scripts/dist/tarball.sh &&
			scripts/dist/sbom.py build/dist/bill.spdx.json
	) >"$work/log" 2>&1
}

build_two() {
	local clock=(faketime -f '+400d')
	command -v faketime >/dev/null || clock=()
	(
		umask 077
		"$project/scripts/dist/tree.sh" "$work/two/a-longer-path/src" &&
			cd "$work/two/a-longer-path/src" && mkdir -p "$work/home" &&
			KEEP=yes TZ=Asia/Tokyo LC_ALL=C.UTF-8 HOME=$work/home USER=somebody "${clock[@]}" scripts/dist/deb.sh &&
			"${clock[@]}" scripts/dist/tarball.sh && scripts/dist/sbom.py build/dist/bill.spdx.json
	) >"$work/log" 2>&1
}

# differences OF...: of the two builds
differences() {
	local one=$work/one/slash64/build two=$work/two/a-longer-path/src/build file
	for file in $(cd "$one" && ls "$@"); do
		cmp "$one/$file" "$two/$file" 2>&1
	done
}

# raise_version TREE: 0.2.1~test, whose maps are laid out otherwise, so that an upgrade has to take them over into new ones
raise_version() {
	local layout
	layout=$(sed -n 's/^#define S64_LAYOUT \([0-9]*\).*/\1/p' "$1/headers/slash64/maps.h")
	[ -n "$layout" ] && sed -i "s/^\(#define S64_LAYOUT\) $layout/\1 $((layout + 1))/" "$1/headers/slash64/maps.h" &&
		{
			printf 'slash64 (0.2.1~test) unstable; urgency=medium\n\n  * A later version, for a test.\n\n'
			printf ' -- slash64 maintainers <maintainers@slash64.invalid>  Sat, 28 Nov 2026 12:00:00 +0000\n\n'
			cat "$1/debian/changelog"
		} >"$1/changelog.new" && mv "$1/changelog.new" "$1/debian/changelog"
}

# build_later TREE: from one that was kept; only what depends on the layout is compiled again
build_later() {
	raise_version "$1" && (cd "$1" && dh_clean && dpkg-buildpackage -b -nc -us -uc "-J$(nproc)") >"$work/log" 2>&1
}
