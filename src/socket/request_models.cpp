#include "socket/request_models.hpp"

#include <algorithm>
#include <functional>
#include <vector>

#include "base/bytes.hpp"

namespace chorus::socket {
namespace {

using Request = Handshake::Request;

/// A hash: two kinds that share one by chance or by malice also share a place, and take turns there.
std::size_t key_of(Request::Parts const& parts) {
  std::size_t key = 0;
  auto const mix = [&key](Bytes text) {
    key = (key ^ std::hash<Bytes>()(text)) * std::size_t{0x9e3779b97f4a7c15};
    key ^= key >> 32;
  };
  for (auto const& [name, value] : parts.headers) {
    mix(name);
    if (name == "user-agent") mix(value);
  }
  return key;
}

/// Calls visit(value, the model's value) for each header and the URL. False when the names are not the model's.
template <class Visit>
bool compare(Request::Parts const& parts, Request const& model, Visit visit) {
  auto const list = model.headers();
  auto theirs = list.begin();
  for (auto const& [name, value] : parts.headers) {
    if (theirs == list.end() || (*theirs).first != name) return false;
    visit(value, (*theirs).second);
    ++theirs;
  }
  visit(parts.url, model.url());
  return theirs == list.end();
}

/// In bytes of names and values.
struct Fit {
  std::size_t shared = 0;
  std::size_t wasted = 0;  // the model's other bytes
};

Fit fit_of(Request::Parts const& parts, Request const& model) {
  Fit fit;
  for (auto const& header : parts.headers) fit.shared += header.first.size();
  bool const same_names = compare(parts, model, [&fit](Bytes value, Bytes theirs) {
    (value == theirs ? fit.shared : fit.wasted) += theirs.size();
  });
  return same_names ? fit : Fit();
}

/// With all names, and of the values and the URL, which `may_have` is asked for in this order, those that it may have.
template <class MayHave>
Request model_of(Request::Parts const& parts, MayHave may_have) {
  Request::Parts kept{.headers = parts.headers, .query = {}, .url = {}, .address = {}, .secure = false, .issued = {}};
  for (auto& [name, value] : kept.headers)
    if (!may_have(value)) value.clear();
  if (may_have(parts.url)) kept.url = parts.url;
  return Request(kept);
}

/// Of what a request has in common with a model of the same names.
Request common_model_of(Request::Parts const& parts, Request const& model) {
  std::vector<bool> equal;
  compare(parts, model, [&equal](Bytes value, Bytes theirs) { equal.push_back(value == theirs); });
  return model_of(parts, [next = equal.cbegin()](Bytes) mutable { return *next++; });
}

}  // namespace

Handshake::Request RequestModels::make(Request::Parts const& parts) {
  auto const is_short = [this](Bytes value) { return value.size() <= limits_.value_bytes_max; };
  std::size_t whole = is_short(parts.url) ? parts.url.size() : 0;
  for (auto const& [name, value] : parts.headers) whole += name.size() + (is_short(value) ? value.size() : 0);
  if (limits_.models_max == 0 || whole > limits_.model_bytes_max) return Request(parts);

  Kind& kind = kind_of(parts);
  auto const fit = fit_of(parts, kind.model);
  if (fit.shared * 2 < whole || kind.requests >= limits_.requests_max)
    kind = {kind.key, model_of(parts, is_short)};
  else if (fit.wasted * 8 > fit.shared + fit.wasted)
    kind.model = common_model_of(parts, kind.model);
  ++kind.requests;
  return Request(parts, kind.model);
}

/// Moves it to the front; the last one makes room for one that is new.
RequestModels::Kind& RequestModels::kind_of(Request::Parts const& parts) {
  auto const key = key_of(parts);
  auto found = std::ranges::find(kinds_, key, &Kind::key);
  if (found == kinds_.end()) {
    if (kinds_.size() < limits_.models_max) kinds_.emplace_back();
    found = kinds_.end() - 1;
    *found = {key, Request()};
  }
  std::rotate(kinds_.begin(), found, found + 1);
  return kinds_.front();
}

}  // namespace chorus::socket
