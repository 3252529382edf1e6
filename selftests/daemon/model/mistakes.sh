#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Builds the model with each mistake of the list, and reports whether it finds it, and by one of the promises that such a
# mistake breaks. Without a mistake the same steps break none (test_model.sh).
#   mistakes.sh BUILD [WORD...]   those whose line contains a word
# SECONDS_IN_ALL: none is begun later than that. Their order is random then, and the others are skipped.
set -u
cd "$(dirname "$0")/../../.." || exit 1
build=$1
shift
steps=${MODEL_STEPS:-25000} # of each of its seeds, of those that test_model.sh runs
found=0
missed=0
skipped=0
list=(cat selftests/daemon/model/mistakes)
[ -z "${SECONDS_IN_ALL:-}" ] || list=(shuf selftests/daemon/model/mistakes)

# The promise by which it is found, or nothing.
look() {
	local name=$1 rules=$2 what=$3 model=$build/selftests/daemon/model/model-$1 out rule seed
	if ! make --no-print-directory -s BUILD="$build" "$model" >&2; then
		echo "not ok $name: it cannot be built"
		return
	fi
	for seed in 1 2; do
		out=$("$model" --seed "$seed" --steps "$steps" --as-it-is 2>/dev/null)
		rule=$(sed -nE 's/^# FAILED: ([a-z]+): .*/\1/p' <<<"$out" | head -n 1)
		[ "$rule" ] && break
	done
	case ",$rules," in
	*",$rule,"*) echo "ok $name ($what): $(grep -m 1 '^# FAILED' <<<"$out" | cut -c 11-)" ;;
	,*) if [ "$rule" ]; then
		echo "not ok $name ($what): it should break $rules, and what was found is $(grep -m 1 '^# FAILED' <<<"$out" | cut -c 11-)"
	else
		echo "not ok $name ($what): nothing was found, where $rules should be"
	fi ;;
	esac
	rm -rf "$model" "$build/selftests/daemon/model/mistake-$name"
}

results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
running=0
while read -r name rules what <&3; do
	case $name in '' | '#'*) continue ;; esac
	if [ $# -gt 0 ]; then
		wanted=
		for word; do
			case "$name $rules $what" in *"$word"*) wanted=1 ;; esac
		done
		[ "$wanted" ] || continue
	fi
	if [ "$running" -ge "$(nproc)" ]; then
		wait -n
		running=$((running - 1))
	fi
	if [ "$SECONDS" -ge "${SECONDS_IN_ALL:-$((SECONDS + 1))}" ]; then
		skipped=$((skipped + 1))
		continue
	fi
	look "$name" "$rules" "$what" >"$results/$name" &
	running=$((running + 1))
done 3< <("${list[@]}")
wait
cat "$results"/* 2>/dev/null
found=$(cat "$results"/* 2>/dev/null | grep -c '^ok ')
missed=$(cat "$results"/* 2>/dev/null | grep -c '^not ok ')
[ "$skipped" -eq 0 ] || echo "skipped $skipped mistakes: $SECONDS_IN_ALL s were over"
echo "$found passed, $missed failed$([ "$skipped" -eq 0 ] || echo ", $skipped skipped")"
[ "$missed" -eq 0 ] && [ "$found" -gt 0 ]
