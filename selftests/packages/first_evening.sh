#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A stranger's first evening, timed: the README, a fresh Debian, two network namespaces. The commands are those of the README's
# "Install" and "First steps"; only what they say must be there by hand is added. The fresh Debian is made for it, is not part
# of the time, and is removed.
#
#   first_evening.sh [SUITE]     the Debian of this machine, or another one
set -u
here=$(cd "$(dirname "$0")" && pwd)
project=$(cd "$here/../.." && pwd)
suite=${1:-$(. /etc/os-release && echo "$VERSION_CODENAME")}
LIMIT=300 # seconds
passed=0 failed=0

finish() {
	echo "$passed passed, $failed failed"
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

[ "$(id -u)" = 0 ] || give_up "the first evening" "a clean Debian is made by root"
[ -n "${OWN_MOUNTS:-}" ] || OWN_MOUNTS=yes exec unshare --mount "$0" "$@"

work=$(mktemp -d /var/tmp/slash64-evening.XXXXXX) || exit 1
trap 'umount -q -R -l "$work/tree/dev" "$work/tree/proc" "$work/bpffs"; rm -rf --one-file-system "$work"' EXIT
trap 'exit 130' INT TERM HUP
tree=$work/tree

inside() {
	chroot "$tree" /usr/bin/env -i HOME=/root TERM=dumb LC_ALL=C.UTF-8 \
		PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
}

# The commands of a section of the README: what is indented, up to the next heading. readme SECTION
readme() {
	sed -n "/^## $1\$/,/^## /p" "$project/README.md" | sed -n 's/^    //p'
}

install=$(readme Install | grep '^make deb')
steps=$(readme 'First steps' | grep -v '^interfaces:')
[ -n "$install" ] && [ -n "$steps" ] || give_up "the README" "it does not say what to do"

echo "making a clean Debian ($suite)"
mirror=$("$project/scripts/dist/mirror.sh" "$suite") || give_up "a clean Debian" "apt's sources name no mirror of Debian"
debootstrap --variant=minbase --include=systemd,systemd-sysv,dbus,iproute2,iputils-ping "$suite" "$tree" "$mirror" \
	>"$work/log" 2>&1 || give_up "a clean Debian" "debootstrap: $(grep '^[EW]: ' "$work/log" | tail -n 1)"
chmod 755 "$tree"
mount -t proc proc "$tree/proc" && mount --rbind /dev "$tree/dev" && mount --make-rslave "$tree/dev" ||
	give_up "a clean Debian" "cannot mount what belongs to a system"
mkdir -p "$tree/srv" && "$project/scripts/dist/tree.sh" "$tree/srv/slash64" || give_up "the sources" "git archive failed"

# --- Install: as root, in the sources; with what a minimal Debian has not ---
start=$(date +%s)
echo "\$ $install"
inside sh -c "apt-get install -q -y --no-install-recommends make && cd /srv/slash64 && export DEBIAN_FRONTEND=noninteractive && \
	${install//apt install/apt-get install -q -y}" >"$work/log" 2>&1
result $? "what the README says installs slash64" "$(tail -n 1 "$work/log")"
[ "$failed" = 0 ] || finish
building=$(($(date +%s) - start))
echo "        building and installing: $building s"
umount -R -l "$tree/dev" "$tree/proc"

# --- First steps: on the booted system, a router between two network namespaces ---
printf '%s\n' "$steps" >"$tree/root/steps"
cp "$here/evening.sh" "$tree/root/evening.sh"
cat >"$tree/etc/systemd/system/evening.service" <<-'EOF'
	[Unit]
	After=multi-user.target
	[Service]
	Type=oneshot
	ExecStart=/bin/sh -c 'bash /root/evening.sh >/root/evening.log 2>&1; systemctl poweroff'
EOF
mkdir -p "$tree/etc/systemd/system/graphical.target.wants"
ln -s ../evening.service "$tree/etc/systemd/system/graphical.target.wants/evening.service"
mkdir "$work/bpffs" && mount -t bpf bpf "$work/bpffs" || give_up "a system" "cannot mount bpffs"
timeout 300 systemd-nspawn --quiet --directory="$tree" --register=no --keep-unit --private-network --capability=all \
	--system-call-filter="bpf perf_event_open" --bind="$work/bpffs:/sys/fs/bpf" --boot >"$work/boot.log" 2>&1 </dev/null
if [ ! -e "$tree/root/evening.log" ]; then
	echo "skipped the first steps: no container boots here: $(grep . "$work/boot.log" | tail -n 1)"
	finish
fi
while IFS= read -r line; do
	case $line in
	'ok '*) result 0 "${line#ok }" ;;
	'not ok '*) result 1 "${line#not ok }" ;;
	'seconds '*) typing=${line#seconds } ;;
	*) echo "        $line" ;;
	esac
done <"$tree/root/evening.log"
[ -n "${typing:-}" ] || give_up "the first steps" "they have not come to their end"
echo "        first steps: $typing s; in all $((building + typing)) s"
[ $((building + typing)) -lt $LIMIT ]
result $? "a filter in monitor mode in under $LIMIT seconds" "it took $((building + typing))"
finish
