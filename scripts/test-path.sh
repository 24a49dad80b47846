# To be sourced: puts into PATH what the tests need of the system and not every user's PATH has.
# shellcheck shell=sh

# ip and bpftool
PATH=$PATH:/usr/sbin:/sbin
# Ubuntu 24.04 hides bpftool behind a wrapper that refuses kernels which are not Ubuntu's.
for tools in /usr/lib/linux-tools/*; do
	PATH=$tools:$PATH
done
export PATH
