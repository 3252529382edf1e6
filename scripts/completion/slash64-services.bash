# SPDX-License-Identifier: GPL-2.0-only
# Bash completion for the programs beside slash64, which have the same options. It is installed under the name of each.

_slash64_services()
{
	local program=${COMP_WORDS[0]##*/} current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
	local words='--config --check --version --help'

	[[ $program == slash64-follow ]] && words+=' --format'
	if [[ $program == slash64-follow && $previous == --format ]]; then
		mapfile -t COMPREPLY < <(compgen -W 'eve zeek-notice' -- "$current")
	elif [[ $current == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
	else
		mapfile -t COMPREPLY < <(compgen -f -- "$current")
	fi
}

complete -F _slash64_services slash64-notify slash64-crowdsec slash64-rtbh slash64-flowspec slash64-follow slash64-fetch
