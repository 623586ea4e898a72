// Content types of static files.
#pragma once
#include "base/bytes.hpp"

namespace chorus::http {

/// By the extension of `path`, in any case of letters; "application/octet-stream" for an unknown one.
Bytes content_type(Bytes path);

/// Whether a body of this type becomes much smaller by compression: text of any kind, and what is not compressed
/// already.
bool is_compressible(Bytes content_type);

}  // namespace chorus::http
