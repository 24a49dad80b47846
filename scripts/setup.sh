#!/bin/sh -eu

# Prepares a fresh clone: installs the system and npm packages it needs, and builds.
# Finished work is not repeated, so npm runs this before every start.
#
#   scripts/setup.sh [--test] [--bench]    also prepares npm test, npm run bench

# The requirements, and their packages for apt, dnf and pacman. A requirement is a command of any origin, or a library.
# Ninja is listed although make would work: cmake-js prefers it, and a build tree cannot change its generator.
START='
c++                       g++         gcc-c++             gcc
cmake                     cmake       cmake               cmake
ninja                     ninja-build ninja-build         ninja
pkg-config                pkg-config  pkgconf-pkg-config  pkgconf
clang                     clang       clang               clang
llvm-strip                llvm        llvm                llvm
libbpf                    libbpf-dev  libbpf-devel        libbpf
setpriv                   util-linux  util-linux          util-linux
systemd-socket-activate   systemd     systemd             systemd
'
TEST='
apache                    apache2         httpd               apache
bash-completion           bash-completion bash-completion     bash-completion
bpftool                   bpftool         bpftool             bpf
busybox                   busybox-static  busybox             busybox
dash                      dash            dash                dash
dnsmasq                   dnsmasq         dnsmasq             dnsmasq
fish                      fish            fish                fish
gunicorn                  gunicorn        python3-gunicorn    gunicorn
ip                        iproute2        iproute             iproute2
iprange                   iprange         iprange             iprange
ipset                     ipset           ipset               ipset
libbcc                    libbpfcc-dev    bcc-devel           bcc
libsystemd                libsystemd-dev  systemd-devel       systemd-libs
lighttpd                  lighttpd        lighttpd            lighttpd
lz4                       lz4             lz4                 lz4
man                       man-db          man-db              man-db
mandoc                    mandoc          mandoc              mandoc
musl-gcc                  musl-tools      musl-gcc            musl
ncat                      ncat            nmap-ncat           nmap
nft                       nftables        nftables            nftables
nginx                     nginx           nginx               nginx
node-exporter             prometheus-node-exporter golang-github-prometheus-node-exporter prometheus-node-exporter
postgresql                postgresql      postgresql-server   postgresql
python3                   python3         python3             python
qemu-system-x86_64        qemu-system-x86 qemu-system-x86-core qemu-system-x86
redis                     redis-server    redis               valkey
runc                      runc            runc                runc
shellcheck                shellcheck      ShellCheck          shellcheck
sshd                      openssh-server  openssh-server      openssh
strace                    strace          strace              strace
tini                      tini            tini                tini
unbound                   unbound         unbound             unbound
xz                        xz-utils        xz                  xz
zsh                       zsh             zsh                 zsh
zstd                      zstd            zstd                zstd
'
BENCH='
ip                        iproute2    iproute             iproute2
ipset                     ipset       ipset               ipset
libbcc                    libbpfcc-dev bcc-devel          bcc
ncat                      ncat        nmap-ncat           nmap
nft                       nftables    nftables            nftables
'

# The first Node.js that can build and test; the result also runs on 18.19.
NEED_NODE=20.19
GET_NODE='as root, run: npm install --global node@22'

# The versions of Node.js that a launch is tested on, besides the installed one: Debian 12's and Ubuntu 24.04's,
# Debian 13's, those with long-term support, and the newest of the registry.
TEST_NODES='18.19.1 20.19.2 22 24 latest'

LOG=build/setup.log

say() {
	echo "setup: $1" >&2
}

fail() {
	printf 'setup: unable to %s\n  hint: %s\n' "$1" "$2" >&2
	exit 1
}

