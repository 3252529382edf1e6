# SPDX-License-Identifier: GPL-2.0-only
# Fish completion for slash64: what may come next is told by slash64 itself (user/cli/lib/complete), as lines of a word, a tab
# and a sentence, which is what fish takes.

function __slash64_complete
    set -l given (commandline -opc)
    set -l current (commandline -ct)
    set -e given[1]
    for line in (slash64 help --complete -- $given "$current" 2>/dev/null)
        switch $line
            case =files
                set -l before (string match -r -- '^--[^=]*=' $current)
                for path in (__fish_complete_path (string replace -r -- '^--[^=]*=' '' $current))
                    echo "$before$path"
                end
            case =hosts
                set -l before (string match -r -- '^--[^=]*=' $current)
                for host in (__fish_print_hostnames)
                    echo "$before$host"
                end
            case '*'
                echo $line
        end
    end
end

complete -c slash64 -e
complete -c slash64 -f -k -a '(__slash64_complete)'
