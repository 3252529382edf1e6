#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The first files of a guest: busybox, the required modules, and init, which continues with this
# machine's own root.
#
#   initramfs.sh KERNEL VERSION FILE [BUSYBOX]     KERNEL as kernel.sh left it; BUSYBOX for another architecture
set -eu
here=$(cd "$(dirname "$0")" && pwd)
kernel=$1 version=$2 file=$3 busybox=${4:-$(command -v busybox)}

# Modules for mounting the root, for links between namespaces, for the NIC, for listing TCP sessions, and
# for the program at egress: a guest loads none by itself. Modules built into the kernel are not missed.
WANTED="virtio_pci 9p 9pnet_virtio virtio_net veth 8021q dummy bonding bridge macvlan ipvlan tun inet_diag tcp_diag sch_ingress cls_bpf"

tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
mkdir -p "$tree"/{bin,proc,sys,dev,root,modules}
cp "$busybox" "$tree/bin/busybox"
install -m 755 "$here/init" "$tree/init"

# modules.dep lists a module and, behind the colon, its dependencies, the deepest last.
for module in $WANTED; do
	awk -F: -v module="$module" '{
		name = $1
		sub(".*/", "", name)
		sub("\\.ko.*", "", name)
		gsub("-", "_", name)
		if (name == module) {
			n = split($2, needed, " ")
			for (i = n; i > 0; i--)
				print needed[i]
			print $1
		}
	}' "$kernel/lib/modules/$version/modules.dep"
done | awk '!seen[$0]++' >"$tree/order"

while read -r path; do
	name=$(basename "$path")
	case $name in
	*.xz) xz -dc "$kernel/lib/modules/$version/$path" >"$tree/modules/${name%.xz}" ;;
	*.zst) zstd -qdc "$kernel/lib/modules/$version/$path" >"$tree/modules/${name%.zst}" ;;
	*) cp "$kernel/lib/modules/$version/$path" "$tree/modules/" ;;
	esac
done <"$tree/order"
sed -E -i 's|.*/||; s/\.(xz|zst)$//' "$tree/order"

(cd "$tree" && find . | busybox cpio -o -H newc 2>/dev/null) | gzip -1 >"$file.tmp"
mv "$file.tmp" "$file"
