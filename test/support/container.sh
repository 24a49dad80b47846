#!/bin/sh -eu
# A container of runc: container.sh run|delete BUNDLE NAME. Its image is the machine's file system.

mount --make-rprivate /
umount -l /sys/fs/cgroup 2>/dev/null || : # not mounted below ip netns exec
mount -t cgroup2 cgroup2 /sys/fs/cgroup
case $1 in
run)
	mount --bind / "$2/rootfs"
	exec runc --root "$2/state" run --bundle "$2" "$3"
	;;
delete) exec runc --root "$2/state" delete --force "$3" ;;
esac
