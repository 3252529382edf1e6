#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Runs in a guest, after init: the tests of a list next to it, and closes with the count. Its
# output goes to the serial console.
set -u
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp LC_ALL=C.UTF-8 PYTHONDONTWRITEBYTECODE=1
export SLASH64_BUILD=/run/slash64/build
exec </dev/null
cd /run/slash64/project || exit 1
passed=0 failed=0 skipped=0
log=/tmp/log
parameter() {
	sed -n "s/.*s64\.$1=\([^ ]*\).*/\1/p" /proc/cmdline
}

words=$(parameter words | tr , ' ')
given=$(parameter given | tr , ' ')
for pair in $given; do
	export "${pair?}"
done

wanted() {
	local word
	[ -z "$words" ] && return 0
	for word in $words; do
		case $1 in *"$word"*) return 0 ;; esac
	done
	return 1
}

# Parses a test's closing line; cmocka has its own format. A test that died, or counted nothing, has
# failed.
count() {
	local status=$1 p f s
	read -r p f s < <(sed -nE 's/^([0-9]+) passed, ([0-9]+) failed(, ([0-9]+) skipped)?.*/\1 \2 \4/p' "$log" | tail -n 1)
	if [ -z "${p:-}" ]; then
		p=$(sed -nE 's/^\[  PASSED  \] ([0-9]+) test\(s\).*/\1/p' "$log" | tail -n 1)
		f=$(sed -nE 's/^ *([0-9]+) FAILED TEST\(S\).*/\1/p' "$log" | tail -n 1)
		s=$(sed -nE 's/^\[  SKIPPED \] ([0-9]+) test\(s\).*/\1/p' "$log" | tail -n 1)
	fi
	p=${p:-0} f=${f:-0} s=${s:-0}
	[ "$f" -eq 0 ] && { [ "$status" -ne 0 ] || [ $((p + s)) -eq 0 ]; } && f=1
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
	[ "$f" -eq 0 ]
}

# An emulated CPU stalls now and then, for longer than a test waits: what failed of a test is run once more,
# which is reported, and the second result counts. Not so if a number of attach steps was requested:
# these take all of the guest's time, report their progress, and must not fail even once.
# run_one NAME SECONDS "WORD..." COMMAND...: with the words behind it, which say what of the test is wanted
run_one() {
	local name=$1 seconds=$2 words=$3 tries="1 2" shown=/dev/null try start status names
	local p=$passed f=$failed s=$skipped
	shift 3
	case "${STEPS:-} $name" in ?*"attach/test_steps"*) tries=2 seconds=$(parameter seconds) shown=/dev/console ;; esac
	for try in $tries; do
		passed=$p failed=$f skipped=$s start=$SECONDS
		timeout -k 10 "$seconds" "$@" $words 2>&1 </dev/null | tee "$log" >"$shown"
		status=${PIPESTATUS[0]}
		if count $status; then
			printf 'ok      %-52s %4d s\n' "$name" $((SECONDS - start))
			grep -E "^(# |skipped)" "$log"
			return
		fi
		printf '%s  %-52s %4d s\n' "$([ $try -eq 1 ] && echo again || echo FAILED)" "$name" $((SECONDS - start))
		[ $status -eq 124 ] && echo "        it did not end within $seconds s"
		grep -vE '^\[ RUN|^\[       OK|^ok ' "$log" | tail -n 40 | sed 's/^/        /'
		# in Python, each is named
		names=$(sed -nE 's/^not ok (\w+): .*/\1/p' "$log")
		if [ "$(wc -w <<<"$names")" -eq $((failed - f)) ] &&
			tail -n 1 "$log" | grep -qE '^[0-9]+ passed, [0-9]+ failed'; then
			words="$(grep -oE '\b(virtio\b|\w+=\S+)' <<<"$words") $names" p=$passed s=$skipped
		fi
	done
}

ip link set lo up
# out of the way of the names that labs use; test_virtio takes them
ip link set eth0 name virtio0
ip link set eth1 name virtio1
uname -r
while read -r seconds name options; do
	case $seconds in '#'* | '') continue ;; esac
	wanted "$name $options" || continue
	case "${STEPS:-none} $name" in "none selftests/system/attach/test_steps.py"*) continue ;; esac # it takes as long as all others
	case $name in
	selftests/system/*) run_one "${name#selftests/}${options:+ $options}" "$seconds" "$options" /usr/bin/python3 selftests/vm/emulated.py "$name" ;;
	*.c) run_one "${name#selftests/}" "$seconds" "" env $options "$SLASH64_BUILD/${name%.c}" ;;
	*.py) run_one "${name#selftests/}${options:+ $options}" "$seconds" "$options" /usr/bin/python3 "$name" ;;
	esac
done <"selftests/vm/$(parameter list)"

# Errors reported by the kernel itself; it also complains that an emulated CPU is slow.
dmesg | grep -E 'BUG:|Oops|WARNING: CPU|general protection' | grep -v 'soft lockup' >"$log"
if [ -s "$log" ]; then
	failed=$((failed + 1))
	echo "FAILED  the kernel complains"
	dmesg | grep -A 20 -E 'BUG:|Oops|WARNING: CPU|general protection' | head -n 60 | sed 's/^/        /'
fi
echo "$passed passed, $failed failed$([ "$skipped" -gt 0 ] && echo ", $skipped skipped")"
