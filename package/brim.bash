# Completion of brim(1) for bash. The words come from the command itself.
_brim()
{
  local word=${COMP_WORDS[COMP_CWORD]} brim=${COMP_WORDS[0]}
  if [ "$COMP_CWORD" = 1 ]; then
    mapfile -t COMPREPLY < <(compgen -W "$("$brim" help | awk '/^  brim [a-z]/ { print $2 }')" -- "$word")
  elif [ "${COMP_WORDS[COMP_CWORD - 1]}" = --set ]; then
    compopt -o nospace
    mapfile -t COMPREPLY < <(compgen -W "$("$brim" options | sed -n 's/^BRIM_\([A-Z_]*\)=.*/\1=/p')" -- "$word")
  elif [ "${word#-}" != "$word" ]; then
    mapfile -t COMPREPLY < <(compgen -W "$("$brim" help | grep "^  brim ${COMP_WORDS[1]} " | grep -o -- '--[a-z]\+')" \
      -- "$word")
  elif [ "${COMP_WORDS[1]}" = run ] && [ "$COMP_CWORD" = 2 ]; then
    mapfile -t COMPREPLY < <(compgen -c -- "$word")
  fi
}
complete -o default -F _brim brim
