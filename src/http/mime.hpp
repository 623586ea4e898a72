// Content types of static files.
#pragma once
#include "base/bytes.hpp"

namespace chorus::http {

/// By the extension of `path`, in any case of letters; "application/octet-stream" for an unknown one.
Bytes content_type(Bytes path);

}  // namespace chorus::http
