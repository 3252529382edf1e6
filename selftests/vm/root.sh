#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The root of a guest of another architecture: a Debian whose packages are unpacked, and not configured, as nothing of it
# can be run here. The libraries come with the packages that programs are built with, whose names stay the same.
#
#   root.sh SUITE ARCH DIRECTORY
#
# Immediately if it is there already. Exit code 3: not available, and why.
set -u
suite=$1 arch=$2
here=$(cd "$(dirname "$0")" && pwd)

PACKAGES=bash,coreutils,libc-bin,util-linux,grep,sed,mawk,findutils,diffutils,procps,mount,kmod,busybox-static
PACKAGES=$PACKAGES,iproute2,iputils-ping,ethtool,curl,python3,python3-scapy,xdp-tools
PACKAGES=$PACKAGES,libbpf-dev,libxdp-dev,libevent-dev,libsqlite3-dev,libyaml-dev,libjansson-dev,libmnl-dev,libcap-dev
PACKAGES=$PACKAGES,libseccomp-dev,libsystemd-dev,libpcap-dev,libcurl4-openssl-dev,libncurses-dev,nettle-dev,uuid-dev
PACKAGES=$PACKAGES,libcmocka-dev

none() {
	echo "$*" >&2
	exit 3
}

[ "$(cat "$3/packages" 2>/dev/null)" = "$PACKAGES" ] && exit 0
[ "$(id -u)" = 0 ] || none "only root can make the root of a guest"
mirror=$("$here/../../scripts/dist/mirror.sh" "$suite") || none "apt's sources name no mirror of Debian"
rm -rf --one-file-system "$3"
mkdir -p "$(dirname "$3")" || exit 1
mmdebstrap --quiet --mode=root --variant=extract --architectures="$arch" --include="$PACKAGES" \
	--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr "$suite" "$3" "$mirror" >"$3.log" 2>&1 </dev/null ||
	none "no $suite for $arch: $(grep -m 1 '^[EW]: ' "$3.log")"
# What their scripts would have made.
ln -sf mawk "$3/usr/bin/awk" && mkdir -p "$3"/{proc,sys,dev,run,tmp,mnt,var/tmp} &&
	printf 'root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534:nobody:/:/bin/false\n' >"$3/etc/passwd" &&
	printf 'root:x:0:\nnogroup:x:65534:\n' >"$3/etc/group" &&
	echo "$PACKAGES" >"$3/packages"
