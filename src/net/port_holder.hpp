// Who already listens there: for the error that says so. Internal to net.
#pragma once
#include <cstdint>
#include <string>

namespace chorus::net {

/// "process 4711 (nginx)" for the listener on `port`; where its descriptors are hidden from us, "user www-data"; ""
/// when nothing is known. Reads /proc, so it is for the failure at start only.
std::string holder_of_port(std::uint16_t port);

}  // namespace chorus::net
