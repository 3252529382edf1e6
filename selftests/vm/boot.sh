#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Boots a kernel under emulation, with this machine's root read-only, and runs guest.sh in it. The
# guest's console goes to standard output.
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

# Without cx16: QEMU 7.2 computes the flags after a CMPXCHG16B from what another instruction left,
# and a kernel interrupted there crashes. Without la57, page table walks are one level shorter.
CPU=max,-cx16,-la57

# Where there can be one, a third NIC whose device merges packets and cannot be told not to: only a tap has such offloads.
stuck=()
if [ -w /dev/net/tun ]; then
	stuck=(-netdev "tap,id=c,script=no,downscript=no"
		-device "virtio-net-pci,netdev=c,mac=02:00:00:00:64:03,ctrl_guest_offloads=off,romfile=")
fi

# The guest is given the rate of its clock, and does not calibrate it (tsc_khz.c).
khz=$("$build/tsc_khz")

# A hub joins the two NICs: each receives what the other sends, whatever its tags.
exec timeout -k 10 "$seconds" qemu-system-x86_64 -accel tcg,thread=${TCG:-single} -cpu $CPU -smp ${SMP:-2} -m 3072 \
	-nographic -no-reboot -nodefaults -serial stdio -monitor none \
	-kernel "$kernel/boot/vmlinuz-$version" -initrd "$initramfs" \
	-append "console=ttyS0 quiet loglevel=3 panic=-1 net.ifnames=0 mitigations=off tsc=reliable tsc_early_khz=$khz no_timer_check ${words:+s64.words=$words} ${given:+s64.given=$given} s64.seconds=$seconds" \
	-virtfs "$(share host /)" -virtfs "$(share project "$project")" -virtfs "$(share build "$build")" \
	-netdev hubport,id=a,hubid=0 -device virtio-net-pci,netdev=a,mac=02:00:00:00:64:01,ctrl_vlan=off,romfile= \
	-netdev hubport,id=b,hubid=0 -device virtio-net-pci,netdev=b,mac=02:00:00:00:64:02,ctrl_vlan=off,romfile= \
	"${stuck[@]}" </dev/null
