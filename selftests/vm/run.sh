#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Boots the kernels of some Debian suites in parallel, runs the tests of the list next to it in
# each, or those whose line contains one of the words, and closes with the count. Guests run the
# contents of BUILD; the output of a guest stays in BUILD/vm/SUITE.log.
#
#   run.sh BUILD "SUITE..." [WORD...]
#
# ARCH: the architecture of the guests and of BUILD, if it is not this machine's. LIST: the name of the list.
# SECONDS_EACH: time for a guest, from its boot to its end. STEPS, SHARE, SEED, OTHERS: for
# selftests/system/attach.
set -u
here=$(cd "$(dirname "$0")" && pwd)
build=$1 suites=$2
shift 2
seconds_each=${SECONDS_EACH:-2400}
arch=${ARCH:-amd64} root='' busybox=''
host=$(dpkg --print-architecture)
passed=0 failed=0 skipped=0
mkdir -p "$build/vm" || exit 1

# The guests to run: "NAME SUITE VERSION", a line each.
guests=

# prepare SUITE: gets its kernel
prepare() {
	local suite=$1 version status

	if [ "$arch" = amd64 ] && [ "$host" != amd64 ]; then
		# a guest runs what was built here
		echo "skipped $suite: the guests are amd64, and this machine is not"
		skipped=$((skipped + 1))
		return
	fi
	version=$("$here/kernel.sh" "$suite" "$build/vm/$suite" "$arch" 2>"$build/vm/why")
	status=$?
	if [ $status -eq 0 ] && [ "$arch" != "$host" ]; then
		root=$build/vm/root busybox=$build/vm/root/bin/busybox
		# with the libraries that BUILD was linked with (scripts/dist/cross.sh), whatever the kernel
		"$here/root.sh" "$(. /etc/os-release && echo "$VERSION_CODENAME")" "$arch" "$root" 2>"$build/vm/why"
		status=$?
	fi
	if [ $status -eq 3 ]; then
		echo "skipped $suite: $(cat "$build/vm/why")"
		skipped=$((skipped + 1))
	elif [ $status -ne 0 ] || ! "$here/initramfs.sh" "$build/vm/$suite" "$version" "$build/vm/$suite/initramfs" $busybox; then
		echo "FAILED  $suite: $(cat "$build/vm/why")"
		failed=$((failed + 1))
	else
		guests="$guests$(cut -d. -f1,2 <<<"$version") $suite $version"$'\n'
	fi
}

# guest NAME SUITE VERSION [WORD...]: writes its result to BUILD/vm/SUITE.status
guest() {
	local name=$1 suite=$2 version=$3 line
	shift 3
	set -o pipefail
	ARCH=$arch ROOT=$root "$here/boot.sh" "$build/vm/$suite" "$version" "$build/vm/$suite/initramfs" "$build" "$seconds_each" "$@" 2>&1 |
		tee "$build/vm/$suite.log" | while read -r line || [ -n "$line" ]; do
			printf '%-6s %s\n' "$name" "${line%$'\r'}"
		done
	echo $? >"$build/vm/$suite.status"
}

# The output of a guest that has ended.
count() {
	local suite=$1 version=$2 status p f s
	status=$(cat "$build/vm/$suite.status")
	read -r p f s < <(tr -d '\r' <"$build/vm/$suite.log" |
		sed -nE 's/^([0-9]+) passed, ([0-9]+) failed(, ([0-9]+) skipped)?$/\1 \2 \4/p' | tail -n 1)
	passed=$((passed + ${p:-0})) failed=$((failed + ${f:-0})) skipped=$((skipped + ${s:-0}))
	if [ "$status" -eq 124 ] || [ "$status" -eq 137 ]; then
		echo "FAILED  the guest with $version did not end within $seconds_each s"
	elif [ "$status" -ne 0 ]; then
		echo "FAILED  the emulator ended with exit code $status"
	elif [ -z "${p:-}" ]; then
		echo "FAILED  the guest with $version ended without a count"
	else
		return
	fi
	failed=$((failed + 1))
}

for suite in $suites; do
	prepare "$suite"
done
# A guest keeps one CPU busy: with enough CPUs, all of them at once take no longer than the slowest.
while read -r name suite version; do
	[ -z "$name" ] || guest "$name" "$suite" "$version" "$@" &
done <<<"$guests"
wait
while read -r name suite version; do
	[ -z "$name" ] || count "$suite" "$version"
done <<<"$guests"

echo "$passed passed, $failed failed$([ "$skipped" -gt 0 ] && echo ", $skipped skipped")"
[ "$failed" -eq 0 ]
