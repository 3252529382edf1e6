# shellcheck shell=bash
# shellcheck disable=SC2154 # project, work and others are those of who reads it in
# SPDX-License-Identifier: GPL-2.0-only
# The recipe of the container: the image of scripts/dist/Dockerfile, from a base that is made of the clean tree, run with the
# options that docs/containers.md has, in place of Docker by podman, and of the host's network by that of a namespace. Part of
# check.sh.

# Everything of podman is in folders that go with the rest.
podman_() {
	podman --root "$work/podman" --runroot "$work/podman.run" --storage-driver vfs --cgroup-manager cgroupfs \
		--events-backend file --runtime "$here/runtime.py" "$@"
}

# options NUMBER: of that `docker run` of the document, one a line
options() {
	sed -n '/^    docker run /,/^$/p' "$project/docs/containers.md" |
		awk -v which="$1" '/^    docker run /{n++} n == which' | tr -d '\\' | tr -s ' \n' '\n\n' |
		sed "s|^/sys/fs/bpf:|$work/container/bpf:|; s|^/etc/slash64:|$work/container/etc:|
			s|^/var/lib/slash64:|$work/container/state:|; s|^/run/slash64:|$work/container/run:|; s|^host\$|&|" |
		grep -v '^$' | tail -n +3
}

# run NUMBER [ARGUMENT...]: as the document says
run_documented() {
	local words=() word
	while IFS= read -r word; do
		case $word in
		--network) words+=(--network "ns:/run/netns/$router" --pull never) ;;
		host) [ "${words[-1]}" != --pid ] || words+=(host) ;;
		unless-stopped) words+=(no) ;; # the test does that
		*) words+=("$word") ;;
		esac
	done < <(options "$1")
	podman_ run --health-interval disable "${words[@]}" "${@:2}"
}

in_container() { podman_ exec slash64 slash64 "$@"; }
outside_passes() { ip netns exec "$outside" ping -6 -q -c 2 -i 0.2 -W 1 -I 2001:db8:bad:1::2 2001:db8:0:1::1 >/dev/null; }
container_attached() { ip -n "$router" -d link show dev wan0 | grep -q 'prog/xdp'; }
healthy() { podman_ healthcheck run slash64; }

container_await() {
	for _ in $(seq 200); do
		! in_container status --quiet >/dev/null 2>&1 || return 0
		sleep 0.1
	done
	podman_ logs slash64 2>&1 | tail -n 3
	return 1
}

# check NAME COMMAND...
container_check() {
	local said
	said=$("${@:2}" 2>&1)
	result $? "container: $1" "$(tail -n 2 <<<"$said")"
}

not() { ! "$@"; }

container_network() {
	router=s64-ctr-$$ outside=s64-cto-$$
	ip netns add "$router" && ip netns add "$outside" &&
		ip -n "$router" link add wan0 type veth peer name out0 netns "$outside" &&
		ip -n "$router" link set wan0 up && ip -n "$router" link set lo up && ip -n "$outside" link set out0 up &&
		ip -n "$outside" link set lo up && ip -n "$router" addr add 2001:db8:0:1::1/64 dev wan0 nodad &&
		ip -n "$outside" addr add 2001:db8:0:1::2/64 dev out0 nodad &&
		ip -n "$outside" addr add 2001:db8:bad:1::2/128 dev lo nodad &&
		ip -n "$router" route add 2001:db8:bad:1::/64 via 2001:db8:0:1::2
}

container_image() {
	tar -C "$tree" --exclude=./var/cache/apt/archives/*.deb --exclude=./root/* -c . >"$work/base.tar" &&
		podman_ import -q "$work/base.tar" "docker.io/library/debian:$suite-slim" && rm -f "$work/base.tar" &&
		podman_ build -q --isolation chroot --pull-never --network host --format docker --build-arg "DEBIAN=$suite" \
			-f "$project/scripts/dist/Dockerfile" -t localhost/slash64 "$built"
}

container_end() {
	podman_ rm -f -a -t 0 >/dev/null 2>&1
	podman_ rmi -f -a >/dev/null 2>&1
	ip netns del "$router" 2>/dev/null
	ip netns del "$outside" 2>/dev/null
	umount -q -l "$work/container/bpf"
}

try_container() {
	mkdir -p "$work/container/bpf" "$work/container/etc" "$work/container/state" "$work/container/run"
	mount -t bpf bpf "$work/container/bpf" && container_network || give_up "container" "no network namespace for it"
	container_check "the image is built from the packages" container_image
	container_check "its health check is that of the document" \
		eval 'podman_ inspect localhost/slash64 | tr -d " \n" | grep -qF "[\"CMD\",\"slash64\",\"status\",\"--quiet\"]"'
	printf 'interfaces: [{name: wan0, filter: enforce}]\n' >"$work/container/etc/slash64.yaml"
	container_check "it runs with the options of the document" run_documented 1
	container_check "all is well" container_await
	container_check "it filters the interface of the namespace" container_attached
	container_check "and keeps no more than three capabilities" eval \
		'[ "$(sed -n "s/^CapEff:.//p" /proc/"$(podman_ inspect -f "{{.State.Pid}}" slash64)"/status)" = 000000c000001000 ]'
	container_check "it is healthy" healthy
	outside_passes || result 1 "container: a source passes before" "it does not"
	container_check "a block is taken" in_container block 2001:db8:bad:1::/64 --for 1h --force
	container_check "and in force" not outside_passes
	container_check "the socket is there for the host" "$work/container/slash64" --socket "$work/container/run/control.sock" status --quiet
	podman_ rm -f -t 10 slash64 >/dev/null 2>&1
	container_check "without the container the filter stays" not outside_passes
	container_check "another one takes it over" run_documented 1
	container_check "all is well with that" container_await
	container_check "it knows the block" eval 'in_container list | grep -q 2001:db8:bad:1::/64'
	ip -n "$router" link set wan0 down
	ip -n "$router" link del wan0
	container_check "without its interface it is not healthy" eval 'for i in $(seq 50); do healthy || break; sleep 0.1; done; ! healthy'
	podman_ rm -f -t 10 slash64 >/dev/null 2>&1
	container_check "what takes the filter off runs, too" run_documented 2
	container_check "and leaves no pin" [ ! -e "$work/container/bpf/slash64" ]
	container_end
}

if ! command -v podman >/dev/null || ! command -v runc >/dev/null; then
	skip "the container" "there is no podman, or no runc"
else
	mkdir -p "$work/container"
	dpkg-deb -x "$(echo "$built"/slash64_*.deb)" "$work/container/unpacked" && cp "$work/container/unpacked/usr/bin/slash64" "$work/container/"
	try_container
fi
