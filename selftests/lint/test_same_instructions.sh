#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# same_instructions.sh sees a changed instruction, and neither names nor line numbers.
set -u
cd "$(dirname "$0")/../.." || exit 1
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
passed=0 failed=0

compile() {
	# as in make, it may be a compiler behind another word
	# shellcheck disable=SC2086
	${CLANG:-clang} -O2 -g -target bpf -mcpu=v3 -x c -c - -o "$out/$1.o"
}

# says STATUS WHAT OBJECT
says() {
	local got
	selftests/lint/same_instructions.sh "$out/first.o" "$3" >"$out/said" 2>&1
	got=$?
	if [ "$got" -eq "$1" ]; then
		echo "ok $2"
		passed=$((passed + 1))
	else
		echo "not ok $2: exit status $got, not $1"
		cat "$out/said"
		failed=$((failed + 1))
	fi
}

compile first <<<'extern int map; __attribute__((noinline)) static int f(int *a) { return a[1] + map; }
int entry(int *a) { return f(a) > 3 ? 1 : f(a + 2); }'
compile renamed <<<'extern int table;


__attribute__((noinline)) static int other_name(int *b) { return b[1] + table; }
int start(int *b) { return other_name(b) > 3 ? 1 : other_name(b + 2); }'
compile changed <<<'extern int map; __attribute__((noinline)) static int f(int *a) { return a[1] + map; }
int entry(int *a) { return f(a) > 4 ? 1 : f(a + 2); }'
compile longer <<<'extern int map; __attribute__((noinline)) static int f(int *a) { return a[1] + map; }
int entry(int *a) { return f(a) > 3 ? 1 : f(a + 2); }
int more(void) { return 0; }'
: >"$out/empty.o"

says 0 an_object_is_the_same_as_itself "$out/first.o"
says 0 other_names_and_lines_are_the_same "$out/renamed.o"
says 1 another_number_is_a_difference "$out/changed.o"
says 1 more_instructions_are_a_difference "$out/longer.o"
says 2 what_is_no_object_is_never_the_same "$out/empty.o"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
