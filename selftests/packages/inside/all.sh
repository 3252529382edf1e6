#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Everything that is tried in the booted system, in this order; run by its life.service.
. /root/common.sh
ok "the network" network
ok "packets pass without slash64" within 5 passes 2001:db8:bad:1::2
. /root/life.sh
. /root/units.sh
. /root/failures.sh
echo ended
