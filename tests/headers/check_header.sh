#!/usr/bin/env bash
# check_header.sh COMPILER HEADER: compiles the public header alone and looks at what it brings in.
set -euo pipefail
compiler=$1 header=$2
include=$(dirname "$(dirname "$header")")

# Never in a user's file: threads and locks (handles hide them), and the libraries Chorus is built with.
forbidden='boost/|nlohmann/|spdlog/|fmt/|CLI/|jwt|openssl/|liburing|/(mutex|shared_mutex|thread|condition_variable|future|regex|iostream)$'
[[ $(basename "$header") == json.hpp ]] && forbidden=${forbidden/nlohmann\/|/}  # its one purpose
[[ $(basename "$header") == json.hpp ]] && forbidden=${forbidden/|iostream/}    # nlohmann's own

[[ $(basename "$header") == asio.hpp ]] && forbidden=''  # Asio is its purpose, and brings nearly all of these

started=$(date +%s%N)
included=$("$compiler" -std=c++20 -Wall -Wextra -Wpedantic -Werror -I"$include" -fsyntax-only -H -include "$header" \
  -x c++ /dev/null 2>&1) || { echo "$included" | grep -vE '^\.+ '; exit 1; }
echo "$(basename "$header"): $(((($(date +%s%N) - started)) / 1000000)) ms"

# -H writes one line a header, with a dot for each level: "... /usr/include/c++/12/mutex".
found=$(sed -n 's/^\.\+ //p' <<<"$included" | grep -E "${forbidden:-^$}" || true)
[[ -z $found ]] || { printf 'brings in:\n%s\n' "$found"; exit 1; }
