#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Are the instructions of two BPF objects the same, but for names and line numbers? For changes that only rename, move or
# explain the datapath. Prints the difference.
#
#   selftests/lint/same_instructions.sh BEFORE.o AFTER.o
set -eu
if [ $# -ne 2 ]; then
	echo "usage: ${0##*/} BEFORE.o AFTER.o" >&2
	exit 2
fi
objdump=${LLVM_OBJDUMP:-llvm-objdump}

# Names are those of functions, labels, and what a relocation is about; where and of which kind it is counts.
instructions() {
	"$objdump" -dr "$1" | sed -E '
		/file format/d
		s/<[^>]*>/<>/g
		s/^([[:space:]]*[0-9a-f]+:[[:space:]]+R_BPF_[0-9A-Z_]+)[[:space:]].*/\1/'
}

out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
instructions "$1" >"$out/before"
instructions "$2" >"$out/after"
count=$(grep -cE '^ +[0-9]+:' "$out/after") || true
if [ "$count" -eq 0 ]; then
	echo "$2 has no instructions" >&2
	exit 2
fi
if ! diff -u --label "$1" --label "$2" "$out/before" "$out/after"; then
	echo "the instructions differ" >&2
	exit 1
fi
echo "$count instructions, the same in both"
