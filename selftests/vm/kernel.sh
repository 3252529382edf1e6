#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Gets the kernel of a Debian suite from this machine's mirror, and unpacks it; nothing is
# installed.
#
#   kernel.sh SUITE DIRECTORY [ARCH]     of this machine's architecture, or of that one
#
# Creates DIRECTORY/boot/vmlinuz-VERSION and DIRECTORY/lib/modules/VERSION, and prints VERSION on
# standard output; immediately if they exist already. Exit code 3: not available, and why.
set -u
here=$(cd "$(dirname "$0")" && pwd)
suite=$1 arch=${3:-$(dpkg --print-architecture)}
mkdir -p "$2" || exit 1
directory=$(cd "$2" && pwd)

fail() {
	echo "kernel.sh: $*" >&2
	exit 1
}

none() {
	echo "$*" >&2
	exit 3
}

if [ -s "$directory/version" ]; then
	cat "$directory/version"
	exit 0
fi

mirror=$("$here/../../scripts/dist/mirror.sh" "$suite")
[ -n "$mirror" ] || none "apt's sources name no mirror of Debian"

# A separate apt configuration, so that this machine's own stays unchanged.
apt="$directory/apt"
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" || exit 1
echo "deb $([ -e $keyring ] && echo "[signed-by=$keyring]") $mirror $suite main" >"$apt/sources.list"
cat >"$apt/apt.conf" <<CONF
Dir::Etc::SourceList "$apt/sources.list";
Dir::Etc::SourceParts "/dev/null";
Dir::State::Lists "$apt/lists";
APT::Architecture "$arch";
APT::Architectures { "$arch"; };
Dir::Cache "$apt/cache";
Acquire::Languages "none";
Acquire::Retries "3";
APT::Sandbox::User "root";
CONF
export APT_CONFIG="$apt/apt.conf"

log="$apt/log"
apt-get update -q -o APT::Update::Error-Mode=any >"$log" 2>&1 || none "the mirror has no $suite: $(grep '^[EW]: ' "$log" | head -n 1)"
package=$(apt-cache depends linux-image-$arch | sed -n 's/^ *Depends: \(linux-image-[0-9][^ ]*\)$/\1/p' | head -n 1)
[ -n "$package" ] || none "$suite has no linux-image-$arch"
version=${package#linux-image-}

cd "$apt" && rm -f ./*.deb && apt-get download -q "$package" >"$log" 2>&1 ||
	none "$package cannot be downloaded: $(grep '^[EW]: ' "$log" | head -n 1)"
dpkg-deb -x ./linux-image-*.deb "$directory" || fail "cannot unpack $package"
# with a merged /usr, modules are there
[ -d "$directory/lib/modules" ] || ln -s usr/lib "$directory/lib"
/sbin/depmod -b "$directory" "$version" || fail "cannot list the modules of $version"
rm -rf ./*.deb cache lists
echo "$version" >"$directory/version"
echo "$version"
