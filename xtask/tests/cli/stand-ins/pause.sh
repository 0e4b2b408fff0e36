# shellcheck shell=sh
# For the stand-ins: half way through their work, and as often as they do it, `pause` counts down the number in
# ../state/pauses-at. At 0 it says so, and waits for the end of the input.
pause() {
    [ -e "$state/pauses-at" ] || return 0
    left=$(($(cat "$state/pauses-at") - 1))
    echo "$left" >"$state/pauses-at"
    [ "$left" -eq 0 ] || return 0
    [ ! -e "$state/ignores-term" ] || trap '' TERM
    echo 'the stand-in waits' >&2
    read -r _ || true
}

# In the call that has the words of ../state/hangs-at it goes on until it is ended.
hang() {
    [ -e "$state/hangs-at" ] || return 0
    words=$(cat "$state/hangs-at")
    case $1 in
    *"$words"*)
        : >"$state/hangs"
        exec sleep 600
        ;;
    esac
}
