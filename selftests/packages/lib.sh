# shellcheck shell=bash
# shellcheck disable=SC2154 # project, work and others are those of who reads it in
# SPDX-License-Identifier: GPL-2.0-only
# What the checks of the packages share: results that are counted, and a clean Debian in a folder. Whoever reads it in has set
# `project` and `work`, a folder for logs.

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

skip() {
	echo "skipped $1: $2"
	skipped=$((skipped + 1))
}

give_up() {
	result 1 "$@"
	finish
}

# The last line of what was said, or of what apt says is wrong.
last_words() { grep -E '^[EW]: |rror' "$work/log" | tail -n 1 | grep . || tail -n 1 "$work/log"; }

# inside TREE COMMAND...
inside() {
	chroot "$1" /usr/bin/env -i HOME=/root TERM=dumb LC_ALL=C.UTF-8 \
		PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive "${@:2}"
}

# What belongs to a system, while something runs in a tree that is not booted.
give_mounts() { mount -t proc proc "$1/proc" && mount --rbind /dev "$1/dev" && mount --make-rslave "$1/dev"; }
take_mounts() { umount -q -R -l "$1/dev" "$1/proc"; }

# make_tree SUITE TREE
make_tree() {
	local mirror
	mirror=$("$project/scripts/dist/mirror.sh" "$1") || give_up "a clean Debian" "apt's sources name no mirror of Debian"
	echo "making a clean Debian ($1)"
	debootstrap --variant=minbase --include=systemd,systemd-sysv,dbus,iproute2,iputils-ping,procps,python3,openssl \
		"$1" "$2" "$mirror" >"$work/log" 2>&1 || give_up "a clean Debian" "debootstrap: $(last_words)"
	chmod 755 "$2"
}