check_node() {
	command -v npm >/dev/null || fail 'find npm in PATH' "install Node.js $NEED_NODE or later with npm"
	node=$(node --version 2>/dev/null) || fail 'find node in PATH' "install Node.js $NEED_NODE or later"
	node=${node#v}
	major=${node%%.*}
	minor=${node#*.}
	minor=${minor%%.*}
	[ "$major" -gt "${NEED_NODE%.*}" ] || { [ "$major" -eq "${NEED_NODE%.*}" ] && [ "$minor" -ge "${NEED_NODE#*.}" ]; } ||
		fail "use Node.js $node: $NEED_NODE or later is needed" "$GET_NODE"
}

find_manager() {
	for manager in apt-get dnf pacman; do
		command -v $manager >/dev/null && return
	done
	manager=none
}

has_one_of() {
	for name; do
		! command -v "$name" >/dev/null || return 0
	done
	return 1
}

is_here() {
	case $1 in
	libbpf) pkg-config --exists 'libbpf >= 1.0' 2>/dev/null ;;
	libsystemd) pkg-config --exists libsystemd 2>/dev/null ;;
	bash-completion) [ -e /usr/share/bash-completion/bash_completion ] ;;
	libbcc) pkg-config --exists 'libbcc >= 0.26' 2>/dev/null ;;
	# Distributions differ in the names of these.
	apache) has_one_of apache2 httpd ;;
	node-exporter) has_one_of prometheus-node-exporter node_exporter ;;
	postgresql) has_one_of pg_ctlcluster postgres ;;
	redis) has_one_of redis-server valkey-server ;;
	# It may be a wrapper without a program.
	bpftool) bpftool version >/dev/null 2>&1 ;;
	*) command -v "$1" >/dev/null ;;
	esac
}

# Ubuntu 24.04 has no package for bpftool; the package of kernel tools contains it.
find_bpftool_package() {
	if grep -q '^VERSION_CODENAME=noble$' /etc/os-release; then
		echo linux-tools-generic
	else
		echo bpftool
	fi
}

# Sets missing (requirements) and packages (their names in this distribution).
find_missing() {
	# Repeated after an installation, which may have created directories for PATH.
	# shellcheck source=scripts/test-path.sh
	! $with_test || . scripts/test-path.sh
	missing='' packages=''
	while read -r need apt dnf pacman; do
		if [ -z "$need" ] || is_here "$need"; then
			continue
		fi
		missing="$missing $need"
		case $manager:$need in
		apt-get:bpftool) packages="$packages $(find_bpftool_package)" ;;
		apt-get:*) packages="$packages $apt" ;;
		dnf:*) packages="$packages $dnf" ;;
		pacman:*) packages="$packages $pacman" ;;
		esac
	done <<-END
		$needs
	END
}

# Sets install, the command that installs the packages, as a user would type it.
find_install_command() {
	case $manager in
	apt-get) install="apt-get update && apt-get install -y --no-install-recommends$packages" ;;
	dnf) install="dnf install -y --setopt=install_weak_deps=False$packages" ;;
	pacman) install="pacman -S --needed --noconfirm$packages" ;;
	none) fail "find apt, dnf or pacman to install what is missing:$missing" 'install it in the way of this system' ;;
	esac
}

# Without a terminal, sudo cannot ask for a password.
check_root() {
	if [ "$(id -u)" -eq 0 ]; then
		return
	fi
	if ! command -v sudo >/dev/null || { ! sudo -n true 2>/dev/null && [ ! -t 0 ]; }; then
		fail "install what is missing without root or sudo:$packages" "as root, run: $install"
	fi
}

as_root() {
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	else
		sudo "$@"
	fi
}

# Runs a command whose output matters only if it fails.
quietly() {
	"$@" >>"$LOG" 2>&1 </dev/null 9>&- && return
	tail -n 30 "$LOG" >&2
	return 1
}

install_packages() {
	find_install_command
	say "installing system packages:$packages"
	quietly as_root env DEBIAN_FRONTEND=noninteractive sh -c "$install" ||
		fail "install$packages" "as root, run: $install"
	find_missing
	[ -z "$missing" ] ||
		fail "find what was installed:$missing" "see $LOG; libbpf must be 1.0 and libbcc 0.26 or later, as in Debian 12 and Ubuntu 24.04"
}

