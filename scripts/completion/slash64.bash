# SPDX-License-Identifier: GPL-2.0-only
# Bash completion for slash64. It needs only bash: what may come next is told by slash64 itself (user/cli/lib/complete), as
# lines of a word, a tab and a sentence.

# Bash splits words at the colons of an address, so slash64 gets the line, and splits it.
_slash64()
{
	local line=${COMP_LINE:0:COMP_POINT} word text current kept=''

	current=${line##*[[:space:]]}
	# bash replaces only the part behind the last colon or "="
	if [[ $current == *:* && $COMP_WORDBREAKS == *:* ]]; then
		kept=${current%"${current##*[:=]}"}
	elif [[ $current == *=* && $COMP_WORDBREAKS == *=* ]]; then
		kept=${current%%=*}=
	fi
	COMPREPLY=()
	while IFS= read -r text; do
		word=${text%%$'\t'*}
		case $word in
		=files)
			[[ $current == --*=* ]] && current=${current#*=}
			compopt -o filenames 2>/dev/null
			mapfile -t COMPREPLY < <(compgen -f -- "$current")
			;;
		=hosts) mapfile -t COMPREPLY < <(compgen -A hostname -- "${current#--*=}") ;;
		*)
			[[ $word == *[!A-Za-z0-9_./:@=+,-]* ]] && printf -v word %q "$word"
			COMPREPLY+=("${word#"$kept"}")
			;;
		esac
	done < <(slash64 help --complete --line -- "$line" 2>/dev/null)
}

complete -o nosort -F _slash64 slash64
