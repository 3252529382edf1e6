#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Builds the explorer with each mistake of the list, and reports whether it finds it.
#   mistakes.sh BUILD [WORD...]   those whose line contains a word
set -u
cd "$(dirname "$0")/../../.." || exit 1
build=$1
shift
found=0
missed=0

while read -r name protocol what <&3; do
	case $name in '' | '#'*) continue ;; esac
	if [ $# -gt 0 ]; then
		wanted=
		for word; do
			case "$name $protocol $what" in *"$word"*) wanted=1 ;; esac
		done
		[ "$wanted" ] || continue
	fi
	program=$build/selftests/datapath/explore-$name
	if ! make --no-print-directory -s BUILD="$build" "$program"; then
		echo "not ok $name: it cannot be built"
		missed=$((missed + 1))
		continue
	fi
	out=$("$program" "$protocol" 2>/dev/null)
	history=$(grep -m 1 -E '^# .*FAILED: ' <<<"$out" | sed -E 's/^# +//; s/ +/ /g')
	if [ "$history" ]; then
		found=$((found + 1))
		echo "ok $name ($what): $history"
	else
		missed=$((missed + 1))
		echo "not ok $name ($what): not found"
	fi
	rm -f "$program"
done 3<selftests/datapath/explore/mistakes
echo "$found passed, $missed failed"
[ "$missed" -eq 0 ] && [ "$found" -gt 0 ]
