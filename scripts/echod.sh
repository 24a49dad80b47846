#!/bin/sh -eu

# An echo daemon that gets its socket by socket activation: one cat per connection.

if command -v systemd-socket-activate >/dev/null; then
	exec systemd-socket-activate --accept --inetd cat
fi
exec "${0%/*}/../build/native/alf-acceptor" stdio 0 0 verbose "$(command -v cat)" cat
