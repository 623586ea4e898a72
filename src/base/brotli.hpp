// Brotli's one home: the format of RFC 7932, for files that are compressed once.
#pragma once
#include <optional>
#include <string>

#include "base/bytes.hpp"

namespace chorus {

/// A whole stream of its own, made for text. Thread: any. Cost: about 20 MB a second, as much as gzip's best; its own
/// best would take thirty times as long for a tenth less, and whoever starts a server waits for it. Memory: some MiB
/// while it runs. Nothing: there is none.
std::optional<std::string> brotli(Bytes data);

}  // namespace chorus
