#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The first steps of the README, on a system that has systemd, between two network namespaces. Run by first_evening.sh, in a
# container. A question of 'slash64 init' is answered by Enter.
set -u
cd /root || exit 1
export LC_ALL=C.UTF-8

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

network() {
	ip netns add outside && ip netns add inside &&
		ip link add wan0 type veth peer name out0 netns outside &&
		ip link add lan0 type veth peer name in0 netns inside &&
		ip link set wan0 up && ip link set lan0 up &&
		ip -n outside link set out0 up && ip -n inside link set in0 up &&
		ip addr add 2001:db8:0:1::1/64 dev wan0 nodad && ip addr add 2001:db8:5e::1/64 dev lan0 nodad &&
		ip -n outside addr add 2001:db8:0:1::2/64 dev out0 nodad &&
		ip -n inside addr add 2001:db8:5e::2/64 dev in0 nodad &&
		ip -n outside route add default via 2001:db8:0:1::1 && ip -n inside route add default via 2001:db8:5e::1 &&
		ip route add default via 2001:db8:0:1::2 && echo 1 >/proc/sys/net/ipv6/conf/all/forwarding
}

passes() { ip netns exec outside ping -6 -q -c 3 -i 0.2 -W 1 2001:db8:5e::2; }

ok "two network namespaces, and this machine between them" network
for _ in $(seq 50); do
	passes >/dev/null 2>&1 && break
done
start=$(date +%s)
while IFS= read -r step; do
	echo "\$ $step"
	# a terminal, at which somebody presses Enter
	yes '' 2>/dev/null | script -q -e -c "$step" /dev/null >/root/said 2>&1
	ok "$step" [ "${PIPESTATUS[1]}" = 0 ]
done <steps
ok "the outside interface was found, and monitors" grep -q 'name: wan0' /etc/slash64/slash64.yaml
ok "what is behind the router is its own" grep -q '2001:db8:5e::/64' /etc/slash64/slash64.yaml
ok "the example was replaced without a question" [ "$(ls /etc/slash64)" = slash64.yaml ]
ok "it is attached" eval "ip -d link show dev wan0 | grep -q prog/xdp"
ok "all is well" slash64 status --quiet
ok "packets pass" passes
ok "and are counted" eval "slash64 metrics | grep '^slash64_packets_total{interface=\"wan0\".*verdict=\"pass\"' | grep -v ' 0$' | grep -q ."
ok "in monitor mode" eval "slash64 status --json | grep -q '\"filter\":\"monitor\"'"
echo "seconds $(($(date +%s) - start))"
