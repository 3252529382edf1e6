#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# `make run`: install what is missing, build, run.
#
#   run.sh          in a demo of network namespaces, with traffic
#   run.sh IFACE    on a network interface, with the default policy, until Ctrl-C

set -u
cd "$(dirname "$0")/.." || exit 1
iface=${1:-${IFACE:-}}
build=${BUILD:-build}

if [ "$(id -u)" != 0 ]; then
	echo "run: loading a program into the kernel needs root: run 'make run' as root" >&2
	exit 1
fi

scripts/deps.sh build run || exit 1
make -s --no-print-directory -j"$(nproc)" all "$build/flood" || exit 1

if [ -z "$iface" ]; then
	exec /usr/bin/python3 scripts/demo.py
fi

"$build/slash64" status --quiet 2>/dev/null
if [ $? -ne 3 ]; then # it can be asked
	echo "run: slash64d runs already: '$build/slash64 attach $iface' attaches it to $iface" >&2
	exit 1
fi

if ! ip link show dev "$iface" >/dev/null 2>&1; then
	echo "run: there is no interface '$iface'; 'ip link' lists what there is" >&2
	exit 1
fi

directory=$(mktemp -d) || exit 1
daemon=
trap 'rm -rf "$directory"' EXIT
# The daemon gets a Ctrl-C too, and detaches; this waits for it.
trap 'test -z "$daemon" || kill -TERM "$daemon" 2>/dev/null' INT TERM HUP

cat >"$directory/slash64.yaml" <<END
interfaces: [{name: "$iface"}]
state: "$directory/state"
maps: {pins: /sys/fs/bpf/slash64-run}
on_exit: detach
END

cat <<END

slash64 filters what comes in on $iface, with the default policy, until Ctrl-C. In another terminal:

    $build/slash64 status                                 interfaces, tables, rates
    $build/slash64 top                                    the loudest sources
    $build/slash64 block 2001:db8:bad:1::/64 --for 10m    drop everything from a /64
    $build/slash64 list                                   what is blocked
    http://[::1]:9665/                                    all of it in a browser
    curl -g 'http://[::1]:9664/metrics'                 the counters, for Prometheus

END

"$build/slash64d" --config "$directory/slash64.yaml" &
daemon=$!
# A signal ends a wait early.
while kill -0 "$daemon" 2>/dev/null; do
	wait "$daemon"
	code=$?
done
exit "$code"
