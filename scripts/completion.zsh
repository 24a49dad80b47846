# The tables above are generated from the options of alfwrapper: alfwrapper completion zsh.

# A shipped filter, or a file.
_alfwrapper_filter() {
	_alternative 'filters:filter:($_alfwrapper_filters)' 'files:filter:_files -g "*.(c|bpf.o)"'
}

# The filter, unless rules replace it, then the program and its arguments as without alfwrapper.
_alfwrapper_wrapped() {
	local table=$1 rule with_rules=
	local -a options=("${(@P)${:-_alfwrapper_options_$table}}")
	local curcontext=$curcontext state line
	typeset -A opt_args
	_arguments -s -S -A '-*' : $options '1: :->first' '*:: :->rest' && return

	for rule in $_alfwrapper_rules; do
		(( ! $+opt_args[$rule] )) || with_rules=yes
	done
	if [[ -n $with_rules ]]; then
		[[ $state != first ]] || words=("$words[CURRENT]") CURRENT=1
		_normal -p alfwrapper
	elif [[ $state == first ]]; then
		_alternative 'filters:filter:_alfwrapper_filter' "${(@)first_choices}"
	else
		shift words
		(( --CURRENT ))
		if [[ $words[1] == -- ]] && (( CURRENT > 1 )); then
			shift words
			(( --CURRENT ))
		fi
		_normal -p alfwrapper
	fi
}

_alfwrapper() {
	local -a first_choices=()
	if (( CURRENT == 2 )); then
		first_choices=('commands:command:{_describe -t commands command _alfwrapper_commands}')
	elif (( $+_alfwrapper_commands[(r)$words[2]:*] )) && [[ -n ${(M)_alfwrapper_commands:#$words[2]:*} ]]; then
		local table=$words[2]
		shift words
		(( --CURRENT ))
		if (( $_alfwrapper_wrapping[(Ie)$table] )); then
			_alfwrapper_wrapped $table
		else
			_arguments -s -S : "${(@P)${:-_alfwrapper_options_$table}}" "${(P)${:-_alfwrapper_words_$table}}"
		fi
		return
	fi
	_alfwrapper_wrapped launch
}

# Sourced, it registers itself; as a file of fpath, it is called.
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
	_alfwrapper "$@"
else
	compdef _alfwrapper alfwrapper
fi
