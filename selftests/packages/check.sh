#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The packages of the committed tree, as they are built, and as they are installed, upgraded, removed and purged in a clean
# Debian that is booted in a container. Everything is made for that, and removed.
#
#   check.sh [SUITE]     the Debian of this machine, or another one, in which the packages are built then
set -u
here=$(cd "$(dirname "$0")" && pwd)
project=$(cd "$here/../.." && pwd)
suite=${1:-$(. /etc/os-release && echo "$VERSION_CODENAME")}
passed=0 failed=0 skipped=0

finish() {
	echo "$passed passed, $failed failed$([ "$skipped" = 0 ] || echo ", $skipped skipped")"
	[ "$failed" = 0 ]
	exit
}

# result STATUS NAME [WHY]
result() {
	if [ "$1" = 0 ]; then
		echo "ok      $2"
		passed=$((passed + 1))
	else
		echo "FAILED  $2: ${3:-}"
		failed=$((failed + 1))
	fi
}

give_up() {
	result 1 "$@"
	finish
}

[ "$(id -u)" = 0 ] || give_up "packages" "a clean Debian is made by root"
# Mounts of its own, which nobody else sees.
[ -n "${OWN_MOUNTS:-}" ] || OWN_MOUNTS=yes exec unshare --mount "$0" "$@"

work=$(mktemp -d /var/tmp/slash64-packages.XXXXXX) || exit 1
trap 'umount -q -R -l "$work/tree/dev" "$work/tree/proc" "$work/bpffs"; rm -rf --one-file-system "$work"' EXIT
trap 'exit 130' INT TERM HUP
tree=$work/tree built=$work/built

mirror=$("$project/scripts/dist/mirror.sh" "$suite") || give_up "packages" "apt's sources name no mirror of Debian"

inside() {
	chroot "$tree" /usr/bin/env -i HOME=/root TERM=dumb LC_ALL=C.UTF-8 \
		PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive "$@"
}

make_tree() {
	echo "making a clean Debian ($suite)"
	debootstrap --variant=minbase --include=systemd,systemd-sysv,dbus,iproute2,iputils-ping,procps,python3-minimal \
		"$suite" "$tree" "$mirror" >"$work/log" 2>&1 ||
		give_up "a clean Debian" "debootstrap: $(grep '^[EW]: ' "$work/log" | tail -n 1)"
	chmod 755 "$tree"
	mount -t proc proc "$tree/proc" && mount --rbind /dev "$tree/dev" && mount --make-rslave "$tree/dev" ||
		give_up "a clean Debian" "cannot mount what belongs to a system"
}

# In the folder FOLDER, another than the project's, as of an archive.
build_here() {
	"$project/scripts/dist/tree.sh" "$1" && (cd "$1" && TZ=$2 scripts/dist/deb.sh) >"$work/log" 2>&1
}

build_inside() {
	mkdir -p "$tree/srv" && "$project/scripts/dist/tree.sh" "$tree/srv/slash64" &&
		inside sh -c 'cd /srv/slash64 && apt-get build-dep -y -q . && scripts/dist/deb.sh' >"$work/log" 2>&1
}

# --- built ---

if [ "$suite" = "$(. /etc/os-release && echo "$VERSION_CODENAME")" ]; then
	build_here "$work/one/slash64" UTC || give_up "make deb" "$(tail -n 1 "$work/log")"
	build_here "$work/two/a-longer-path/src" Asia/Tokyo || give_up "make deb, again" "$(tail -n 1 "$work/log")"
	result 0 "make deb"
	differ=$(cd "$work/one/slash64/build/deb" &&
		for deb in *.deb; do cmp "$deb" "$work/two/a-longer-path/src/build/deb/$deb" 2>&1; done)
	[ -z "$differ" ]
	result $? "two builds, in other folders, at another time, in another time zone, are the same" "$differ"
	mkdir "$built" && mv "$work/one/slash64/build/deb/"* "$built" && rm -rf "$work/one" "$work/two"
	make_tree
else
	make_tree
	build_inside || give_up "make deb in $suite" "$(tail -n 1 "$work/log")"
	result 0 "make deb in $suite"
	mkdir "$built" && mv "$tree/srv/slash64/build/deb/"* "$built" && rm -rf "$tree/srv/slash64"
fi

if command -v lintian >/dev/null && [ "$suite" = "$(. /etc/os-release && echo "$VERSION_CODENAME")" ]; then
	said=$(lintian --allow-root --tag-display-limit 0 --fail-on error,warning "$built"/*.changes 2>&1)
	result $? "lintian finds neither error nor warning" "$said"
else
	echo "skipped lintian: it is that of another Debian"
	skipped=$((skipped + 1))
fi

# --- installed: a newer version of the same, for the upgrade ---

newer=$work/newer
mkdir "$newer"
for deb in "$built"/slash64_*.deb "$built"/slash64-adapters_*.deb "$built"/slash64-dashboards_*.deb; do
	name=$(basename "${deb%%_*}")
	version=$(dpkg-deb -f "$deb" Version)
	dpkg-deb -R "$deb" "$newer/$name" &&
		sed -i "s/^Version: .*/Version: $version+later/; s/(= $version)/(= $version+later)/" "$newer/$name/DEBIAN/control" &&
		dpkg-deb -b --root-owner-group "$newer/$name" "$newer/${name}_later.deb" >"$work/log" ||
		give_up "a later version" "$(tail -n 1 "$work/log")"
done
mkdir "$tree/root/now" "$tree/root/later"
rm -f "$built"/*dbgsym*
cp "$built"/*.deb "$tree/root/now"
cp "$newer"/*.deb "$tree/root/later"
cp "$here/life.sh" "$here/traffic.py" "$tree/root"
# What they depend on is fetched before: the system has no network when it runs.
inside sh -c 'apt-get install -y -q --no-install-recommends --download-only /root/now/*.deb' >"$work/log" 2>&1 ||
	give_up "dependencies" "$(grep '^E: ' "$work/log" | tail -n 1)"
umount -R -l "$tree/dev" "$tree/proc"

cat >"$tree/etc/systemd/system/life.service" <<-'EOF'
	[Unit]
	After=multi-user.target
	[Service]
	Type=oneshot
	ExecStart=/bin/sh -c 'bash /root/life.sh >/root/life.log 2>&1; systemctl poweroff'
	[Install]
	WantedBy=graphical.target
EOF
ln -s ../life.service "$tree/etc/systemd/system/graphical.target.wants/life.service" 2>/dev/null || {
	mkdir -p "$tree/etc/systemd/system/graphical.target.wants"
	ln -s ../life.service "$tree/etc/systemd/system/graphical.target.wants/life.service"
}
mkdir "$work/bpffs" && mount -t bpf bpf "$work/bpffs" || give_up "a system" "cannot mount bpffs"
echo "booting it"
timeout 600 systemd-nspawn --quiet --directory="$tree" --register=no --keep-unit --private-network --capability=all \
	--system-call-filter="bpf perf_event_open" --bind="$work/bpffs:/sys/fs/bpf" --boot >"$work/boot.log" 2>&1 </dev/null
if [ ! -e "$tree/root/life.log" ]; then
	echo "skipped the life of the packages: no container boots here: $(grep . "$work/boot.log" | tail -n 1)"
	skipped=$((skipped + 1))
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
