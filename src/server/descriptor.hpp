// The owned descriptor of `net`, for the program above.
#pragma once
#include "net/file_descriptor.hpp"

namespace chorus::server {

using net::FileDescriptor;

}  // namespace chorus::server
