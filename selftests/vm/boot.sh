#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Boots a kernel under emulation, with a root that it cannot write to, and runs guest.sh in it. The
# guest's console goes to standard output. In the environment: ARCH and ROOT, which are this
# machine's unless said otherwise; SMP; TCG; LIST, the name of the list of tests.
#
#   boot.sh KERNEL VERSION INITRAMFS BUILD SECONDS [WORD...]
set -eu
kernel=$1 version=$2 initramfs=$3 build=$(cd "$4" && pwd) seconds=$5
shift 5
project=$(cd "$(dirname "$0")/../.." && pwd)
words=$(IFS=, && echo "$*")

# Variables of the environment that the tests get too.
given=
for name in STEPS SHARE SEED OTHERS PROGRAM; do
	[ -z "${!name:-}" ] || given="$given${given:+,}$name=${!name}"
done

share() {
	echo "local,path=$2,mount_tag=$1,security_model=none,readonly=on,multidevs=remap"
}

arch=${ARCH:-amd64}
append="quiet loglevel=3 panic=-1 net.ifnames=0 mitigations=off ${words:+s64.words=$words} ${given:+s64.given=$given} s64.seconds=$seconds s64.list=${LIST:-tests}"

# Without cx16: QEMU 7.2 computes the flags after a CMPXCHG16B from what another instruction left,
# and a kernel interrupted there crashes. Without la57, page table walks are one level shorter.
amd64() {
	local khz
	# The guest is given the rate of its clock, and does not calibrate it (tsc_khz.c).
	khz=$("$build/tsc_khz")
	machine=(qemu-system-x86_64 -cpu "max,-cx16,-la57" -accel "tcg,thread=${TCG:-single}")
	append="console=ttyS0 tsc=reliable tsc_early_khz=$khz no_timer_check $append"
}

# Its own threads, one for each CPU: what is tried is what several CPUs do to each other. CPU=cortex-a72 has no atomic
# instructions (LSE), and the kernel compiles the atomics of BPF to loops there.
arm64() {
	machine=(qemu-system-aarch64 -machine "virt,gic-version=3" -cpu "${CPU:-neoverse-n1}" -accel "tcg,thread=${TCG:-multi}")
	append="console=ttyAMA0 $append"
}
machine=()
"$arch"

# Where there can be one, a third NIC whose device merges packets and cannot be told not to: only a tap has such offloads.
stuck=()
if [ -w /dev/net/tun ]; then
	stuck=(-netdev "tap,id=c,script=no,downscript=no"
		-device "virtio-net-pci,netdev=c,mac=02:00:00:00:64:03,ctrl_guest_offloads=off,romfile=")
fi

# A hub joins the two NICs: each receives what the other sends, whatever its tags.
exec timeout -k 10 "$seconds" "${machine[@]}" -smp "${SMP:-2}" -m 3072 \
	-nographic -no-reboot -nodefaults -serial stdio -monitor none \
	-kernel "$kernel/boot/vmlinuz-$version" -initrd "$initramfs" \
	-append "$append" \
	-virtfs "$(share host "${ROOT:-/}")" -virtfs "$(share project "$project")" -virtfs "$(share build "$build")" \
	-netdev hubport,id=a,hubid=0 -device virtio-net-pci,netdev=a,mac=02:00:00:00:64:01,ctrl_vlan=off,romfile= \
	-netdev hubport,id=b,hubid=0 -device virtio-net-pci,netdev=b,mac=02:00:00:00:64:02,ctrl_vlan=off,romfile= \
	"${stuck[@]}" </dev/null
