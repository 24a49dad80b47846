#!/bin/sh -eu

# An echo daemon that answers a client only after it has knocked: port-knocking-server.sh [ADDRESS [PORT]]

cd "$(dirname "$0")/.."
exec ./alfwrapper \
	--address "${1-::}" \
	--port "${2-4242}" \
	--set ports,0,15000 \
	--set ports,1,15001 \
	--set ports,2,15002 \
	ebpf/knocking.c \
	scripts/echod.sh
