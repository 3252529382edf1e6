# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# What life.sh, failures.sh and units.sh share: a router between two network namespaces, and results, one a line.
set -u
cd /root || exit 1
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
export CONFIG=/etc/slash64/slash64.yaml
export BAD=2001:db8:bad:1::/64
export ALL="slash64 slash64-adapters slash64-dashboards"

# ok NAME CONDITION...
ok() {
	local name=$1
	shift
	if "$@" >/root/said 2>&1; then
		echo "ok $name"
	else
		echo "not ok $name: $(tr '\n' ' ' </root/said | tail -c 300)"
	fi
}

no() { ! "$@"; }
apt_get() { apt-get -q -y --no-install-recommends -o Dpkg::Use-Pty=0 "$@" >/root/apt.log 2>&1; }
apt_did() { apt_get "$@" || { tail -n 5 /root/apt.log && false; }; }
says() { grep -q -- "$1" /root/apt.log || { cat /root/apt.log && false; }; }
attached() { ip -d link show dev wan0 | grep -q 'prog/xdp'; }
active() { [ "$(systemctl is-active "$1")" = active ]; }
off() { no active "$1" && [ "$(systemctl is-enabled "$1")" != enabled ]; }
gone() { for path; do [ ! -e "$path" ] || { echo "$path is there" && return 1; }; done; }
passes() { ip netns exec outside ping -6 -q -c 2 -i 0.2 -W 1 -I "$1" 2001:db8:5e::2; }

# within SECONDS CONDITION...
within() {
	for _ in $(seq $(($1 * 10))); do
		! "${@:2}" >/dev/null 2>&1 || return 0
		sleep 0.1
	done
	"${@:2}"
}

# journal UNIT: what it said at the level of warnings and above since the last clear_journal
clear_journal() { SINCE=$(date '+%F %T'); }
quiet() { [ -z "$(journalctl -q -o cat -p warning -u "$1" --since "$SINCE" | tee /dev/stderr)" ]; }

network() {
	ip netns add outside && ip netns add inside &&
		ip link add wan0 type veth peer name out0 netns outside &&
		ip link add lan0 type veth peer name in0 netns inside &&
		ip link set wan0 up && ip link set lan0 up &&
		ip -n outside link set out0 up && ip -n inside link set in0 up && ip -n outside link set lo up &&
		ip addr add 2001:db8:0:1::1/64 dev wan0 nodad && ip addr add 2001:db8:5e::1/64 dev lan0 nodad &&
		ip -n outside addr add 2001:db8:0:1::2/64 dev out0 nodad &&
		ip -n outside addr add 2001:db8:bad:1::2/128 dev lo nodad &&
		ip -n outside addr add 2001:db8:900d:1::2/128 dev lo nodad &&
		ip -n inside addr add 2001:db8:5e::2/64 dev in0 nodad &&
		ip -n outside route add default via 2001:db8:0:1::1 && ip -n inside route add default via 2001:db8:5e::1 &&
		ip route add default via 2001:db8:0:1::2 &&
		sysctl -q -w net.ipv6.conf.all.forwarding=1
}
