// NamespaceSearch: which namespace a client means, where functions of the program decide about names, perhaps later.
#pragma once
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "socket/hub.hpp"

namespace chorus::socket {

class Client;

/// One CONNECT on its way. The dynamic namespaces are asked in the order in which they were defined.
/// Thread: the client's worker. Lifetime: shared by its client and the verdicts that are awaited; when the client ends
/// it takes itself out.
struct NamespaceSearch : std::enable_shared_from_this<NamespaceSearch> {
  NamespaceSearch(Client& c, std::string n, std::string a) : client(&c), name(std::move(n)), auth(std::move(a)) {}

  /// Asks on until somebody says yes or a verdict has to be waited for. Ends in Client::searched(), at once or later.
  void go_on();

  Client* client;  ///< nullptr once it has ended
  std::string const name;
  std::string const auth;

 private:
  void on_verdict(std::size_t parent, bool allow);
  void ask(std::size_t parent);
  void found(std::shared_ptr<Definition const> const& parent);

  std::size_t next_ = 0;
  std::optional<std::size_t> awaited_;
};

}  // namespace chorus::socket
