#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Copy the sources of this tree, and nothing that was built, to FOLDER.
#
#   tree.sh FOLDER
set -eu

cd "$(dirname "$0")/../.."
mkdir -p "$1"
if git rev-parse --git-dir >/dev/null 2>&1; then
	git ls-files -z | xargs -0 sh -c 'for f; do [ ! -e "$f" ] || printf "%s\\0" "$f"; done' sh
else
	find . -path ./build -prune -o -type f -print0
fi | tar -c --null -T - | tar -x -C "$1"
