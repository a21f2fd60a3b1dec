#!/usr/bin/env bash
# Installs Chromium from Debian's packages, in which pages are tested. An installed one is kept.
set -euo pipefail
type -P chromium >/dev/null && exit
options=(-qq -o DPkg::Lock::Timeout=120 -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-unsafe-io)
export DEBIAN_FRONTEND=noninteractive
apt-get update "${options[@]}"
apt-get install --yes --no-install-recommends "${options[@]}" chromium
