#!/bin/sh -eu

# Starts the echo daemon of the README, or alfwrapper with the given arguments: scripts/start.sh [arguments]
#
# For an ordinary user tier ebpf needs CAP_BPF. If sudo is installed, it lends only that capability. The program runs as the
# calling user, and alfwrapper drops the capability before it becomes the daemon.

CAP_BPF=39

has_bpf() {
	while read -r key value; do
		case $key in
		CapEff:) return $((!(0x$value >> CAP_BPF & 1))) ;;
		esac
	done </proc/self/status
	return 1
}

may_sudo() {
	command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; }
}

cd "$(dirname "$0")/.."
# The daemon does not need it, but the clients of the README do.
[ $# -gt 0 ] || command -v ncat >/dev/null ||
	echo "start: the README's clients use ncat, which is not installed (Debian: ncat, Fedora: nmap-ncat, Arch: nmap)" >&2
[ $# -gt 0 ] || set -- --address :: --port 4242 ebpf/whitelist-private.c scripts/echod.sh
set -- ./alfwrapper "$@"

if ! has_bpf && may_sudo; then
	# sudo sets its own PATH, and root as the user.
	set -- env -u SUDO_COMMAND -u SUDO_GID -u SUDO_UID -u SUDO_USER \
		PATH="$PATH" HOME="$HOME" USER="$(id -un)" LOGNAME="$(id -un)" "$@"
	set -- sudo -E setpriv --reuid "$(id -u)" --regid "$(id -g)" --init-groups \
		--inh-caps +bpf --ambient-caps +bpf "$@"
fi
exec "$@"
