#!/bin/sh -eu

# Knocks at port-knocking-server.sh, then talks to it: port-knocking-client.sh [ADDRESS [PORT]]

address=${1-::1}
port=${2-4242}

# A knock is a connection attempt from the next source port. It gets no answer, so it has a short timeout.
for source in 15000 15001 15002; do
	echo "Knocking from port $source"
	ncat --source-port "$source" --wait 300ms "$address" "$port" </dev/null >/dev/null 2>&1 || true
done

echo "Saying hello"
echo "alfwrapper says hello" | ncat --wait 5s "$address" "$port"
