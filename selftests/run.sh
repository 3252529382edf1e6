#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Runs every test there is, or those whose path holds one of the words given, and closes with the count.
#   selftests/run.sh [WORD...]
# SLASH64_BUILD is where they and the programs were built: build, unless it says something else.
#
# A test of the network depends on when a processor that others share is there: one that fails is run once more, alone, at the
# end; both are told, and the second time counts.
set -u
cd "$(dirname "$0")/.." || exit 1
passed=0
failed=0
skipped=0
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT

wanted() {
	[ $# -eq 1 ] && return 0
	local path=$1 word
	shift
	for word; do
		case $path in *"$word"*) return 0 ;; esac
	done
	return 1
}

# What a test's own closing line says, left in COUNT. cmocka: "[  PASSED  ] N test(s).", "N FAILED TEST(S)" and
# "[  SKIPPED ] N test(s), ...".
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

# Runs a test and says what came of it, in one piece, as others may run beside it.
run_one() {
	local name=$1 log start
	shift
	log="$logs/$(tr / _ <<<"$name")"
	echo "0 1 0" >"$log.count" # until it has ended
	start=$(date +%s)
	"$@" >"$log" 2>&1 </dev/null
	local status=$?
	if count "$log" $status; then
		printf 'ok      %-44s %4d s\n' "$name" $(($(date +%s) - start))
		grep -E '^(# )?skipped' "$log"
	else
		printf 'FAILED  %-44s %4d s\n' "$name" $(($(date +%s) - start))
		grep -vE '^\[ RUN|^\[       OK|^ok ' "$log" | tail -n 60 | sed 's/^/        /'
	fi >"$log.said"
	cat "$log.said"
}

# As many as there are processors at a time: what has a process, or a program in the kernel, of its own.
running=0
run_beside() {
	if [ "$running" -ge "$(nproc)" ]; then
		wait -n
		running=$((running - 1))
	fi
	run_one "$@" &
	running=$((running + 1))
}

mapfile -t c_tests < <(find selftests -name 'test_*.c' | sort)
mapfile -t py_tests < <(find selftests -name 'test_*.py' ! -path 'selftests/system/*' | sort)
mapfile -t sh_tests < <(find selftests -name 'test_*.sh' | sort)
mapfile -t system_tests < <(find selftests/system -name 'test_*.py' | sort)

for source in "${c_tests[@]}"; do
	wanted "$source" "$@" && run_beside "$source" "${SLASH64_BUILD:-build}/${source%.c}"
done
for test in "${py_tests[@]}"; do
	wanted "$test" "$@" && run_beside "$test" timeout 900 /usr/bin/python3 "$test"
done
wait
# Those of whole programs, each in a lab of its own. What measures rates or milliseconds has the machine for itself.
alone=" attacks block bounded churn kills limit metrics modes soak steps two_queues upgrade "
for test in "${system_tests[@]}"; do
	[[ $alone == *" $(basename "${test#*test_}" .py) "* ]] && continue
	wanted "$test" "$@" && run_beside "$test" timeout 900 /usr/bin/python3 "$test"
done
wait
for test in "${system_tests[@]}"; do
	[[ $alone != *" $(basename "${test#*test_}" .py) "* ]] && continue
	wanted "$test" "$@" && run_one "$test" timeout 900 /usr/bin/python3 "$test"
done
for test in "${sh_tests[@]}"; do
	wanted "$test" "$@" && run_one "$test" timeout 900 "$test"
done
for test in selftests/system/check_leftovers.py; do
	wanted "$test" "$@" && run_one "$test" timeout 900 /usr/bin/python3 "$test"
done
for test in "${system_tests[@]}" selftests/system/check_leftovers.py; do
	grep -qs '^FAILED' "$logs/$(tr / _ <<<"$test").said" || continue
	echo "again   $test"
	run_one "$test" timeout 900 /usr/bin/python3 "$test"
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
