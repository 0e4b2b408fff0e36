# Sourced by entrypoint.sh: gives whoever runs this a name, and a home that can be written to.
# shellcheck shell=sh

uid=$(id -u)
groups=$(id -G)
gid=${groups%% *}

# The root file system may be read-only.
scratch=${TMPDIR:-/tmp}
[ -w "$scratch" ] || scratch=/dev/shm

# An unknown user's home is `/`, or one that belongs to somebody else.
if [ -z "${HOME-}" ] || [ ! -d "$HOME" ] || [ ! -w "$HOME" ]; then
    HOME=/home/user
    [ -w "$HOME" ] || HOME=$scratch/home-$uid
    mkdir -p "$HOME" || warn "there is no place for a home directory: mount one that user $uid can write to"
fi
export HOME
# What is mounted there may belong to somebody else too.
if [ -e "$HOME/.cache" ] && [ ! -w "$HOME/.cache" ]; then
    export XDG_CACHE_HOME="${XDG_CACHE_HOME:-$scratch/cache-$uid}"
fi
if [ -e "$HOME/.config" ] && [ ! -w "$HOME/.config" ]; then
    export XDG_CONFIG_HOME="${XDG_CONFIG_HOME:-$scratch/config-$uid}"
fi

if [ "$uid" = 0 ]; then
    name=root
else
    name=${USER:-$(id -un 2>/dev/null || true)}
    # Names that a passwd file can hold, those of Active Directory without their domain.
    name=${name##*\\}
    case $name in
        '' | root | [!a-zA-Z_]* | *[!a-zA-Z0-9_.@-]*) name=user ;;
    esac
fi

# Whether a file of the format of passwd(5) or group(5) has a number.
has_number() {
    while IFS=: read -r _ _ number _; do
        [ "$number" != "$2" ] || return 0
    done <"$1"
    return 1
}

# libnss-extrausers reads these files, for every program and for sudo and sshd too. It passes over lines with a number
# below 500 (its README).
extra=/var/lib/extrausers
if [ "$uid" -ge 500 ] && [ -w "$extra/passwd" ]; then
    if ! has_number "$extra/passwd" "$uid"; then
        primary=$gid
        [ "$gid" -ge 500 ] || primary=$uid
        printf '%s:x:%s:%s::%s:/bin/bash\n' "$name" "$uid" "$primary" "$HOME" >>"$extra/passwd"
        printf '%s:*:::::::\n' "$name" >>"$extra/shadow"
    fi
    for number_of_group in $groups; do
        [ "$number_of_group" -ge 500 ] || continue
        has_number /etc/group "$number_of_group" || has_number "$extra/group" "$number_of_group" && continue
        group=$name
        [ "$number_of_group" = "$gid" ] || group=group-$number_of_group
        printf '%s:x:%s:\n' "$group" "$number_of_group" >>"$extra/group"
    done
fi

# Where those files are not ours to write, a library in front of the C library's answers from copies.
if [ -z "${NSS_WRAPPER_PASSWD-}" ] && [ "$(id -un 2>/dev/null || true)" != "$name" ]; then
    names=$scratch/names-$uid
    for library in /usr/lib/*/libnss_wrapper.so; do
        [ -e "$library" ] && mkdir -p "$names" 2>/dev/null && [ -w "$names" ] || break
        # Moved into place, because another command may be starting, and reading.
        { printf '%s:x:%s:%s::%s:/bin/bash\n' "$name" "$uid" "$gid" "$HOME" && cat /etc/passwd; } >"$names/passwd.$$"
        cat /etc/group >"$names/group.$$"
        has_number /etc/group "$gid" || printf '%s:x:%s:\n' "$name" "$gid" >>"$names/group.$$"
        mv "$names/passwd.$$" "$names/passwd"
        mv "$names/group.$$" "$names/group"
        export NSS_WRAPPER_PASSWD="$names/passwd" NSS_WRAPPER_GROUP="$names/group"
        export LD_PRELOAD="$library${LD_PRELOAD:+:$LD_PRELOAD}"
        break
    done
fi

# Python's getpass, and what is built on it, asks the environment first.
export USER="$name" LOGNAME="$name"
