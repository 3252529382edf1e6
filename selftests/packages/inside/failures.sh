# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# What removing and purging say and do: on_exit either way, and a filter that cannot be taken off. Part of all.sh.

# filtering ON_EXIT: installed, with that in the configuration, and attached
filtering() {
	apt_get install /root/now/*.deb
	printf 'interfaces: [{name: wan0}]\n%s\n' "$1" >$CONFIG
	ok "with '$1' it starts" systemctl restart slash64d
	ok "is attached" within 5 attached
}

left_nothing() { gone /etc/slash64 /var/lib/slash64 /sys/fs/bpf/slash64; }

filtering 'on_exit: detach'
systemctl kill -s KILL slash64d
systemctl stop slash64d
ok "a kill leaves the filter" attached
apt_get remove slash64 slash64-adapters
ok "removing takes the filter off then" no attached
ok "and says so" says 'the filter is off, as on_exit: detach says'
apt_get purge $ALL
ok "and purging leaves nothing" left_nothing

filtering 'on_exit: detach'
apt_get remove slash64 slash64-adapters
ok "so does removing while it runs" no attached
ok "and says so, too" says 'the filter is off, as on_exit: detach says'
apt_get purge $ALL

filtering '# on_exit: detach'
apt_get remove slash64 slash64-adapters
ok "what a comment says does not count" attached
ok "and the words are those of on_exit: keep" says 'the filter stays on the interfaces, with its blocks (on_exit: keep)'
/var/lib/slash64/slash64d.removed --take-off >/root/said 2>&1
ok "what it names to take it off does that" no attached
apt_get purge $ALL
ok "and a purge after that leaves nothing" left_nothing

# A slash64d that systemd knows nothing of cannot be stopped, and holds the store: nothing is taken off under it.
filtering 'on_exit: detach'
systemctl kill -s KILL slash64d
systemctl stop slash64d
systemd-run -q --unit foreign --property KillMode=none slash64d
ok "one that was started by hand runs" within 10 slash64 status --quiet
apt_get remove slash64 slash64-adapters
ok "removed all the same" [ "$(dpkg-query -W -f '${db:Status-Status}' slash64)" = config-files ]
ok "it says that the filter could not be taken off" says 'the filter could not be taken off, and stays on the interfaces'
ok "and why" says 'stop it first'
ok "and it is there" attached
apt_get purge slash64
ok "purged, though it cannot be taken off" no eval \
	'dpkg-query -W -f "\${db:Status-Status}\n" slash64 | grep -qx "installed\|config-files"'
ok "it says what to type" says 'ip link set INTERFACE xdp off'
ok "and on which interface" says 'Interfaces with an XDP program: .*wan0'
systemctl kill -s KILL foreign
ip link set wan0 xdp off
ip link set wan0 xdpgeneric off
ok "what it says helps" no attached
rm -rf /sys/fs/bpf/slash64

# The program that is kept for a purge may not run any more: its libraries are gone with apt autoremove.
filtering 'on_exit: keep'
apt_get remove slash64 slash64-adapters
ok "the program is kept for a purge" [ -x /var/lib/slash64/slash64d.removed ]
printf '#!/bin/sh\necho "error while loading shared libraries" >&2\nexit 127\n' >/var/lib/slash64/slash64d.removed
apt_get purge $ALL
ok "a purge that cannot take the filter off says so" says 'the filter could not be taken off'
ok "and deletes the rest" gone /etc/slash64 /var/lib/slash64
ip link set wan0 xdp off
rm -rf /sys/fs/bpf/slash64

# A configuration that cannot be read any more is no reason to leave a filter behind.
filtering 'on_exit: keep'
apt_get remove slash64 slash64-adapters
echo 'no: such: thing' >$CONFIG
apt_get purge $ALL
ok "a purge takes the filter off without a configuration, too" no attached
ok "and leaves nothing then" left_nothing
