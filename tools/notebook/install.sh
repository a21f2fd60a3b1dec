#!/usr/bin/env bash
# Installs what executes a notebook: Jupyter's client from Debian's packages, and Deno with its kernel from
# npm. What is installed already is kept. Deno is installed in the folder TRACKWAY_NOTEBOOK_CACHE, or in
# ~/.cache/trackway-notebook.
set -euo pipefail
deno=2.9.6
cache=${TRACKWAY_NOTEBOOK_CACHE:-$HOME/.cache/trackway-notebook}

if ! /usr/bin/python3 -c 'import jupyter_client, nbformat' 2>/dev/null; then
  options=(-qq -o DPkg::Lock::Timeout=120 -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-unsafe-io)
  export DEBIAN_FRONTEND=noninteractive
  apt-get update "${options[@]}"
  apt-get install --yes --no-install-recommends "${options[@]}" python3-jupyter-client python3-nbformat
fi

folder=$cache/deno-$deno
[ -x "$folder/node_modules/.bin/deno" ] ||
  npm install --prefix "$folder" --ignore-scripts --no-audit --no-fund --loglevel error "deno@$deno"
ln -sfn "$folder" "$cache/deno"
