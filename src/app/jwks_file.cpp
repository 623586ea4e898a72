#include "app/jwks_file.hpp"

#include <fstream>

#include "base/log.hpp"

namespace chorus::app {

Result<JwkSet, std::string> JwksFile::read(std::string const& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(JwkSet::text_bytes_max + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file.is_open() || file.bad()) return std::string("it cannot be read");
  text.resize(static_cast<std::size_t>(file.gcount()));
  return JwkSet::parse(text);
}

Result<std::shared_ptr<JwksFile>, std::string> JwksFile::open(std::string path) {
  auto const stamp = FileStamp::of(path);
  if (!stamp) return stamp.error();
  auto keys = read(path);
  if (!keys) return keys.error();
  State state{std::make_shared<JwkSet>(std::move(*keys)), *stamp, {}};
  return std::shared_ptr<JwksFile>(new JwksFile(std::move(path), std::move(state)));
}

std::shared_ptr<JwkSet const> JwksFile::look(Time now, std::chrono::seconds pause) const {
  std::shared_ptr<JwkSet const> current;
  FileStamp known;
  bool const due = state_.with([&](State& state) {
    current = state.keys;
    known = state.stamp;
    if (now - state.looked < pause && now >= state.looked) return false;
    state.looked = now;
    return true;
  });
  if (!due) return current;
  auto const stamp = FileStamp::of(path_);
  if (!stamp || *stamp == known) return current;  // one that is being replaced may not be there for a moment
  auto keys = read(path_);
  if (keys) current = std::make_shared<JwkSet>(std::move(*keys));
  state_.with([&](State& state) {
    state.stamp = *stamp;
    state.keys = current;
  });
  if (keys)
    log(LogLevel::info, "jwks_read", {{"file", path_}, {"keys", current->size()}});
  else
    log(LogLevel::error, "jwks_unusable", {{"file", path_}, {"why", keys.error()}});
  return current;
}

}  // namespace chorus::app
