#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Every fuzzer over all inputs that are kept, and a few seconds beyond them. `make fuzz` takes its time.
exec "$(dirname "$0")/run.sh" 8
