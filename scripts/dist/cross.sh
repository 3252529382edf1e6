#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Run a command where programs for another architecture are built: in a clean Debian of this machine's suite, which has the
# cross-compiler, and beside each library of this machine the one of that architecture. This machine's own packages stay as
# they are. The Debian is made at the first time, and kept in build/cross.
#
#   cross.sh ARCH COMMAND...     as root; COMMAND runs in this tree, which is /srv/slash64 there
set -eu

fail() {
	echo "cross.sh: $*" >&2
	exit 1
}

[ $# -ge 2 ] || fail "usage: cross.sh ARCH COMMAND..."
arch=$1
shift
cd "$(dirname "$0")/../.."
project=$PWD
suite=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
tree=$project/build/cross/$suite-$arch
log=$tree.log
# What is needed beyond debian/control: the tests, and the emulator that runs them.
PACKAGES="crossbuild-essential-$arch libcmocka-dev:$arch qemu-user-static git"

[ "$(id -u)" = 0 ] || fail "not root: only root can make a Debian for $arch to build in"
# Mounts of its own, which nobody else sees, and which go with it.
[ -n "${OWN_MOUNTS:-}" ] || OWN_MOUNTS=yes exec unshare --mount "$0" "$arch" "$@"

inside() {
	chroot "$tree" /usr/bin/env -i HOME=/root TERM=dumb LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
		PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
		IN_CROSS="$arch" GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0=/srv/slash64 "$@"
}

step() {
	"$@" >"$log" 2>&1 || fail "cannot make a Debian for $arch: $(grep -m 1 -E '^[EW]: ' "$log" || tail -n 1 "$log")"
}

# One that was not finished is begun again.
make_tree() {
	local mirror
	mirror=$("$project/scripts/dist/mirror.sh" "$suite") || fail "apt's sources name no mirror of Debian"
	echo "making a clean Debian ($suite) that builds for $arch, in build/cross"
	rm -rf --one-file-system "$tree"
	mkdir -p "$tree"
	step debootstrap --variant=minbase "$suite" "$tree" "$mirror"
	chmod 755 "$tree"
	echo 'APT::Install-Recommends "false";' >"$tree/etc/apt/apt.conf.d/90slash64"
	printf '#!/bin/sh\nexit 101\n' >"$tree/usr/sbin/policy-rc.d" && chmod 755 "$tree/usr/sbin/policy-rc.d"
	step inside dpkg --add-architecture "$arch"
}

install_packages() {
	step inside apt-get update -q
	# shellcheck disable=SC2086 # packages are words
	step inside apt-get install -y -q $PACKAGES
	step inside apt-get build-dep -y -q --host-architecture "$arch" -P cross,nocheck /srv/slash64
	step inside apt-get clean
}

# Another debian/control may want other packages.
wanted=$(echo "$PACKAGES" | cat - debian/control | sha256sum)
[ -e "$tree/installed" ] || make_tree
mkdir -p "$tree/srv/slash64"
mount --bind "$project" "$tree/srv/slash64" && mount -t proc proc "$tree/proc" && mount --rbind /dev "$tree/dev" ||
	fail "cannot mount what belongs to a system"
if [ "$(cat "$tree/installed" 2>/dev/null)" != "$wanted" ]; then
	install_packages
	echo "$wanted" >"$tree/installed"
fi
# shellcheck disable=SC2016 # expanded there
inside sh -c 'cd /srv/slash64 && exec "$@"' sh "$@"
