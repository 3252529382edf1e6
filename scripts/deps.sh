#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Install the Debian packages that slash64 needs and that are missing.
#
#   deps.sh [build|run|test|connected|lint|deb|rpm|packages|vm|arm64|debian|bench|screenshots]...     the first three, if none is named
#
# Says nothing where nothing is missing.

# Lists of packages are words, and meant to be split.
# shellcheck disable=SC2046,SC2048,SC2086
set -u

BUILD="gcc libc6-dev linux-libc-dev make pkg-config clang llvm bpftool libbpf-dev libxdp-dev
	libelf-dev zlib1g-dev libevent-dev libsqlite3-dev libyaml-dev libjansson-dev libmnl-dev
	libcap-dev libseccomp-dev libsystemd-dev
	libpcap-dev libcurl4-openssl-dev libncurses-dev libjs-dygraphs nettle-dev uuid-dev scdoc gettext"
RUN="iproute2 libxdp1 iputils-ping iputils-tracepath ndisc6 python3 curl procps util-linux"
TEST="libcmocka-dev libclang-rt-dev python3-scapy python3-jsonschema prometheus tshark thc-ipv6 nmap bird2 openssh-server
	openssh-client systemd valgrind xdp-tools openssl zsh fish"
# What slash64 is connected to in selftests/connected.
CONNECTED="crowdsec fail2ban bird2 frr exabgp gobgpd rsyslog rsyslog-gnutls exim4-daemon-light"
VM="qemu-system-x86 busybox-static kmod xz-utils zstd xdp-tools"
# What builds for arm64 is in a Debian of its own (scripts/dist/cross.sh).
ARM64="debootstrap git qemu-system-arm mmdebstrap busybox-static kmod xz-utils zstd"

# Compilers whose objects are tested, beside the default one: no Debian has them all.
TEST_IF_THERE="clang-14 clang-16 clang-19"

# The page in a browser; npm fetches axe-core, at a version that is pinned. Without them, that test is skipped.
BROWSER_IF_THERE="chromium chromium-driver python3-selenium"
command -v npm >/dev/null || BROWSER_IF_THERE="$BROWSER_IF_THERE npm" # it may come with another nodejs

LINT="clang-tidy shellcheck codespell mandoc python3-yaml prometheus systemd"
# Only this version formats as the tree is formatted (selftests/lint/test_format.py).
LINT_IF_THERE="clang-format-14"

DEB="build-essential debhelper dpkg-dev fakeroot lintian"

RPM="rpm xz-utils"

DEBIAN="debootstrap git systemd-container"

# What tries the packages, beside the programs that build them.
PACKAGES="faketime piuparts podman runc"

BENCH="nftables iptables xdp-tools"

SCREENSHOTS="optipng"

POLICY=/usr/sbin/policy-rc.d

fail() {
	echo "deps.sh: $*" >&2
	exit 1
}

packages='' welcome=''
for purpose in ${*:-build run test}; do
	case $purpose in
	build) packages="$packages $BUILD" ;;
	run) packages="$packages $RUN" ;;
	test) packages="$packages $RUN $TEST" welcome="$welcome $TEST_IF_THERE $BROWSER_IF_THERE" ;;
	connected) packages="$packages $RUN $CONNECTED" ;;
	lint) packages="$packages $LINT" welcome="$welcome $LINT_IF_THERE" ;;
	deb) packages="$packages $DEB" ;;
	rpm) packages="$packages $RPM" ;;
	packages) packages="$packages $DEB $DEBIAN $PACKAGES" ;;
	vm) packages="$packages $VM" ;;
	arm64) packages="$packages $ARM64" ;;
	debian) packages="$packages $DEBIAN" ;;
	bench) packages="$packages $RUN $BENCH" ;;
	screenshots) packages="$packages $SCREENSHOTS" ;;
	*)
		echo "deps.sh: '$purpose' is none of build, run, test, connected, lint, deb, rpm, packages, vm, arm64, debian, bench, screenshots" >&2
		exit 2
		;;
	esac
done

command -v dpkg-query >/dev/null ||
	fail "this is not Debian; install what corresponds to:" $packages

installed=$(dpkg-query -W -f '${db:Status-Status} ${binary:Package}\n' $packages $welcome 2>/dev/null |
	sed -n 's/^installed //p; ' | sed 's/:.*//')

# not_installed PACKAGE...
not_installed() {
	for package; do
		case " $(echo $installed) " in
		*" $package "*) ;;
		*) echo "$package" ;;
		esac
	done | sort -u
}

# Of those that are only welcome, what this Debian has; as the lists say that apt has now.
there() {
	for package; do
		apt-cache show --quiet=2 --no-all-versions "$package" >/dev/null 2>&1 && echo "$package"
	done
}

missing=$(not_installed $packages)
welcome=$(not_installed $welcome)
[ -n "$missing" ] || [ -n "$(there $welcome)" ] || exit 0

[ -n "$missing" ] || [ "$(id -u)" = 0 ] || exit 0
[ "$(id -u)" = 0 ] || fail "not root; as root, run: apt-get install" $missing $(there $welcome)

log=$(mktemp) || fail "cannot make a temporary file"
own_policy=
cleanup() {
	rm -f "$log"
	[ -z "$own_policy" ] || rm -f "$POLICY"
}
trap cleanup EXIT
trap 'exit 130' INT TERM HUP

# A package such as prometheus would start its service: it is wanted as a program only.
if [ ! -e "$POLICY" ]; then
	own_policy=1
	printf '#!/bin/sh\nexit 101\n' >"$POLICY" && chmod 755 "$POLICY"
fi

# Without this, crowdsec would register at its central API while it is installed.
case " $missing " in *crowdsec*)
	mkdir -p /etc/crowdsec
	[ -e /etc/crowdsec/online_api_credentials.yaml ] ||
		echo '# no thanks' >/etc/crowdsec/online_api_credentials.yaml
	;;
esac

export DEBIAN_FRONTEND=noninteractive
install() {
	apt-get install -y -q --no-install-recommends $missing $(there $welcome) >"$log" 2>&1 </dev/null
}

echo installing: $missing $(there $welcome)
# The lists may be old or not there at all. Without what is only welcome, a test is left out, and says so.
install || { apt-get update -q >"$log" 2>&1 && install; } || { welcome='' && install; } ||
	fail "apt-get could not install" $missing ": $(grep '^[EW]: ' "$log" | head -n 1); is there a network?"
