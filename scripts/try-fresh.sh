#!/bin/sh -eu

# Tries the set-up on fresh machines that have only Node and npm: scripts/try-fresh.sh [SUITE [MIRROR]]
#
# The machines are directories made by debootstrap, of Debian bookworm unless told otherwise; they share this one's
# kernel and network. Each gets a clone of what is committed here. Needs root, debootstrap, git and ncat; port 4242
# must be free. Mounts and processes end with this script, because it runs in namespaces of its own.

[ "${ALF_TRY_FRESH-}" ] || ALF_TRY_FRESH=1 exec unshare --mount --pid --fork --kill-child --mount-proc "$0" "$@"

suite=${1-bookworm} mirror=${2-}
clone=/home/user/alfwrapper

say() {
	printf '\n== %s\n' "$1"
}

fail() {
	printf 'try-fresh: %s\n' "$1" >&2
	exit 1
}

# What all machines are copies of.
make_base() {
	base=$work/base
	debootstrap --variant=minbase "$suite" "$base" ${mirror:+"$mirror"} >"$work/log" || fail "$(tail "$work/log")"
	npm=$(readlink -f "$(command -v npm)")
	mkdir -p "$base/usr/lib/node_modules" "$base/usr/etc" "$base/etc/ssl/certs"
	cp "$(command -v node)" "$base/usr/bin/"
	cp -a "${npm%/bin/npm-cli.js}" "$base/usr/lib/node_modules/npm"
	ln -s ../lib/node_modules/npm/bin/npm-cli.js "$base/usr/bin/npm"
	# It finds and trusts whom this machine finds and trusts.
	cp /etc/resolv.conf /etc/hosts "$base/etc/"
	cp /etc/ssl/certs/ca-certificates.crt "$base/etc/ssl/certs/"
	echo 'cafile=/etc/ssl/certs/ca-certificates.crt' >"$base/usr/etc/npmrc"
	chroot "$base" useradd --create-home user
	git clone --quiet . "$base$clone"
	chroot "$base" chown -R user: "$clone"
}

make_machine() {
	machine=$work/machine
	cp -a "$work/base" "$machine"
	# ip netns wants the root to be a mount.
	mount --bind "$machine" "$machine"
	mount -t proc proc "$machine/proc"
	mount --rbind /sys "$machine/sys"
	mount --rbind /dev "$machine/dev"
}

remove_machine() {
	umount -R "$machine"
	rm -rf --one-file-system "$machine"
}

# Runs a command in the clone: inside USER COMMAND
inside() {
	chroot "$machine" su - "$1" -c "cd $clone && exec $2" </dev/null
}

# Whether npm start, run by a user, ends with an echo over IPv6 and IPv4, and the daemon with npm.
expect_echo() {
	# Not through a function, which would put a shell between the signal and npm.
	chroot "$machine" su - "$1" -c "cd $clone && exec npm start" </dev/null &
	npm=$!
	until [ "$(printf hi | ncat -w1 ::1 4242 2>/dev/null)" = hi ]; do
		kill -0 "$npm" 2>/dev/null || fail 'npm start has ended'
		sleep 1
	done
	[ "$(printf hi | ncat -w1 127.0.0.1 4242)" = hi ] || fail 'no echo over IPv4'
	echo 'it echoes over IPv6 and IPv4'
	kill "$npm"
	wait "$npm" || true
	! ncat -z ::1 4242 || fail 'the daemon is still there'
}

cd "$(dirname "$0")/.."
! ncat -z ::1 4242 2>/dev/null || fail 'port 4242 is in use'
work=$(mktemp -d "${TMPDIR-/tmp}/alfwrapper-fresh-XXXXXX")
chmod 755 "$work"
trap 'cd /; umount -lR "$work/machine" 2>/dev/null || true; rm -rf --one-file-system "$work"' EXIT

say "a fresh $suite"
make_base

say 'a user without sudo is told what to install, and nothing changes'
make_machine
! inside user 'scripts/setup.sh --test' || fail 'it went on'
[ -z "$(diff -rq "$work/base$clone" "$machine$clone")" ] || fail 'it changed the clone'

say 'root'
expect_echo root
inside root 'npm test'
remove_machine

say 'a user with sudo'
make_machine
chroot "$machine" sh -c 'apt-get update && apt-get install -y --no-install-recommends sudo' >"$work/log" 2>&1
echo 'user ALL=(ALL) NOPASSWD: ALL' >"$machine/etc/sudoers.d/user"
expect_echo user
remove_machine
