# Source this file: adds the directories of system tools to PATH, which a user's PATH may lack.
# shellcheck shell=sh

# ip and bpftool
PATH=$PATH:/usr/sbin:/sbin
# Ubuntu 24.04 has a wrapper of bpftool that refuses other kernels than Ubuntu's.
for tools in /usr/lib/linux-tools/*; do
	PATH=$tools:$PATH
done
export PATH
