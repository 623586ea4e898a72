// What the program wants to know of the machine's network.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace chorus::app {

/// `localhost`, 127.0.0.0/8 and ::1: nobody but this machine can reach it.
bool is_loopback(std::string_view host);
/// `0.0.0.0` and `::`.
bool is_any_address(std::string_view host);

/// IPv4 addresses of this machine that other devices of its network can reach, private ones first.
std::vector<std::string> lan_addresses();

/// Descriptors this process may have open.
std::size_t descriptor_limit();

}  // namespace chorus::app
