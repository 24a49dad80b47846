# The tables above are generated from the options of alfwrapper: alfwrapper completion fish.

# Prints where the word to complete stands: launch or a command's name while options may follow, command where a
# command may stand, filter, or "program" and at which token it begins.
function __alfwrapper_place
    set -l words (commandline -opc)
    set -l count (count $words)
    set -l table launch
    set -l i 2
    if test $count -ge 2; and contains -- $words[2] $__alfwrapper_commands
        set table $words[2]
        set i 3
    end
    if not contains -- $table $__alfwrapper_wrapping
        echo $table
        return
    end
    set -l with_rules no
    set -l options yes
    while test $i -le $count; and test $options = yes; and string match -qr -- '^-.' $words[$i]
        set -l word $words[$i]
        set -l flag (string replace -r '=.*' '' -- $word)
        if test $word = --
            set options no
        else if string match -q -- '--*' $word
            # Its value is a separate token, and may be the one being typed.
            if test $word = $flag; and contains -- "$table $flag" $__alfwrapper_takes
                set i (math $i + 1)
            end
        else
            set -l letters (string split '' -- (string sub -s 2 -- $word))
            for at in (seq (count $letters))
                if contains -- "$table -$letters[$at]" $__alfwrapper_takes
                    test $at -eq (count $letters); and set i (math $i + 1)
                    break
                end
            end
        end
        if contains -- $flag $__alfwrapper_rules
            set with_rules yes
        end
        set i (math $i + 1)
    end
    if test $i -gt $count
        test $options = yes; and echo $table
        test $i -gt (math $count + 1); and return
        if test $with_rules = yes
            echo program
            echo $i
        else
            test $count -eq 1; and echo command
            echo filter
        end
        return
    end
    test $with_rules = yes; or set i (math $i + 1)
    if test $with_rules = no; and test $i -le $count; and test "$words[$i]" = --
        set i (math $i + 1)
    end
    echo program
    echo $i
end

function __alfwrapper_at
    contains -- $argv[1] (__alfwrapper_place)
end

# The program and its arguments are completed as without alfwrapper.
function __alfwrapper_program
    set -l from (__alfwrapper_place)[-1]
    set -l words (commandline -opc)
    set -l typed
    if test $from -le (count $words)
        set typed (string escape -- $words[$from..-1])
    else if string match -q '*(*' -- (commandline -ct)
        # fish executes command substitutions in a program name that it completes.
        return
    end
    complete --do-complete=(string join ' ' -- $typed (commandline -ct))
end

# A shipped filter, or a file.
function __alfwrapper_filter
    string join \n $__alfwrapper_filters
    __fish_complete_suffix .c
    __fish_complete_suffix .bpf.o
end

complete -c alfwrapper -f
complete -c alfwrapper -n '__alfwrapper_at filter' -xa '(__alfwrapper_filter)'
complete -c alfwrapper -n '__alfwrapper_at program' -xa '(__alfwrapper_program)'
