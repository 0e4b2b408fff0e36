#!/bin/bash
# What every SSH session starts: its command, or a shell, with the variables of the container, in the project.
#
#   ssh-session.sh FILE     the variables, each ended by NUL
#
# No shell reads the values: they go from the file into the arguments of env(1).
set -u

mapfile -d '' -t variables <"$1"
project=
for variable in "${variables[@]}"; do
    [[ $variable != PROJECT_DIR=* ]] || project=${variable#*=}
done

# What belongs to the session: its terminal, its connection, and a forwarded agent.
declare -A is_of_session=([TERM]=1 [SHELL]=1 [SSH_CLIENT]=1 [SSH_CONNECTION]=1 [SSH_TTY]=1 [SSH_AUTH_SOCK]=1)
mine=()
for variable in "${variables[@]}"; do
    case ${variable%%=*} in
    '' | TERM | SHELL | SSH_* | PWD | OLDPWD | SHLVL | _) ;;
    *) mine+=("$variable") ;;
    esac
done
for name in "${!is_of_session[@]}"; do
    [[ -z ${!name+set} ]] || mine+=("$name=${!name}")
done

if [[ -n ${SSH_ORIGINAL_COMMAND+set} ]]; then
    command=(/bin/bash -c "$SSH_ORIGINAL_COMMAND")
else
    command=(/bin/bash)
fi
# Not a login shell: /etc/profile would set another PATH.
cd -- "${project:-$HOME}" 2>/dev/null || cd /
exec env -i -- "${mine[@]}" "${command[@]}"
