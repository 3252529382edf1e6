#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Runs the built fuzzers, each for that many seconds (0: only over the existing inputs), and closes with the count. Failing inputs are kept in build/fuzz/crashes.
#   selftests/fuzz/run.sh SECONDS [WORD]
set -u
cd "$(dirname "$0")/../.." || exit 1
span=${1:?'how many seconds for each?'}
word=${2:-}
build=build/fuzz
crashes=$build/crashes
passed=0
failed=0
# in memory if possible: a fuzzer's store is written to disk with each input
memory=/dev/shm
[ -w $memory ] || memory=${TMPDIR:-/tmp}
work=$(mktemp -d -p $memory)
export TMPDIR=$work
trap 'rm -rf "$work"' EXIT
mkdir -p "$crashes"

# Limits of one input: seconds and megabytes; and it leaks nothing.
limits=(-timeout=20 -rss_limit_mb=2560)
export ASAN_OPTIONS=allocator_may_return_null=1:detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1

stat_of() {
	sed -n "s/^stat::$2: *//p" "$1" | tail -n 1
}

coverage_of() {
	sed -nE "s/^#[0-9]+[[:space:]]+$2 +cov: ([0-9]+).*/\1/p" "$1" | tail -n 1
}

run_one() {
	local name=$1 log="$work/$1.log" found="$work/$1" before after status crash
	local options=("${limits[@]}" -print_final_stats=1 -artifact_prefix="$crashes/$name-")

	mkdir -p "$found/new" "$found/made" "$found/none"
	selftests/fuzz/seeds.py "$name" "$found/made" || return 1
	if [ "$span" -gt 0 ]; then
		options+=(-max_total_time="$span")
	else
		options+=(-runs=0)
	fi
	# includes the time to read the inputs
	timeout $((span + 240)) "$build/$name" "${options[@]}" "$found/new" "$found/made" \
		"$(test -d "selftests/fuzz/seeds/$name" && echo "selftests/fuzz/seeds/$name" || echo "$found/none")" \
		>"$log" 2>&1 </dev/null
	status=$?
	before=$(coverage_of "$log" INITED)
	after=$(coverage_of "$log" DONE)
	if [ $status -eq 0 ] && [ -n "$after" ]; then
		printf 'ok      %-10s %10s executions, coverage %s, of which %s new\n' "$name" \
			"$(stat_of "$log" number_of_executed_units)" "$after" $((after - ${before:-$after}))
		return 0
	fi
	printf 'FAILED  %-10s exit status %d\n' "$name" $status
	grep -aE 'broken:|runtime error|ERROR: |SUMMARY|^    #[0-9]+ .* selftests/|^    #[0-9]+ .*/(user|bpf)/' "$log" |
		head -n 20 | sed 's/^/        /'
	crash=$(sed -n 's/.*Test unit written to //p' "$log" | tail -n 1)
	[ -n "$crash" ] && echo "        to repeat it: $build/$name $crash"
	cp "$log" "$crashes/$name.log"
	return 1
}

# One per CPU at a time.
running=0
for source in selftests/fuzz/fuzz_*.c; do
	name=${source##*/fuzz_}
	name=${name%.c}
	case $name in *"$word"*) ;; *) continue ;; esac
	if [ "$running" -ge "$(nproc)" ]; then
		wait -n
		running=$((running - 1))
	fi
	{
		run_one "$name" >"$work/$name.said"
		echo $? >"$work/$name.status"
		cat "$work/$name.said"
	} &
	running=$((running + 1))
done
wait
for status in "$work"/*.status; do
	[ -e "$status" ] || continue
	if [ "$(cat "$status")" -eq 0 ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
	fi
done

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