# True if a stamp is older than one of the files. Its time is the start of the work.
is_stale() {
	stamp=$1
	shift
	[ ! -e "$stamp" ] || [ -n "$(find "$@" -newer "$stamp")" ]
}

modules_are_stale() {
	is_stale node_modules/.setup package-lock.json
}

# libbcc is optional: it is used for filters in BCC's dialect if it is installed.
bcc_came_or_went() {
	if is_here libbcc; then [ ! -e build/native/alf_bcc.node ]; else [ -e build/native/alf_bcc.node ]; fi
}

build_is_stale() {
	[ ! -e alfwrapper ] || [ ! -e dist/alfwrapper.cjs ] || [ ! -e build/native/alf.node ] || bcc_came_or_went ||
		is_stale build/.setup package.json package-lock.json CMakeLists.txt native ebpf src \
			scripts ! -path scripts ! -name '*.sh'
}

# True if a version of Node.js that the tests need is missing.
nodes_are_stale() {
	$with_test || return
	for version in $TEST_NODES; do
		[ -x "build/nodes/node_modules/node-$version/bin/node" ] || return 0
	done
	return 1
}

install_modules() {
	say 'installing npm packages'
	# Without scripts, because alfwrapper's own would build; the build follows when all packages are installed.
	quietly npm ci --include=dev --ignore-scripts --no-audit --no-fund ||
		fail 'install the npm packages' "the whole log is in $LOG"
}

# A build tree contains its path, so a copy of it would build in the original.
remove_moved_build() {
	cache=build/cmake/CMakeCache.txt
	[ ! -e $cache ] || grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$PWD" $cache || rm -r build/cmake
}

build() {
	say 'building'
	remove_moved_build
	quietly npm run build || fail 'build' "the whole log is in $LOG; to build from scratch: rm -r build/cmake"
}

# Replaces the installed ones: the newest version may have changed.
install_nodes() {
	say "installing Node.js for the tests: $TEST_NODES"
	arch=$(node -p process.arch)
	nodes=''
	for version in $TEST_NODES; do
		nodes="$nodes node-$version@npm:node-linux-$arch@$version"
	done
	rm -rf build/nodes
	# shellcheck disable=SC2086
	quietly npm install --no-save --no-package-lock --ignore-scripts --no-audit --no-fund --prefix build/nodes $nodes ||
		fail 'install Node.js for the tests' "the whole log is in $LOG"
}

# Does the work, and stamps it with the time of its start: a file that changes meanwhile is newer.
stamped() {
	: >build/setup.began
	"$2"
	mv build/setup.began "$1"
}

# Two set-ups of one clone must not run at the same time. flock is part of util-linux.
lock() {
	if ! mkdir -p build 2>/dev/null || [ ! -w build ]; then
		fail "write to $PWD/build" "run as its owner, or make it yours: chown -R $(id -un) $PWD"
	fi
	exec 9>build/setup.lock
	command -v flock >/dev/null || return 0
	flock -n 9 || {
		say 'waiting for another set-up of this clone'
		flock 9
	}
}

cd "$(dirname "$0")/.."
needs=$START with_test=false
for option; do
	case $option in
	--test) needs=$needs$TEST with_test=true ;;
	--bench) needs=$needs$BENCH ;;
	*) fail "understand $option" 'scripts/setup.sh [--test] [--bench]' ;;
	esac
done
check_node
find_manager
find_missing
if [ -n "$missing" ]; then
	find_install_command
	check_root
elif ! modules_are_stale && ! build_is_stale && ! nodes_are_stale; then
	exit 0
fi

lock
: >"$LOG"
find_missing
[ -z "$missing" ] || install_packages
! modules_are_stale || stamped node_modules/.setup install_modules
! build_is_stale || stamped build/.setup build
! nodes_are_stale || install_nodes
