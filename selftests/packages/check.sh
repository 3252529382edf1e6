#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The packages of the committed tree, as they are built, and as they are installed, upgraded, removed and purged in a clean
# Debian that is booted in a container. Everything is made for that, and removed.
#
#   check.sh [SUITE]     the Debian of this machine, or another one, in which the packages are built then
set -u
here=$(cd "$(dirname "$0")" && pwd)
project=$(cd "$here/../.." && pwd)
own=$(. /etc/os-release && echo "$VERSION_CODENAME")
suite=${1:-$own}
. "$here/lib.sh"
. "$here/built.sh"

[ "$(id -u)" = 0 ] || give_up "packages" "a clean Debian is made by root"
# Mounts of its own, which nobody else sees.
[ -n "${OWN_MOUNTS:-}" ] || OWN_MOUNTS=yes exec unshare --mount "$0" "$@"

work=$(mktemp -d /var/tmp/slash64-packages.XXXXXX) || exit 1
tree=$work/tree build=$work/build built=$work/built later=$work/later
trap 'take_mounts "$tree"; take_mounts "$build"; umount -q -l "$work/bpffs"; rm -rf --one-file-system "$work"' EXIT
trap 'exit 130' INT TERM HUP
mkdir "$built" "$later"

# --- built ---

build_on_this_machine() {
	build_one || give_up "make deb" "$(last_words)"
	result 0 "make deb"
	build_two || give_up "make deb, again" "$(last_words)"
	command -v faketime >/dev/null || skip "at times that are far apart" "there is no faketime"
	differ=$(differences deb/*.deb)
	[ -z "$differ" ]
	result $? "the packages of two builds, in other folders, 400 days later, with another umask, are the same" "$differ"
	differ=$(differences dist/*.tar.xz)
	[ -z "$differ" ]
	result $? "so are the tarballs" "$differ"
	differ=$(differences dist/*.json)
	[ -z "$differ" ]
	result $? "and the bills of materials" "$differ"
	said=$("$here/spdx.py" "$work/one/slash64/build/dist/bill.spdx.json" "$work/one/slash64/build/deb" 2>&1)
	result $? "the bill of materials is SPDX 2.3, and right" "$said"
	mv "$work/one/slash64/build/deb/"* "$built"
	rm -rf "$work/one"
	kept=$(echo "$work"/two/a-longer-path/src/build/deb/slash64-*/)
	build_later "$kept" || give_up "a later version" "$(last_words)"
	mv "$work"/two/a-longer-path/src/build/deb/*0.2.1~test*.deb "$later"
	rm -rf "$work/two"
}

build_in_another_debian() {
	cp -a "$tree" "$build" && give_mounts "$build" && mkdir -p "$build/srv" &&
		"$project/scripts/dist/tree.sh" "$build/srv/slash64" ||
		give_up "make deb in $suite" "cannot make a tree for it"
	inside "$build" sh -c 'cd /srv/slash64 && apt-get build-dep -y -q . && KEEP=yes scripts/dist/deb.sh' >"$work/log" 2>&1 ||
		give_up "make deb in $suite" "$(last_words)"
	result 0 "make deb in $suite"
	local out=$build/srv/slash64/build/deb kept
	kept=$(echo "$out"/slash64-*/)
	mv "$out"/*.deb "$built"
	raise_version "$kept" && inside "$build" sh -c \
		'cd /srv/slash64/build/deb/slash64-*/ && dh_clean && dpkg-buildpackage -b -nc -us -uc' >"$work/log" 2>&1 ||
		give_up "a later version" "$(last_words)"
	mv "$out"/*0.2.1~test*.deb "$later"
	take_mounts "$build"
	rm -rf --one-file-system "$build"
}

if [ "$suite" = "$own" ]; then
	build_on_this_machine
	make_tree "$suite" "$tree"
else
	make_tree "$suite" "$tree"
	build_in_another_debian
fi

if command -v lintian >/dev/null && [ "$suite" = "$own" ]; then
	said=$(lintian --allow-root --tag-display-limit 0 --fail-on error,warning "$built"/*.changes 2>&1)
	result $? "lintian finds neither error nor warning" "$said"
else
	skip "lintian" "it is that of another Debian"
fi
rm -f "$built"/*dbgsym* "$later"/*dbgsym*

# --- installed ---

. "$here/piuparts.sh"

# The same again as a higher version, for an upgrade that changes nothing else.
mkdir "$work/same"
for deb in "$built"/*.deb; do
	name=$(basename "${deb%%_*}")
	version=$(dpkg-deb -f "$deb" Version)
	dpkg-deb -R "$deb" "$work/$name" &&
		sed -i "s/^Version: .*/Version: $version+same/; s/(= $version)/(= $version+same)/" "$work/$name/DEBIAN/control" &&
		dpkg-deb -b --root-owner-group "$work/$name" "$work/same/${name}_same.deb" >"$work/log" ||
		give_up "the same as a higher version" "$(last_words)"
	rm -rf "${work:?}/$name"
done

give_mounts "$tree" || give_up "a clean Debian" "cannot mount what belongs to a system"
mkdir "$tree/root/now" && cp "$built"/*.deb "$tree/root/now" && cp -r "$work/same" "$later" "$here/inside/." "$tree/root"
# What they depend on is fetched before: the system has no network when it runs.
inside "$tree" sh -c 'apt-get install -y -q --no-install-recommends --download-only /root/now/*.deb' >"$work/log" 2>&1 ||
	give_up "dependencies" "$(last_words)"
take_mounts "$tree"

. "$here/container.sh"

cat >"$tree/etc/systemd/system/life.service" <<-'EOT'
	[Unit]
	After=multi-user.target
	[Service]
	Type=oneshot
	ExecStart=/bin/sh -c 'bash /root/all.sh >/root/life.log 2>&1; systemctl poweroff'
EOT
mkdir -p "$tree/etc/systemd/system/graphical.target.wants"
ln -s ../life.service "$tree/etc/systemd/system/graphical.target.wants/life.service"
mkdir "$work/bpffs" && mount -t bpf bpf "$work/bpffs" || give_up "a system" "cannot mount bpffs"
echo "booting it"
timeout 900 systemd-nspawn --quiet --directory="$tree" --register=no --keep-unit --private-network --capability=all \
	--system-call-filter="bpf perf_event_open" --bind="$work/bpffs:/sys/fs/bpf" --boot >"$work/boot.log" 2>&1 </dev/null
if [ ! -e "$tree/root/life.log" ]; then
	skip "the life of the packages" "no container boots here: $(grep . "$work/boot.log" | tail -n 1)"
	finish
fi
while IFS= read -r line; do
	case $line in
	'ok '*) result 0 "${line#ok }" ;;
	'not ok '*) result 1 "${line#not ok }" ;;
	esac
done <"$tree/root/life.log"
grep -q '^ended$' "$tree/root/life.log" || result 1 "the life of the packages" "it has not come to its end: $(tail -n 1 "$work/boot.log")"
finish
