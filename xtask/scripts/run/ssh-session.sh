#!/bin/bash
# Starts the command of an SSH session, or a shell, in the project and with the variables of the container:
# ssh-session.sh FILE, which contains the variables, each terminated by NUL
#
# No shell interprets the values: they go from the file into the arguments of env(1).
set -u

mapfile -d '' -t variables <"$1"
project=
for variable in "${variables[@]}"; do
    [[ $variable != PROJECT_DIR=* ]] || project=${variable#*=}
done

# These come from the session: its terminal, its connection and a forwarded agent.
declare -A session_variables=([TERM]=1 [SHELL]=1 [SSH_CLIENT]=1 [SSH_CONNECTION]=1 [SSH_TTY]=1 [SSH_AUTH_SOCK]=1)
environment=()
for variable in "${variables[@]}"; do
    case ${variable%%=*} in
    '' | TERM | SHELL | SSH_* | PWD | OLDPWD | SHLVL | _) ;;
    *) environment+=("$variable") ;;
    esac
done
for name in "${!session_variables[@]}"; do
    [[ -z ${!name+set} ]] || environment+=("$name=${!name}")
done

if [[ -n ${SSH_ORIGINAL_COMMAND+set} ]]; then
    command=(/bin/bash -c "$SSH_ORIGINAL_COMMAND")
else
    command=(/bin/bash)
fi
# Not a login shell: /etc/profile would set another PATH.
cd -- "${project:-$HOME}" 2>/dev/null || cd /
exec env -i -- "${environment[@]}" "${command[@]}"
