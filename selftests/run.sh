#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Runs all tests, or those whose path contains one of the words, and prints the totals last.
#
#   selftests/run.sh [--long] [WORD...]
#   selftests/run.sh --list [--long] [WORD...]     prints which those are
#   selftests/run.sh --needs [--long] [WORD...]    prints what make has to build for them
#
# SLASH64_EMULATOR runs the tests in C, if they are built for another architecture.
#
# --long runs the tests that have a length for `make check-long` in selftests/lengths, at that length. That file also names the
# tests that run alone. SLASH64_BUILD is the directory with the programs and tests; the default is build.
#
# A test in a network namespace, or of what the command waits for, depends on being scheduled in time on a machine that others
# share. What fails of it is run once more, alone, at the end. Both results are printed, and the second one counts.
set -u
cd "$(dirname "$0")/.." || exit 1
build=${SLASH64_BUILD:-build}
passed=0
failed=0
skipped=0
do=run
long=
while :; do
	case ${1:-} in
	--list | --needs) do=${1#--} ;;
	--long) long=1 ;;
	*) break ;;
	esac
	shift
done
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT

wanted() {
	local path=$1 word
	shift
	# other people's programs, which are installed for these tests only
	[[ $path == selftests/connected/* && " $*" != *" selftests/connected/"* ]] && return 1
	[ $# -eq 0 ] && return 0
	for word; do
		case $path in *"$word"*) return 0 ;; esac
	done
	return 1
}

# Reads a test's closing line into COUNT. cmocka: "[ PASSED ] N test(s).", "N FAILED TEST(S)" and "[
# SKIPPED ] N test(s), ...".
count() {
	local log=$1 status=$2 line p=0 f=0 s=0
	line=$(grep -E '^[0-9]+ passed, [0-9]+ failed' "$log" | tail -n 1)
	if [ -n "$line" ]; then
		read -r p f s < <(sed -E 's/^([0-9]+) passed, ([0-9]+) failed(, ([0-9]+) skipped)?.*/\1 \2 \4/' <<<"$line")
	else
		p=$(sed -nE 's/^\[  PASSED  \] ([0-9]+) test\(s\).*/\1/p' "$log" | tail -n 1)
		f=$(sed -nE 's/^ *([0-9]+) FAILED TEST\(S\).*/\1/p' "$log" | tail -n 1)
		s=$(sed -nE 's/^\[  SKIPPED \] ([0-9]+) test\(s\).*/\1/p' "$log" | tail -n 1)
	fi
	p=${p:-0} f=${f:-0} s=${s:-0}
	# a test that died, or counted nothing, has failed
	if [ "$f" -eq 0 ] && { [ "$status" -ne 0 ] || [ $((p + s)) -eq 0 ]; }; then
		f=1
	fi
	echo "$p $f $s" >"$log.count"
	[ "$f" -eq 0 ]
}

# Runs a test and prints its result in one piece, because others may run at the same time.
run_one() {
	local name=$1 log
	shift
	log="$logs/$(tr / _ <<<"$name")"
	echo "0 1 0" >"$log.count" # until it has ended
	local TIMEFORMAT='%R %U %S' times given
	look_up_environment "$name"
	{ time env "${given[@]}" "$@" >"$log" 2>&1 </dev/null; } 2>"$log.time"
	local status=$?
	# wall time, and CPU time
	times=$(tail -n 1 "$log.time" | awk '{ printf "%4d s  (%d)", $1 + 0.5, $2 + $3 + 0.5 }')
	if count "$log" $status; then
		printf 'ok      %-48s %s\n' "$name" "$times"
		grep -E '^(# )?skipped' "$log"
	else
		printf 'FAILED  %-48s %s\n' "$name" "$times"
		grep -vE '^\[ RUN|^\[       OK|^ok ' "$log" | tail -n 60 | sed 's/^/        /'
	fi >"$log.said"
	cat "$log.said"
}

# field NUMBER TEST: of its line in selftests/lengths; nothing if that is "-" or there is no such
# line
field() {
	awk -v field="$1" -v test="$2" '$1 == test && $field != "-" { print $field }' selftests/lengths
}

# Its environment from that file, in given=(NAME=VALUE...), except variables that are set already.
look_up_environment() {
	local pair pairs
	given=()
	IFS=, read -ra pairs < <(field "$([ "$long" ] && echo 4 || echo 3)" "$1")
	for pair in "${pairs[@]}"; do
		printenv "${pair%%=*}" >/dev/null || given+=("$pair")
	done
}

is() {
	[ "$(field 2 "$2")" = "$1" ]
}

# The units of systemd.
units=()
for file in scripts/*.service.in; do
	file=${file#scripts/}
	units+=("$build/${file%.in}")
done

# What make has to build for a test: itself, the programs, and the helpers it names.
needs() {
	local test=$1 sources=("$1") helper
	case $test in
	*.c) echo "$build/${test%.c}" ;;
	*/model/*) echo "$build/selftests/daemon/model/model" ;;
	selftests/fuzz/*) echo fuzz-targets ;;
	selftests/lint/*) echo all man "$build/policy_doc" "${units[@]}" ;;
	*) echo all ;;
	esac
	case $test in
	selftests/system/detect/*) echo "$build/flood" "$build/streams" ;;
	selftests/system/* | selftests/connected/*) echo "$build/flood" ;;
	esac
	[ "${test##*/}" = test_steps.py ] && sources+=("${test%/*}/steps.py")
	for helper in stepper attached {fail_at_call,kill_at_call,lazy_store,stepped_clock,turn_watch,unreadable_store}.so; do
		grep -qw -- "$helper" "${sources[@]}" && echo "$build/$helper"
	done
	grep -q 'slash64d\.service' "${sources[@]}" && printf '%s\n' "${units[@]}"
	grep -ohE 'variant-[a-z]+' "${sources[@]}" | sed "s|.*|$build/&/slash64d|; s|.*-refused/.*|& $build/variant-refused/slash64|"
	[ "$test" = selftests/datapath/kernel/test_compilers.c ] && echo compiled
}

# run TEST HOW [NAME...]: only those of its cases, if it is in Python
run() {
	case $1 in
	*.c) "$2" "$1" timeout 900 ${SLASH64_EMULATOR:-} "$build/${1%.c}" ;;
	*.py) "$2" "$1" timeout 900 /usr/bin/python3 "$1" "${@:3}" ;;
	*.sh) "$2" "$1" timeout 900 "$1" ;;
	esac
}

# At most that many at a time.
running=0
run_beside() {
	if [ "$running" -ge "$at_once" ]; then
		wait -n
		running=$((running - 1))
	fi
	run_one "$@" &
	running=$((running + 1))
}

# run_all AT_ONCE TEST...: those marked `first` are started first
run_all() {
	local at_once=$1 test
	shift
	for test; do
		is first "$test" && run "$test" run_beside
	done
	for test; do
		is first "$test" || run "$test" run_beside
	done
	wait
	running=0
}

# Only what failed of it. All of it, where that cannot be told as it broke off, or may need what comes before it.
run_again() {
	local log names p f s again_p again_s
	log="$logs/$(tr / _ <<<"$1")"
	read -r p f s <"$log.count"
	mapfile -t names < <(sed -nE 's/^not ok (\w+): .*/\1/p' "$log")
	if [[ $1 == selftests/connected/* ]] || [ ${#names[@]} -ne "$f" ] ||
		! tail -n 1 "$log" | grep -qE '^[0-9]+ passed, [0-9]+ failed'; then
		names=() p=0 s=0
	fi
	echo "again   $1" "${names[@]}"
	run "$1" run_one "${names[@]}"
	read -r again_p f again_s <"$log.count"
	echo "$((p + again_p)) $f $((s + again_s))" >"$log.count"
}

busy=() waiting=() alone=() again=()
while read -r test; do
	wanted "$test" "$@" || continue
	[ -z "$long" ] || [ "$(field 4 "$test")" ] || continue
	if is alone "$test" || [[ $test == selftests/connected/* ]]; then
		alone+=("$test")
	elif [[ $test == selftests/system/* ]] || is waits "$test"; then
		waiting+=("$test")
	else
		busy+=("$test")
	fi
done < <(find selftests -name 'test_*.c' -o -name 'test_*.py' -o -name 'test_*.sh' | sort)
# It checks what all the others have left.
last=selftests/system/check_leftovers.py
wanted $last "$@" || last=

case $do in
list)
	printf '%s\n' "${busy[@]}" "${waiting[@]}" "${alone[@]}" $last | sed '/^$/d'
	exit
	;;
needs)
	for test in "${busy[@]}" "${waiting[@]}" "${alone[@]}" $last; do
		needs "$test"
	done | tr ' ' '\n' | sort -u
	exit
	;;
esac

# Tests that wait, most of them each in a lab of its own: two per CPU. Beside them, and behind them, tests that keep a CPU
# busy: one per CPU, with what the others leave.
CPUs=$(nproc)
(
	[ ${#waiting[@]} -eq 0 ] || renice -n 5 -p "$BASHPID" >/dev/null
	run_all "$CPUs" "${busy[@]}"
) &
run_all $((2 * CPUs)) "${waiting[@]}"
for test in "${alone[@]}" $last; do
	run "$test" run_one
done
for test in "${busy[@]}" "${waiting[@]}" "${alone[@]}" $last; do
	[[ $test == selftests/system/* || $test == selftests/connected/* || $test == selftests/cli/* ]] || continue
	grep -qs '^FAILED' "$logs/$(tr / _ <<<"$test").said" && again+=("$test")
done
for test in "${again[@]}"; do
	run_again "$test"
done

for file in "$logs"/*.count; do
	[ -e "$file" ] || continue
	read -r p f s <"$file"
	passed=$((passed + p))
	failed=$((failed + f))
	skipped=$((skipped + s))
done
if [ "$skipped" -gt 0 ]; then
	echo "$passed passed, $failed failed, $skipped skipped"
else
	echo "$passed passed, $failed failed"
fi
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
