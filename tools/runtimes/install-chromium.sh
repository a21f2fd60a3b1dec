#!/usr/bin/env bash
# Brings Chromium from Debian's packages, in which pages are tried. Where it is already, it stays.
set -euo pipefail
type -P chromium >/dev/null && exit
options=(-qq -o DPkg::Lock::Timeout=120 -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-unsafe-io)
export DEBIAN_FRONTEND=noninteractive
apt-get update "${options[@]}"
apt-get install --yes --no-install-recommends "${options[@]}" chromium
