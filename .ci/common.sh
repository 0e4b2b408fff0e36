# Sourced by the other files of this folder, which says who is speaking and sets the shell's options.
# shellcheck shell=bash

say() {
    printf '.ci: %s\n' "$*" >&2
}

die() {
    say "$*"
    exit 1
}

require_root() {
    [[ $EUID -eq 0 ]] || die "this step changes the machine, so it has to be root: $*"
}

# One field of the file by which a Linux system names itself. It is read in a subshell, because it sets many variables.
os_release() (
    # shellcheck source=/dev/null
    source /etc/os-release
    printf '%s\n' "${!1:-}"
)

# Both the names of the packages and the way apt is set up are Debian's.
require_debian() {
    [[ $(os_release ID) == debian ]] || die "only Debian can be set up from here, and this is $(os_release PRETTY_NAME)"
}

# Install the package that brings COMMAND unless COMMAND is there, wherever it came from.
# Asking for the command and not for the package keeps a second run away from apt altogether.
ensure() {
    local command=$1 package=${2:-$1}
    command -v "$command" >/dev/null || "$(dirname "${BASH_SOURCE[0]}")/packages" "$package"
}

# The source entries of this machine that belong to Debian, each as "CODENAME SUITE FILE:NUMBER", where NUMBER counts
# as apt does: lines in a one-line file, stanzas in a deb822 file. apt is asked, and not the files, because only the
# downloaded index of a mirror tells whose archive it is, and other archives use the names of Debian's suites too.
debian_entries() {
    # The dollar signs are apt's.
    # shellcheck disable=SC2016
    apt-get indextargets --format '$(CODENAME) $(RELEASE) $(SOURCESENTRY)' 'Created-By: Packages' 'Origin: Debian' |
        sort --unique
}

# The text of one source entry, FILE:NUMBER, without its comments.
source_entry() {
    local file=${1%:*} number=${1##*:}
    case $file in
    *.sources) sed -e '/^#/d' -e 's/^[[:space:]]*$//' "$file" | awk -v RS= -v number="$number" 'NR == number' ;;
    *) awk -v number="$number" 'NR == number' "$file" ;;
    esac
}
