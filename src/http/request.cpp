#include "http/request.hpp"

#include "base/check.hpp"
#include "http/characters.hpp"

namespace chorus::http {
namespace {

bool list_has(Bytes list, Bytes token) {
  while (true) {
    auto const comma = list.find(',');
    if (equals_ignoring_case(trimmed(list.substr(0, comma)), token)) return true;
    if (comma == Bytes::npos) return false;
    list.remove_prefix(comma + 1);
  }
}

}  // namespace

Bytes Request::query_string() const {
  std::uint32_t const skipped = path_.size + 1;  // and the '?'
  if (target_.size < skipped) return {};
  return view({target_.at + skipped, target_.size - skipped});
}

std::optional<Bytes> Request::header(Bytes name) const {
  for (Field const& field : fields_) {
    if (field.name.size == name.size() && equals_ignoring_case(view(field.name), name)) return view(field.value);
  }
  return std::nullopt;
}

bool Request::has_token(Bytes name, Bytes token) const {
  for (Field const& field : fields_) {
    if (equals_ignoring_case(view(field.name), name) && list_has(view(field.value), token)) return true;
  }
  return false;
}

Header Request::header_at(std::size_t index) const {
  CHORUS_DCHECK(index < fields_.size(), "header_at() is asked for a header that is there");
  return {view(fields_[index].name), view(fields_[index].value)};
}

bool Request::keep_alive() const {
  if (has_token("Connection", "close")) return false;
  return minor_version_ >= 1 || has_token("Connection", "keep-alive");
}

std::string serialize(Request const& request) {
  std::string wire;
  auto const append = [&](auto... parts) { (wire.append(parts), ...); };
  append(request.method(), " ", request.target(), request.minor_version() == 0 ? " HTTP/1.0" : " HTTP/1.1", "\r\n");
  for (Header const header : request.headers()) {
    bool const frames = equals_ignoring_case(header.name, "Content-Length") ||
                        equals_ignoring_case(header.name, "Transfer-Encoding") ||
                        equals_ignoring_case(header.name, "Expect");
    if (!frames) append(header.name, ": ", header.value, "\r\n");
  }
  if (!request.body().empty()) append("Content-Length: ", std::to_string(request.body().size()), "\r\n");
  append("\r\n", request.body());
  return wire;
}

}  // namespace chorus::http
