#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Runs the committed tree in a clean Debian of a suite, under this machine's kernel: 'make run',
# then every test, or those whose path contains one of the words. The system is created for that,
# and removed.
#
#   check.sh SUITE [WORD...]
set -u
here=$(cd "$(dirname "$0")" && pwd)
project=$(cd "$here/../.." && pwd)
suite=${1:?which suite of Debian?}
shift

fail() {
	echo "FAILED  $suite: $*"
	echo "0 passed, 1 failed"
	exit 1
}

[ "$(id -u)" = 0 ] || fail "a clean Debian is made by root"

# In separate namespaces, so that all mounts and processes go with it.
if [ -z "${IN_OWN_NAMESPACES:-}" ]; then
	tree=$(mktemp -d "/var/tmp/slash64-$suite.XXXXXX") || fail "cannot make a directory"
	trap 'rm -rf --one-file-system "$tree"' EXIT
	trap 'exit 130' INT TERM HUP
	IN_OWN_NAMESPACES=$tree unshare --mount --pid --fork --kill-child "$0" "$suite" "$@"
	exit
fi
tree=$IN_OWN_NAMESPACES

mirror=$("$project/scripts/dist/mirror.sh" "$suite") || fail "apt's sources name no mirror of Debian"
echo "making a clean Debian ($suite)"
debootstrap --variant=minbase "$suite" "$tree" "$mirror" >"$tree.log" 2>&1 ||
	fail "debootstrap: $(grep '^[EW]: ' "$tree.log" | tail -n 1)"
rm -f "$tree.log"
# its root is a separate mount, which others can see into, as in any system
chmod 755 "$tree" && mount --bind "$tree" "$tree" && mount -t proc proc "$tree/proc" &&
	mount --rbind /sys "$tree/sys" && mount --make-rslave "$tree/sys" && mount --rbind /dev "$tree/dev" && mount --make-rslave "$tree/dev" && mount -t tmpfs run "$tree/run" ||
	fail "cannot mount what belongs to a system"
# separate pins: with its process IDs, pins of this machine would look left behind
mount -t bpf bpf "$tree/sys/fs/bpf" || fail "cannot mount bpffs"
git -c safe.directory="$project" clone -q "file://$project" "$tree/srv/slash64" || fail "cannot clone the project"

inside() {
	chroot "$tree" /usr/bin/env -i HOME=/root TERM=dumb LC_ALL=C.UTF-8 \
		PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive "$@"
}

# The packages that README.md asks for before the first make.
inside apt-get install -y -q --no-install-recommends make git >/dev/null 2>&1 || fail "cannot install make and git"
if inside make --no-print-directory -C /srv/slash64 run </dev/null >"$tree/run.log" 2>&1; then
	echo "ok      make run"
	run=0
else
	tail -n 40 "$tree/run.log" | sed 's/^/        /'
	echo "FAILED  $suite: make run"
	run=1
fi
# The tests are of interest all the same. Their count comes last, and has what failed before them.
inside make --no-print-directory -C /srv/slash64 check TESTS="$*" </dev/null 2>&1 | if [ $run = 0 ]; then
	cat
else
	sed -E 's/^([0-9]+ passed), ([0-9]+) failed/echo "\1, $((\2 + 1)) failed"/e'
fi
[ "${PIPESTATUS[0]}" = 0 ] && [ $run = 0 ]
