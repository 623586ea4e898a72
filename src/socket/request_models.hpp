// RequestModels: what the requests of one kind of client have in common is kept once.
#pragma once
#include <cstddef>
#include <vector>

#include "chorus/handshake.hpp"

namespace chorus::socket {

struct RequestModelLimits {
  std::size_t models_max = 256;        ///< kinds of clients; the one that was not seen for longest goes first
  std::size_t model_bytes_max = 4096;  ///< names and values of a model; a request that would need more has none
  std::size_t value_bytes_max = 256;   ///< a longer one (cookie, token) is its client's own
  std::size_t requests_max = 1000;     ///< after which a model is made anew
};

/// Makes the handshake requests of a worker's sessions. Requests with the same header names in the same order and the
/// same user agent are of one kind and lean on one model: all of their names, and the values that they had in common.
///
/// The model of a kind is its first request without the long values. Later ones change it by three rules. Where more
/// than an eighth of the model is of no use to a request, the model becomes what both have in common. Where not even
/// half of the request (long values aside) would be shared, and after requests_max requests, so that no client spoils
/// it for long, the model is made anew of this request.
///
/// Memory: a session keeps the model that it was made with, and no other, so the table's is not needed by those that
/// came before. Whatever other clients send, a session whose model nobody else keeps any more costs what its request
/// costs alone, an eighth of the model, and a second small piece of memory. The table keeps at most
/// models_max * model_bytes_max bytes of names and values: 1 MiB.
///
/// Thread: its worker's; what it makes is anybody's. Lifetime: what it makes may outlive it.
class RequestModels {
 public:
  using Request = Handshake::Request;

  explicit RequestModels(RequestModelLimits limits = {}) : limits_(limits) {}

  Request make(Request::Parts const& parts);

  /// Kinds that are known.
  std::size_t size() const { return kinds_.size(); }

 private:
  struct Kind {
    std::size_t key;
    Request model;
    std::size_t requests = 0;  // that were made with it
  };
  Kind& kind_of(Request::Parts const& parts);

  RequestModelLimits const limits_;
  std::vector<Kind> kinds_;  // the last seen first
};

}  // namespace chorus::socket
