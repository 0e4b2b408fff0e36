# Sourced by entrypoint.sh: gives the current user a name and a writable home directory.
# shellcheck shell=sh

# From the kernel, proc_pid_status(5): every command waits for this, and id(1) would have to be started twice.
uid='' gid='' groups=''
while read -r field real effective others; do
    case $field in
        Uid:) uid=$effective ;;
        Gid:) gid=$effective ;;
        Groups:)
            groups="$gid $real $effective $others"
            break
            ;;
    esac
done </proc/self/status

# The root file system may be read-only.
scratch=${TMPDIR:-/tmp}
[ -w "$scratch" ] || scratch=/dev/shm

# Whether the home directory is the one that the image has for the user, such as `/nonexistent` for nobody.
is_home_of_image() {
    while IFS=: read -r _ _ id _ _ home _; do
        [ "$id" != "$uid" ] || [ "$home" != "$HOME" ] || return 0
    done </etc/passwd
    return 1
}

# One that somebody has asked for may not be there yet.
if [ -n "${HOME-}" ] && [ ! -e "$HOME" ] && ! is_home_of_image && ! mkdir -p "$HOME" 2>/dev/null; then
    warn "user $uid cannot create the home directory $HOME"
fi
# The home directory of an unknown user is `/`, or belongs to somebody else.
if [ -z "${HOME-}" ] || [ ! -d "$HOME" ] || [ ! -w "$HOME" ]; then
    HOME=/home/user
    [ -w "$HOME" ] || HOME=$scratch/home-$uid
    mkdir -p "$HOME" || warn "cannot create a home directory: mount one that user $uid can write to"
fi
export HOME
# Directories that are mounted there may belong to somebody else too.
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
    # A name of Active Directory is used without its domain; one that passwd(5) cannot contain is replaced.
    name=${name##*\\}
    case $name in
        '' | root | [!a-zA-Z_]* | *[!a-zA-Z0-9_.@-]*) name=user ;;
    esac
fi

# Whether a file in the format of passwd(5) or group(5) has an id. Nothing is started for it, because every command waits.
has_id() {
    while IFS=: read -r _ _ id _; do
        [ "$id" != "$2" ] || return 0
    done <"$1"
    return 1
}

# Whether the user has that name already, in one of some files.
has_name() {
    for file in "$@"; do
        [ -r "$file" ] || continue
        while IFS=: read -r known _ id _; do
            [ "$id" != "$uid" ] || { [ "$known" = "$name" ] && return 0 || return 1; }
        done <"$file"
    done
    return 1
}

copy() {
    while IFS= read -r line || [ -n "$line" ]; do
        printf '%s\n' "$line"
    done <"$1"
}

# In the dev image, group 0 may write to these files, from which every program gets names through libnss-extrausers, sudo and
# sshd too. It ignores ids below 500 (its README).
extra=/var/lib/extrausers
if [ "$uid" -ge 500 ] && [ -w "$extra/passwd" ]; then
    if ! has_id "$extra/passwd" "$uid"; then
        primary=$gid
        [ "$gid" -ge 500 ] || primary=$uid
        printf '%s:x:%s:%s::%s:/bin/bash\n' "$name" "$uid" "$primary" "$HOME" >>"$extra/passwd"
        printf '%s:*:::::::\n' "$name" >>"$extra/shadow"
    fi
    for group_id in $groups; do
        [ "$group_id" -ge 500 ] || continue
        has_id /etc/group "$group_id" || has_id "$extra/group" "$group_id" && continue
        group=$name
        [ "$group_id" = "$gid" ] || group=group-$group_id
        printf '%s:x:%s:\n' "$group" "$group_id" >>"$extra/group"
    done
fi

# Elsewhere a preloaded library answers from copies, which nothing believes that has more rights than the user.
if [ -z "${NSS_WRAPPER_PASSWD-}" ] && ! has_name /etc/passwd "$extra/passwd"; then
    names=$scratch/names-$uid
    for library in /usr/lib/*/libnss_wrapper.so; do
        [ -e "$library" ] || break
        # Moved into place, because another command may be reading them.
        if [ ! -e "$names/group" ] && mkdir "$names.$$" 2>/dev/null; then
            { printf '%s:x:%s:%s::%s:/bin/bash\n' "$name" "$uid" "$gid" "$HOME" && copy /etc/passwd; } >"$names.$$/passwd"
            {
                copy /etc/group
                has_id /etc/group "$gid" || printf '%s:x:%s:\n' "$name" "$gid"
            } >"$names.$$/group"
            mv -T "$names.$$" "$names" 2>/dev/null || rm -r "$names.$$"
        fi
        [ -w "$names/passwd" ] || break
        export NSS_WRAPPER_PASSWD="$names/passwd" NSS_WRAPPER_GROUP="$names/group"
        export LD_PRELOAD="$library${LD_PRELOAD:+:$LD_PRELOAD}"
        break
    done
fi

# Python's getpass looks at these variables first.
export USER="$name" LOGNAME="$name"
