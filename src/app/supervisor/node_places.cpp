#include "app/supervisor/node_places.hpp"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <optional>
#include <stdexcept>
#include <system_error>

#include "app/supervisor/child_orders.hpp"
#include "app/supervisor/message_text.hpp"
#include "app/supervisor/runtime_folder.hpp"
#include "base/random.hpp"

namespace chorus::app {
namespace {

using server::FileDescriptor;

constexpr mode_t readable_by_us = 0600;

[[noreturn]] void fail(std::string const& what, std::string const& path) {
  throw std::runtime_error(what + " " + path + ": " + std::generic_category().message(errno));
}

/// Enough of it to tell clusters apart, and short enough for the path of a Unix socket.
std::string digest_of(std::string_view text) {
  constexpr std::size_t shown = 8;
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  if (EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha256(), nullptr) != 1)
    throw std::runtime_error("SHA-256 is not to be had");
  return to_text_bytes(std::string_view(reinterpret_cast<char const*>(digest.data()), shown));
}

/// The key of whoever was first. It comes into being whole: a file that is linked to its name when it is written.
std::string shared_key(std::string const& folder) {
  auto const path = folder + "/key";
  auto const draft = path + "." + std::to_string(::getpid());
  std::string key(session_key_size, '\0');
  fill_random(key.data(), key.size());
  ::unlink(draft.c_str());
  FileDescriptor const made(::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, readable_by_us));
  if (!made || ::write(made.get(), key.data(), key.size()) != static_cast<ssize_t>(key.size())) fail("writing", draft);
  bool const first = ::link(draft.c_str(), path.c_str()) == 0;
  if (!first && errno != EEXIST) fail("making", path);
  ::unlink(draft.c_str());
  if (first) return key;

  FileDescriptor const found(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!found) fail("reading", path);
  std::string bytes(session_key_size + 1, '\0');
  auto const count = ::read(found.get(), bytes.data(), bytes.size());
  if (count != static_cast<ssize_t>(session_key_size))
    throw std::runtime_error(path + " is no key of ours; remove it while none of the cluster's instances runs");
  bytes.resize(session_key_size);
  return bytes;
}

/// Nothing: somebody has it.
std::optional<FileDescriptor> lock(std::string const& path) {
  FileDescriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, readable_by_us));
  if (!file) fail("opening", path);
  if (::flock(file.get(), LOCK_EX | LOCK_NB) == 0) return file;
  if (errno != EWOULDBLOCK) fail("locking", path);
  return std::nullopt;
}

}  // namespace

NodePlaces NodePlaces::claim(std::string const& runtime_folder, std::string_view cluster, unsigned slots) {
  NodePlaces claimed;
  claimed.folder_ = make_cluster_folder(runtime_folder, digest_of(cluster));
  claimed.session_key_ = shared_key(claimed.folder_);
  for (unsigned node = 0; claimed.places_.size() < slots; ++node) {
    if (node == places_max)
      throw std::runtime_error("all places in " + claimed.folder_ + " are taken, by " + std::to_string(places_max) +
                               " processes");
    if (auto file = lock(claimed.folder_ + "/" + std::to_string(node)))
      claimed.places_.push_back({static_cast<std::uint16_t>(node), std::move(*file)});
  }
  return claimed;
}

NodePlace NodePlaces::next(unsigned slot) {
  auto const& [node, file] = places_.at(slot);
  std::uint8_t holders = 0;  // an empty file: the first
  static_cast<void>(::pread(file.get(), &holders, 1, 0) == 1);
  NodePlace const place{node, holders++};
  if (::pwrite(file.get(), &holders, 1, 0) != 1) fail("writing", folder_ + "/" + std::to_string(node));
  return place;
}

}  // namespace chorus::app
