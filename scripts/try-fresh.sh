#!/bin/sh -eu

# Tries the set-up on fresh machines of Debian with its own Node.js and npm:
#
#   scripts/try-fresh.sh [--as user|sudo|root] [SUITE [MIRROR]]
#
# --as tries only a user without sudo, a user with it, or root. SUITE is bookworm (Debian 12, the default) or trixie
# (Debian 13). The machines are directories made by debootstrap, with this kernel, this network, and their own mounts.
# Each gets a clone of the committed tree. Needs root, debootstrap, git and ncat; port 4242 must be free. The script
# runs in its own namespaces, so mounts and processes end with it.

[ "${ALF_TRY_FRESH-}" ] || ALF_TRY_FRESH=1 exec unshare --mount --pid --fork --kill-child --mount-proc "$0" "$@"

tried='user sudo root'
if [ "${1-}" = --as ]; then
	tried=${2-}
	case $tried in
	user | sudo | root) shift 2 ;;
	*) echo 'try-fresh: --as needs user, sudo or root' >&2 && exit 1 ;;
	esac
fi
suite=${1-bookworm} mirror=${2-}
clone=/home/user/alfwrapper

# True if the node of the suite is too old to build.
case $suite in
bookworm) old_node=true ;;
*) old_node=false ;;
esac

say() {
	printf '\n== %s: %s\n' "$suite" "$1"
}

fail() {
	printf 'try-fresh: %s\n' "$1" >&2
	exit 1
}

# Runs a command with a directory as its root: on MACHINE COMMAND… In a chroot it could not create user namespaces.
# The command replaces this process, so a signal to it reaches the command.
# shellcheck disable=SC2016
ENTER='
	machine=$1
	shift
	mount --bind "$machine" "$machine"
	cd "$machine"
	mount -t proc proc proc
	mount --rbind /sys sys
	mount --rbind /dev dev
	mount -t tmpfs -o mode=755 tmpfs run
	mkdir -p run/lock run/old
	pivot_root . run/old
	umount -l /run/old
	rmdir /run/old
	exec "$@" </dev/null
'

# Runs a command line in the clone: inside USER COMMAND
inside() {
	unshare --mount sh -euc "$ENTER" sh "$machine" su - "$1" -c "cd $clone && exec $2"
}

# The base, of which all machines are copies.
make_base() {
	base=$work/base
	debootstrap --variant=minbase "$suite" "$base" ${mirror:+"$mirror"} >"$work/log" || fail "$(tail "$work/log")"
	# These machines need not survive a power loss.
	echo force-unsafe-io >"$base/etc/dpkg/dpkg.cfg.d/unsafe-io"
	cp /etc/resolv.conf /etc/hosts "$base/etc/"
	mkdir -p "$base$clone"
	machine=$base
	inside root 'sh -c "apt-get update && apt-get install -y --no-install-recommends ca-certificates nodejs npm"' \
		>"$work/log" 2>&1 || fail "$(tail "$work/log")"
	# npm uses the certificates of this machine.
	cp /etc/ssl/certs/ca-certificates.crt "$base/etc/ssl/certs/"
	echo 'cafile=/etc/ssl/certs/ca-certificates.crt' >>"$base/etc/npmrc"
	inside root 'useradd --create-home --shell /bin/bash user'
	git clone --quiet . "$base$clone"
	inside root "chown -R user: /home/user"
	inside user "sh -c 'echo Node.js \$(node --version), npm \$(npm --version)'"
}

make_machine() {
	machine=$work/machine
	cp -a "$work/base" "$machine"
}

remove_machine() {
	rm -rf --one-file-system "$machine"
}

# Sets told: the command that the set-up asks the user to run as root.
ask_setup() {
	if inside user 'scripts/setup.sh --test' >"$work/said" 2>&1; then fail 'the set-up went on'; fi
	cat "$work/said"
	told=$(sed -n 's/^  hint: as root, run: //p' "$work/said")
	[ "$told" ] || fail 'the set-up does not tell what to do'
	[ -z "$(git -C "$machine$clone" status --porcelain --ignored)" ] || fail 'it changed the clone'
}

# Checks that npm start, run by a user, echoes over IPv6 and IPv4, and that the daemon ends with npm.
expect_echo() {
	# Without a function, because its shell would get the signal instead of npm.
	unshare --mount sh -euc "$ENTER" sh "$machine" su - "$1" -c "cd $clone && exec npm start" &
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

# npm start and npm test, by a user.
try_as() {
	began=$(date +%s)
	expect_echo "$1"
	started=$(date +%s)
	inside "$1" 'npm test' || fail "npm test failed: $1"
	echo "npm start took $((started - began)) s, npm test $(($(date +%s) - started)) s"
}

cd "$(dirname "$0")/.."
! ncat -z ::1 4242 2>/dev/null || fail 'port 4242 is in use'
work=$(mktemp -d "${TMPDIR-/tmp}/alfwrapper-fresh-XXXXXX")
chmod 755 "$work"
trap 'cd /; rm -rf --one-file-system "$work"' EXIT

say 'a fresh machine'
make_base
if $old_node; then
	say 'the set-up says which Node.js it needs, and how to get it'
	machine=$work/base
	ask_setup
	inside root "$told"
	inside user "sh -c 'echo Node.js \$(node --version), npm \$(npm --version)'"
fi

try_user() {
	say 'a user without sudo is told what to install, and nothing changes'
	ask_setup
	inside root "sh -c '$told'" >"$work/log" 2>&1 || fail "$(tail "$work/log")"
	try_as user
}

try_sudo() {
	say 'a user with sudo'
	inside root 'sh -c "apt-get update && apt-get install -y --no-install-recommends sudo"' >"$work/log" 2>&1 ||
		fail "$(tail "$work/log")"
	echo 'user ALL=(ALL) NOPASSWD: ALL' >"$machine/etc/sudoers.d/user"
	try_as user
}

try_root() {
	say root
	try_as root
}

for who in $tried; do
	make_machine
	"try_$who"
	remove_machine
done

say "passed: $tried"
