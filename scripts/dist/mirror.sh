#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Prints the Debian mirror that this machine uses, for a suite; exit code 1 if there is none.
#
#   mirror.sh SUITE
set -u
suite=$1

# apt knows where Debian is, in whichever of its formats that is configured.
mirror=$(apt-get indextargets --no-release-info --format '$(RELEASE) $(REPO_URI)' 'Created-By: Packages' |
	awk -v release="${suite%%-*}" '$1 == release { exact = $2 } $2 ~ "/debian/?$" { any = $2 }
		END { print exact ? exact : any }')
[ -n "$mirror" ] && echo "$mirror"
