// Runs a fuzz target over every file of the folders it is given, so that seeds and old crashes are ordinary tests.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size);

namespace {

/// A heap block of exactly the input's size: the sanitizer sees a read of one byte too many.
void run_one(std::string const& bytes) {
  auto exact = std::make_unique<std::uint8_t[]>(bytes.size());
  if (!bytes.empty()) std::memcpy(exact.get(), bytes.data(), bytes.size());
  LLVMFuzzerTestOneInput(exact.get(), bytes.size());
}

std::string read_file(std::filesystem::path const& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace

int main(int argc, char** argv) {
  int inputs = 0;
  for (int i = 1; i < argc; ++i) {
    if (!std::filesystem::is_directory(argv[i])) continue;
    for (auto const& entry : std::filesystem::directory_iterator(argv[i])) {
      if (!entry.is_regular_file()) continue;
      auto const bytes = read_file(entry.path());
      run_one(bytes);
      // Truncated and doubled forms cost nothing and reach the "incomplete" and "more follows" paths.
      for (std::size_t n = 0; n < bytes.size() && n < 64; ++n) run_one(bytes.substr(0, n));
      run_one(bytes + bytes);
      ++inputs;
    }
  }
  std::printf("%d inputs\n", inputs);
  return inputs > 0 ? 0 : 1;
}
