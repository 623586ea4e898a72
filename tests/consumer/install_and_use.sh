#!/usr/bin/env bash
# install_and_use.sh BUILD COMPILER: installs BUILD into a fresh prefix, moves it away as a package would be, and builds
# and runs a program that knows nothing but find_package(chorus).
set -euo pipefail
build=$1 compiler=$2
project=$(cd "$(dirname "$0")/project" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

cmake --install "$build" --prefix "$scratch/made-here" >"$scratch/install.log" || { cat "$scratch/install.log"; exit 1; }
mv "$scratch/made-here" "$scratch/used-here"
cmake -G Ninja -S "$project" -B "$scratch/build" -DCMAKE_CXX_COMPILER="$compiler" \
  -DCMAKE_PREFIX_PATH="$scratch/used-here" -DCMAKE_BUILD_TYPE=Debug
cmake --build "$scratch/build"
"$scratch/build/consumer"
