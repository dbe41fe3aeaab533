# Completion of brim(1) for bash. The words come from the command itself.

# Whether a program stands next: only options are between the command and the word, or -- is right before it.
_brim_program_is_next()
{
  local i
  case ${COMP_WORDS[COMP_CWORD - 1]} in
  --) return 0 ;;
  =) return 1 ;;
  esac
  [[ ${COMP_WORDS[1]} =~ ^(run|profile|leaks)$ ]] || return
  for ((i = 2; i < COMP_CWORD; i++)); do
    case ${COMP_WORDS[i]} in
    --) return 1 ;;
    # bash takes = as a word of its own.
    --set | --rate | --by | --top | --json | --collapsed | --capacity | --ignore | =) i=$((i + 1)) ;;
    -*) ;;
    *) [ "${COMP_WORDS[i - 1]}" = = ] || [ "${COMP_WORDS[i + 1]}" = = ] || return ;;
    esac
  done
}

_brim()
{
  local word=${COMP_WORDS[COMP_CWORD]} brim=${COMP_WORDS[0]} command=${COMP_WORDS[1]}
  if [ "$COMP_CWORD" = 1 ] || { [ "$command" = help ] && [ "$COMP_CWORD" = 2 ]; }; then
    mapfile -t COMPREPLY < <(compgen -W "$("$brim" help | awk '/^  brim [a-z]/ { print $2 }')" -- "$word")
  elif [ "${COMP_WORDS[COMP_CWORD - 1]}" = --set ]; then
    compopt -o nospace
    mapfile -t COMPREPLY < <(compgen -W "$("$brim" options | sed -n 's/^BRIM_\([A-Z_]*\)=.*/\1=/p')" -- "$word")
  elif [ "${COMP_WORDS[COMP_CWORD - 1]}" = --by ]; then
    mapfile -t COMPREPLY < <(compgen -W 'live peak total' -- "$word")
  elif [[ $word == -* && " ${COMP_WORDS[*]:2:COMP_CWORD-2} " != *" -- "* ]] &&
    { [[ ! $command =~ ^(run|profile|leaks)$ ]] || _brim_program_is_next; }; then
    mapfile -t COMPREPLY < <(compgen -W "$("$brim" help "$command" | grep -o '^  --[a-z-]*')" -- "$word")
  elif _brim_program_is_next; then
    mapfile -t COMPREPLY < <(compgen -c -- "$word")
  elif [ "$command" = bench ]; then
    mapfile -t COMPREPLY < <(compgen -W "$("$brim" bench --list | awk '/^[a-z]/ { print $1; print $2 }' | sort -u)" -- "$word")
  fi
}
complete -o default -F _brim brim
