#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Builds for arm64, runs the unit tests by QEMU's emulation of a process, and the tests of tests-arm64 under Debian's kernel
# in an emulated machine; closes with the sum of the counts. With words: the tests whose path contains one.
#
#   arm64.sh BUILD [WORD...]     BUILD is a folder of this tree
#
# SUITES: whose kernels; bookworm unless said otherwise. CPU=cortex-a72: one without atomic instructions.
set -u
cd "$(dirname "$0")/../.." || exit 1
build=$1
shift
passed=0 failed=0 skipped=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT

finish() {
	echo "$passed passed, $failed failed$([ "$skipped" -gt 0 ] && echo ", $skipped skipped")"
	[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
	exit
}

# what COMMAND...: adds up what it closes with
add() {
	local what=$1 status p f s
	shift
	"$@" 2>&1 | tee "$log"
	status=${PIPESTATUS[0]}
	read -r p f s < <(sed -nE 's/^([0-9]+) passed, ([0-9]+) failed(, ([0-9]+) skipped)?$/\1 \2 \4/p' "$log" | tail -n 1)
	p=${p:-0} f=${f:-0} s=${s:-0}
	if [ "$status" -ne 0 ] && [ "$f" -eq 0 ]; then
		echo "FAILED  $what: exit code $status"
		f=1
	fi
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
}

wanted() {
	local word
	[ $# -eq 1 ] && return 0
	for word in "${@:2}"; do
		case $1 in *"$word"*) return 0 ;; esac
	done
	return 1
}

# What the lists have of these words.
units=() guests=()
while read -r test; do
	wanted "$test" "$@" && units+=("$test")
done < <(find selftests/unit -name 'test_*.c' | sort)
while read -r seconds test _; do
	case $seconds in '#'* | '') continue ;; esac
	wanted "$test" "$@" && guests+=("$test")
done <selftests/vm/tests-arm64
[ $((${#units[@]} + ${#guests[@]})) -gt 0 ] || { echo "no test has one of the words: $*" && finish; }

mapfile -t needed < <(SLASH64_BUILD=$build selftests/run.sh --needs "${units[@]}" "${guests[@]}")
echo "building ${#needed[@]} programs for arm64"
# Its own compilers: BPF for arm64 comes from the same clang as for this machine.
if ! scripts/dist/cross.sh arm64 make --no-print-directory -j"$(nproc)" BUILD="$build" CC=aarch64-linux-gnu-gcc \
	AR=aarch64-linux-gnu-ar PKG_CONFIG=aarch64-linux-gnu-pkg-config "${needed[@]}" >"$log" 2>&1; then
	tail -n 20 "$log" | sed 's/^/        /'
	echo "FAILED  building for arm64"
	failed=1
	finish
fi
[ ${#units[@]} -eq 0 ] ||
	add "unit tests" scripts/dist/cross.sh arm64 env SLASH64_BUILD="$build" SLASH64_EMULATOR=qemu-aarch64-static \
		selftests/run.sh "${units[@]}"
[ ${#guests[@]} -eq 0 ] ||
	ARCH=arm64 LIST=tests-arm64 add "the guest" selftests/vm/run.sh "$build" "${SUITES:-bookworm}" "$@"
finish
