#!/bin/sh -eu
# A systemd of its own, in namespaces of its own: manager.sh outside|inside KIND CGROUP DIRECTORY INSTALLED
#
# KIND is system or user. DIRECTORY has units/, opt/ (what /opt is to be beside /opt/alfwrapper, which is INSTALLED), etc/
# and log, where what the manager says goes. Whoever kills this process ends all that is inside. CGROUP is left behind.

where=$1 kind=$2 cgroup=$3 directory=$4 installed=$5

# The machine may have mounted version 1 there.
mount_cgroups() {
	umount -l /sys/fs/cgroup 2>/dev/null || : # not mounted below ip netns exec
	mount -t cgroup2 cgroup2 /sys/fs/cgroup
}

outside() {
	mount --make-rprivate /
	mount_cgroups
	mkdir "/sys/fs/cgroup/$cgroup"
	echo $$ >"/sys/fs/cgroup/$cgroup/cgroup.procs"
	exec unshare --pid --fork --kill-child --mount --uts --ipc --cgroup --mount-proc \
		"$0" inside "$kind" "$cgroup" "$directory" "$installed"
}

# Nothing of the machine's /run, /opt, units and /etc/alfwrapper is seen, and /var is not changed if /etc is; that /run/systemd/system is there is what says that
# systemd runs the machine. A manager without a journal writes to /dev/kmsg, which here is a file.
inside() {
	mount_cgroups
	mount -t tmpfs -o mode=755 run /run
	mount -t tmpfs -o mode=755 opt /opt
	mkdir -p /run/systemd/system /run/lock /run/output /run/user/65534 /opt/alfwrapper
	chmod 1777 /run/output
	cp -r "$directory/opt/." /opt
	mount --bind "$installed" /opt/alfwrapper
	mount --bind "$directory/log" /dev/kmsg
	if [ -d "$directory/etc" ]; then
		mount -t tmpfs -o mode=755 changes /mnt
		for name in etc var; do
			mkdir -p "/mnt/$name/upper" "/mnt/$name/work"
			mount -t overlay -o "lowerdir=/$name,upperdir=/mnt/$name/upper,workdir=/mnt/$name/work" overlay "/$name"
		done
		cp -r "$directory/etc/." /etc
	fi
	mount -t tmpfs -o mode=755 units /etc/systemd/system
	export PATH=/usr/sbin:/usr/bin:/sbin:/bin SYSTEMD_UNIT_PATH="$directory/units" container=alfwrapper
	case $kind in
	system)
		export SYSTEMD_UNIT_PATH="$SYSTEMD_UNIT_PATH:/etc/systemd/system"
		exec /lib/systemd/systemd --system --unit=basic.target --show-status=no --log-target=kmsg
		;;
	user)
		chown -R 65534:65534 /run/user/65534 /sys/fs/cgroup
		export XDG_RUNTIME_DIR=/run/user/65534 HOME=/run/user/65534
		export SYSTEMD_UNIT_PATH="$SYSTEMD_UNIT_PATH:$HOME/.config/systemd/user"
		setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps -all --bounding-set -all \
			/lib/systemd/systemd --user --unit=basic.target --log-target=kmsg &
		wait
		;;
	esac
}

$where
