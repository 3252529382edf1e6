#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The model of slash64d in two processes, and its coverage. The result of a history must depend on its seed alone,
# whatever ran before it: otherwise a failure could be neither reproduced nor shortened.
set -u
cd "$(dirname "$0")/../../.." || exit 1
model=${SLASH64_BUILD:-build}/selftests/daemon/model/model
processes=2
steps=$((${MODEL_STEPS:-16000} / processes))
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
passed=0
failed=0

for ((i = 1; i <= processes; i++)); do
	"$model" --seed $((${MODEL_SEED:-1} + i - 1)) --steps "$steps" >"$out/$i" 2>"$out/$i.words" &
done
wait
for ((i = 1; i <= processes; i++)); do
	echo "seed $((${MODEL_SEED:-1} + i - 1)):"
	if grep -q '^1 passed, 0 failed$' "$out/$i"; then
		passed=$((passed + 1))
		grep -v '^1 passed' "$out/$i"
	else
		failed=$((failed + 1))
		grep -v ' passed, ' "$out/$i"
		tail -n 200 "$out/$i.words"
	fi
done
# digest SEED STEPS: of the last history
digest() {
	"$model" --seed "$1" --steps "$2" --history 100 --digests 2>/dev/null | grep '^history ' | tail -n 1
}

among=$(digest "${MODEL_SEED:-1}" 1000)
seed=${among#history }
alone=$(digest "${seed%%:*}" 100)
if [ "$among" ] && [ "$among" = "$alone" ]; then
	passed=$((passed + 1))
else
	echo "a history is another one by itself: '$alone', not '$among'"
	failed=$((failed + 1))
fi

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
