# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# What this machine's own apt configuration says; sourced by scripts that take a package from another suite.

codename() {
  sed -nE 's/^VERSION_CODENAME="?([a-z]+)"?$/\1/p' /etc/os-release
}

# The address of the mirror that this machine's own suite comes from, whatever the format and file that configures it.
own_mirror() {
  # shellcheck disable=SC2016 # the $(...) are apt's own
  apt-get indextargets --format '$(ORIGIN) $(CODENAME) $(REPO_URI)' 'Created-By: Packages' |
    awk -v own="$(codename)" '$1 == "Debian" && $2 == own { print $3; exit }'
}

# The keyrings that the machine trusts for mirror $1, and Debian's own.
keyrings_of() {
  {
    grep -rlsF "${1%/}" /etc/apt/sources.list /etc/apt/sources.list.d | grep -E '\.(list|sources)$' |
      xargs -r sed -nE 's/^.*signed-by[:=] *(\/[^] ]+).*$/\1/Ip'
    printf '%s\n' /usr/share/keyrings/debian-archive-keyring.gpg
  } | sort -u | tr '\n' ' '
}

# A deb822 source for the suites "$2"... on mirror $1.
deb822_source() {
  local mirror=$1
  shift
  cat <<END
Types: deb
URIs: $mirror
Suites: $*
Components: main
Signed-By: $(keyrings_of "$mirror")
END
}
