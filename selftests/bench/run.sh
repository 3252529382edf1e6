#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Runs the whole benchmark, or the parts whose name contains the word; build/bench.json has all of its figures.
#   run.sh [WORD]
set -eu
cd "$(dirname "$0")/../.."
word=${1:-}
uname -srm
echo "$(nproc) CPUs; figures are medians of pairs, ratios within this run"
build/slash64-bench build/bench-packets.json $word
echo '[]' >build/bench-controller.json
# shellcheck disable=SC2194  # does the word match this name?
case controller in *"$word"*) /usr/bin/python3 selftests/bench/controller.py build/bench-controller.json ;; esac
echo '[]' >build/bench-readers.json
# shellcheck disable=SC2194
case page in *"$word"*) /usr/bin/python3 selftests/bench/readers.py build/bench-readers.json ;; esac
/usr/bin/python3 - <<'END'
import json, platform
rows = json.load(open("build/bench-packets.json")) + json.load(open("build/bench-controller.json")) + \
    json.load(open("build/bench-readers.json"))
with open("build/bench.json", "w") as f:
    json.dump({"kernel": platform.release(), "rows": rows}, f, indent=1)
goals = [r for r in rows if "must" in r]
print("\n%d of %d goals met; build/bench.json has every figure" % (sum(r["met"] for r in goals), len(goals)))
END
