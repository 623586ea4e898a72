// Unpredictable bytes and ids. Thread: any (a small pool per thread, filled from the kernel).
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace chorus {

void fill_random(char* out, std::size_t size);
std::uint64_t random_u64();
/// Characters of [A-Za-z0-9_-]: six random bits each.
void random_token(std::span<char> token);
std::string random_token(std::size_t length);

}  // namespace chorus
