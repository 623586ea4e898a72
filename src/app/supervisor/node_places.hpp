// NodePlaces: the numbers that the processes of one instance have in session ids, where several instances are one
// cluster.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "server/descriptor.hpp"

namespace chorus::app {

/// Who a process is; what engine::Owner and cluster::NodeName say of it.
struct NodePlace {
  std::uint16_t node = 0;
  std::uint8_t incarnation = 0;

  friend bool operator==(NodePlace const&, NodePlace const&) = default;
};

/// The instances of one user on one machine that share a Redis share their sessions too: each knows the key of the
/// session ids, no two processes have the same number, and their relay meets in one folder. So a balancer may send any
/// request to any of them.
///
/// On disk, in RUNTIME/cluster-DIGEST: `key`, `relay/`, and a file for each place that was ever held: locked by its
/// holder for as long as it lives, and with the count of its holders inside.
///
/// Thread: one. Limit: places_max. Failure: claim() throws std::runtime_error with a sentence.
class NodePlaces {
 public:
  static constexpr unsigned places_max = 4096;

  /// `cluster`: what is the same for all of them and for nobody else, such as the address of their Redis. It may be
  /// secret: only its digest is seen.
  static NodePlaces claim(std::string const& runtime_folder, std::string_view cluster, unsigned slots);

  std::string const& folder() const { return folder_; }
  std::string const& session_key() const { return session_key_; }
  /// Of the process that is started now; the one before it in this slot was somebody else.
  NodePlace next(unsigned slot);

 private:
  struct Place {
    std::uint16_t node = 0;
    server::FileDescriptor file;  // holds the lock
  };

  std::string folder_;
  std::string session_key_;
  std::vector<Place> places_;
};

}  // namespace chorus::app
