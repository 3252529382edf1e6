# shellcheck shell=bash
# shellcheck disable=SC2154 # project, work and others are those of who reads it in
# SPDX-License-Identifier: GPL-2.0-only
# piuparts installs the packages in a copy of the clean tree, upgrades them to the later version, and purges them: what is left
# then, or was changed, is an error. Part of check.sh.

# repository FOLDER DEB...: as apt reads it
repository() {
	local folder=$1
	shift
	mkdir -p "$folder" && cp "$@" "$folder" && (cd "$folder" && dpkg-scanpackages -m . /dev/null >Packages 2>/dev/null)
}

piuparts_agrees() {
	local options=(--existing-chroot="$tree" --skip-logrotatefiles-test --no-eatmydata
		--mirror "$("$project/scripts/dist/mirror.sh" "$suite") main" --distribution "$suite"
		# what systemd and dbus write when they are installed is none of ours
		--ignore-regex '/(var/lib/systemd|var/log|etc/machine-id|var/lib/dbus).*')
	mkdir -p "$work/piuparts"
	TMPDIR=$work/piuparts piuparts "${options[@]}" "$@" >"$work/piuparts.log" 2>&1
}

if ! command -v piuparts >/dev/null; then
	skip "piuparts" "it is not installed"
elif [ "$suite" != "$own" ]; then
	skip "piuparts" "it knows no suite that is newer than itself"
else
	piuparts_agrees "$built"/*.deb
	result $? "piuparts: installed and purged, they leave nothing" "$(grep -A 1 -E 'FAIL' "$work/piuparts.log" | head -n 3)"
	repository "$work/old" "$built"/*.deb
	piuparts_agrees --extra-repo "deb [trusted=yes] file:$work/old ./" --bindmount "$work/old" "$later"/*.deb
	result $? "piuparts: upgraded and purged, they leave nothing" "$(grep -A 1 -E 'FAIL' "$work/piuparts.log" | head -n 3)"
	rm -rf "$work/piuparts" "$work/old"
fi
