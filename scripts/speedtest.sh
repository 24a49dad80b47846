#!/bin/sh -eu

# Measures the echo daemon with and without alfwrapper: the same bytes go through scripts/echod.sh with no filter, with 15
# rules for each family, and with a long list. Every round runs all three in random order. Ratios compare times of the
# same round.
#
#   scripts/speedtest.sh [--short] [--times] [--size MIB] [--rounds N] [--port FIRST]
#
# As root (or with CAP_BPF) the tier is ebpf, otherwise steer. Uses ports of 127.0.0.1 from FIRST (4242) on.
# --times prints the times instead: round, case, ns.

LIMIT_SECONDS=120	# for one daemon and its bytes

fail() {
	printf 'speedtest: unable to %s\n  hint: %s\n' "$1" "$2" >&2
	exit 1
}

is_count() {
	case $1 in
	'' | *[!0-9]* | 0*) return 1 ;;
	esac
}

# Fifteen prefixes for each family; the client, 127.0.0.1, is in the last one.
few_options() {
	i=0
	while [ $i -lt 14 ]; do
		printf '%s\n' --set "allow4,uint32_t:$i,subnet4:198.18.$i.0/24" --set "allow6,uint32_t:$i,subnet6:2001:db8:$i::/48"
		i=$((i + 1))
	done
	printf '%s\n' --set 'allow4,uint32_t:14,subnet4:127.0.0.0/8' --set 'allow6,uint32_t:14,subnet6:::1/128'
}

# Prefixes that are not adjacent, so that none are merged, and the client.
write_many() {
	awk -v count="$many" 'BEGIN {
		for (i = 0; i < count - 1; i++)
			printf "%d.%d.%d.0/24\n", 20 + i / 16384, i / 64 % 256, i % 64 * 4 + 1
		print "127.0.0.1"
	}' >"$work/many.list"
	printf 'set clients file many.list\nallow from @clients\n' >"$work/many.rules"
}

# Becomes the daemon of a case on a port.
become_daemon() {
	case $1 in
	none)
		exec timeout "$LIMIT_SECONDS" systemd-socket-activate --listen="127.0.0.1:$2" --accept --inetd cat
		;;
	few)
		# shellcheck disable=SC2046
		set -- --port "$2" $(few_options) whitelist
		;;
	many) set -- --port "$2" --policy "$work/many.rules" -- ;;
	esac
	exec timeout "$LIMIT_SECONDS" ./alfwrapper --quiet --tier "$tier" --address 127.0.0.1 "$@" scripts/echod.sh
}

# Sets daemon, which then listens. Its output arrives on descriptor 3, which stays open while it runs.
start_daemon() {
	become_daemon "$1" "$2" 2>"$work/said" 3<&- &
	daemon=$!
	exec 3<"$work/said"
	said=''
	while read -r line <&3; do
		case $line in
		'Listening on '*) return ;;
		esac
		said="$said$line
"
	done
	printf '%s' "$said" >&2
	fail "start the daemon ($1)" "its ports are $first and up; others: --port"
}

stop_daemon() {
	[ -n "$daemon" ] || return 0
	kill "$daemon" 2>/dev/null || :
	wait "$daemon" 2>/dev/null || :
	daemon=''
}

# Sends the bytes and receives them: prints the time in ns.
transfer() {
	began=$(date +%s%N)
	received=$(head -c "$bytes" /dev/zero | timeout "$LIMIT_SECONDS" ncat 127.0.0.1 "$1" | wc -c)
	ended=$(date +%s%N)
	[ "$received" -eq "$bytes" ] || fail "get $bytes bytes back, there were $received" 'see what the daemon says'
	elapsed=$((ended - began))
}

# Median and quartiles of the times, in s, and of their ratios to no filter in the same round.
report() {
	awk -v size="$size" -v rounds="$rounds" -v tier="$tier" -v many="$many" '
	function sort(list, count, i, j, kept) {
		for (i = 2; i <= count; i++) {
			kept = list[i]
			for (j = i - 1; j > 0 && list[j] > kept; j--)
				list[j + 1] = list[j]
			list[j + 1] = kept
		}
	}
	function spread(list, count, format, low, high) {
		sort(list, count)
		low = list[int(count * 0.25) + 1]
		high = list[int(count * 0.75) < count ? int(count * 0.75) + 1 : count]
		return sprintf(format " (" format " to " format ")", list[int(count * 0.5) + 1], low, high)
	}
	{ time[$2, $1] = $3 / 1e9 }
	END {
		printf "%d MiB through the echo daemon and back, %d rounds, tier %s: median (quartiles)\n", size, rounds, tier
		names["none"] = "no filter"; names["few"] = "15+15 rules"; names["many"] = many " prefixes"
		split("none few many", order, " ")
		for (i = 1; i <= 3; i++) {
			for (round = 1; round <= rounds; round++) {
				times[round] = time[order[i], round]
				ratios[round] = time[order[i], round] / time["none", round]
			}
			line = sprintf("  %-15s  %s s", names[order[i]], spread(times, rounds, "%.3f"))
			if (i > 1)
				line = line "  " spread(ratios, rounds, "%.3f") " × no filter"
			print line
		}
	}' "$work/times"
}

print_times() {
	grep -v '^0 ' "$work/times"
}

size=1024 rounds=7 first=4242 finish=report
while [ $# -gt 0 ]; do
	option=$1
	shift
	case $option in
	--short)
		size=4 rounds=2
		continue
		;;
	--times)
		finish=print_times
		continue
		;;
	--size | --rounds | --port)
		is_count "${1-}" || fail "understand $option ${1-}" 'it takes a number above 0'
		;;
	*) fail "understand $option" 'scripts/speedtest.sh [--short] [--times] [--size MIB] [--rounds N] [--port FIRST]' ;;
	esac
	case $option in
	--size) size=$1 ;;
	--rounds) rounds=$1 ;;
	--port) first=$1 ;;
	esac
	shift
done
bytes=$((size * 1024 * 1024))

cd "$(dirname "$0")/.."
command -v ncat >/dev/null || fail 'find ncat' 'scripts/setup.sh --bench installs it'
work=$(mktemp -d) daemon=''
trap 'stop_daemon; rm -r "$work"' EXIT
trap 'exit 1' HUP INT TERM
mkfifo "$work/said"

if ./alfwrapper --quiet --tier ebpf --port 0 --allow localhost -- true 2>/dev/null; then
	tier=ebpf many=10000
else
	# As many as fit into a classic program.
	tier=steer many=3000
fi
write_many

# The first round is a warm-up. Each port is used once, because a daemon may release it a moment after its end.
port=$first round=0
while [ $round -le "$rounds" ]; do
	for case in $(shuf -e none few many); do
		start_daemon "$case" "$port"
		transfer "$port"
		stop_daemon
		echo "$round $case $elapsed" >>"$work/times"
		port=$((port + 1))
	done
	round=$((round + 1))
done
$finish
