# shellcheck shell=bash
# The tables above are generated from the options of alfwrapper: alfwrapper completion bash.

# Sets words to the words of the command line up to the cursor, and at to where each of them starts in COMP_WORDS:
# readline breaks them at : and = too.
_alfwrapper_split() {
	local rest=$COMP_LINE stripped word
	words=() at=()
	for ((i = 0; i <= COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		stripped=${rest#"${rest%%[![:space:]]*}"}
		if ((i == 0)) || [[ $stripped != "$rest" ]]; then
			words+=("$word") at+=("$i")
		else
			words[${#words[@]} - 1]+=$word
		fi
		rest=${stripped#"$word"}
	done
	last=$((${#words[@]} - 1))
}

# Takes one option at words[i]: sets option if its value is the word being completed, and steps over its value.
_alfwrapper_take() {
	local word=${words[i]} flag
	case $word in
	--*=*) flag=${word%%=*} ;;
	--*)
		flag=$word
		[[ -z ${_alfwrapper_takes["$table $flag"]} ]] || option=$flag
		;;
	*)
		# -vq, -lSPEC, -l SPEC
		for ((letter = 1; letter < ${#word}; letter++)); do
			flag=-${word:letter:1}
			[[ -n ${_alfwrapper_takes["$table $flag"]} ]] || continue
			((letter + 1 < ${#word})) || option=$flag
			break
		done
		;;
	esac
	[[ $_alfwrapper_rules != *" $flag "* ]] || with_rules=1
	[[ -n $option ]] || return 0
	((++i < last)) && option=''
	return 0
}

# Skips options, and in a command without a program also arguments.
_alfwrapper_walk() {
	while ((i < last)); do
		case ${words[i]} in
		--) only_words=1 ;;
		-?*) _alfwrapper_take ;;
		*) [[ $_alfwrapper_wrapping != *" $table "* ]] || return 0 ;;
		esac
		((i < last)) || return 0
		((++i))
		((!only_words)) || return 0
	done
}

# Offers the arguments that begin with the typed text. They are untrusted names, of interfaces or of
# commands: compgen -W would execute code in them, and so would the command line without quotes around them.
_alfwrapper_names() {
	local name quoted
	for name; do
		printf -v quoted %q "$name"
		[[ $name != "$current"* && $quoted != "$current"* ]] || COMPREPLY+=("$quoted")
	done
}

_alfwrapper_offer() {
	local kind=${1%% *} choices=${1#* } names
	case $kind in
	words) mapfile -t COMPREPLY < <(compgen -W "$choices" -- "$current") ;;
	list)
		local before=
		[[ $current != *,* ]] || before=${current%,*},
		mapfile -t COMPREPLY < <(compgen -P "$before" -W "$choices" -- "${current##*,}")
		compopt -o nospace
		;;
	file | directory)
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -A "$kind" -- "$current")
		;;
	filter)
		_alfwrapper_offer file
		mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -W "$_alfwrapper_filters" -- "$current")
		;;
	user | group)
		mapfile -t names < <(compgen -A "$kind" -- "$current")
		_alfwrapper_names "${names[@]}"
		;;
	interface)
		names=(/sys/class/net/*/)
		names=("${names[@]%/}")
		_alfwrapper_names "${names[@]##*/}"
		;;
	esac
}

# The program and its arguments are completed as without alfwrapper.
_alfwrapper_program() {
	local names
	if declare -F _comp_command_offset >/dev/null; then
		_comp_command_offset "$1"
	elif declare -F _command_offset >/dev/null; then
		_command_offset "$1"
	elif (($1 == COMP_CWORD)); then
		mapfile -t names < <(compgen -c -- "$current" | sort -u)
		_alfwrapper_names "${names[@]}"
	else
		_alfwrapper_offer file
	fi
}

_alfwrapper() {
	local current=$2 table=launch option='' with_rules=0 only_words=0
	local words at i last letter program
	COMPREPLY=()
	[[ $current != [=:] ]] || current=''
	_alfwrapper_split
	i=1
	if ((last > 1)) && [[ $_alfwrapper_commands == *" ${words[1]} "* ]]; then
		table=${words[1]} i=2
	fi
	_alfwrapper_walk

	if [[ -n $option ]]; then
		_alfwrapper_offer "${_alfwrapper_takes["$table $option"]}"
	elif ((i == last && !only_words)) && [[ ${words[i]} == --*=* ]]; then
		_alfwrapper_offer "${_alfwrapper_takes["$table ${words[i]%%=*}"]}"
	elif ((i == last && !only_words)) && [[ ${words[i]} == -* ]]; then
		_alfwrapper_offer "words ${_alfwrapper_flags[$table]}"
	elif [[ $_alfwrapper_wrapping != *" $table "* ]]; then
		_alfwrapper_offer "${_alfwrapper_words[$table]}"
	else
		program=$i
		((with_rules)) || ((++program))
		if ((!with_rules && program < last)) && [[ ${words[program]} == -- ]]; then ((++program)); fi
		if ((program <= last)); then
			_alfwrapper_program "${at[program]}"
			return
		fi
		_alfwrapper_offer filter
		((last == 1)) || return
		mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -W "$_alfwrapper_commands" -- "$current")
	fi
}

complete -F _alfwrapper alfwrapper
