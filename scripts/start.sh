#!/bin/sh -eu

# The main job, or what its arguments say: scripts/start.sh [alfwrapper's arguments]
#
# An ordinary user's daemon needs CAP_BPF before it is one. If sudo is there, it lends that capability and nothing
# else: the program runs as the user who called, and alfwrapper drops the capability before it becomes the daemon.

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
# The daemon does without it; who tries the README's example does not.
[ $# -gt 0 ] || command -v ncat >/dev/null ||
	echo "start: the README's clients use ncat, which is not installed (Debian: ncat, Fedora: nmap-ncat, Arch: nmap)" >&2
[ $# -gt 0 ] || set -- --address :: --port 4242 ebpf/whitelist-private.c scripts/echod.sh
set -- ./alfwrapper "$@"

if ! has_bpf && may_sudo; then
	# sudo has a PATH of its own, and names root as the user.
	set -- env -u SUDO_COMMAND -u SUDO_GID -u SUDO_UID -u SUDO_USER \
		PATH="$PATH" HOME="$HOME" USER="$(id -un)" LOGNAME="$(id -un)" "$@"
	set -- sudo -E setpriv --reuid "$(id -u)" --regid "$(id -g)" --init-groups \
		--inh-caps +bpf --ambient-caps +bpf "$@"
fi
exec "$@"
