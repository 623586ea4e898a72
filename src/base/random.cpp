#include "base/random.hpp"

#include <sys/random.h>

#include <array>
#include <cstring>

#include "base/check.hpp"

namespace chorus {
namespace {

struct Pool {
  std::array<char, 1024> bytes;
  std::size_t used = sizeof(bytes);
};
thread_local Pool pool;

void from_kernel(char* out, std::size_t size) {
  std::size_t done = 0;
  while (done < size) {
    auto const n = getrandom(out + done, size - done, 0);
    CHORUS_CHECK(n > 0, "the kernel gave no random bytes");
    done += static_cast<std::size_t>(n);
  }
}

}  // namespace

void fill_random(char* out, std::size_t size) {
  if (size > pool.bytes.size()) return from_kernel(out, size);
  if (pool.used + size > pool.bytes.size()) {
    from_kernel(pool.bytes.data(), pool.bytes.size());
    pool.used = 0;
  }
  std::memcpy(out, pool.bytes.data() + pool.used, size);
  std::memset(pool.bytes.data() + pool.used, 0, size);  // what was given out is not kept
  pool.used += size;
}

std::uint64_t random_u64() {
  std::uint64_t value;
  fill_random(reinterpret_cast<char*>(&value), sizeof value);
  return value;
}

void random_token(std::span<char> token) {
  fill_random(token.data(), token.size());
  for (char& c : token) c = token_alphabet[static_cast<unsigned char>(c) & 63];
}

std::string random_token(std::size_t length) {
  std::string token(length, '\0');
  random_token(token);
  return token;
}

}  // namespace chorus
