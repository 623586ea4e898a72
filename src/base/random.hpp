// Unpredictable bytes and ids. Thread: any (a small pool per thread, filled from the kernel).
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace chorus {

void fill_random(char* out, std::size_t size);
std::uint64_t random_u64();
/// What tokens are made of, six bits each: letters, digits, '_' and '-'.
inline constexpr std::string_view token_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
void random_token(std::span<char> token);
std::string random_token(std::size_t length);

}  // namespace chorus
