#include "app/certificate_watch.hpp"

#include <array>
#include <stdexcept>
#include <utility>

#include "base/log.hpp"

namespace chorus::app {
namespace {

std::vector<std::string> files_of(TlsSettings const& settings) {
  std::vector<std::string> files;
  auto const add = [&files](std::string const& path) {
    if (!path.empty()) files.push_back(path);
  };
  auto const add_all = [&add](TlsCertificate const& certificate) {
    for (auto const* path : {&certificate.chain_file, &certificate.key_file, &certificate.pfx_file}) add(*path);
  };
  add_all(settings.certificate);
  for (auto const& each : settings.further) add_all(each);
  add(settings.client_ca_file);
  return files;
}

/// Differs when any of them was written, replaced or removed.
std::vector<std::optional<FileStamp>> look_at(std::vector<std::string> const& files) {
  std::vector<std::optional<FileStamp>> seen;
  for (auto const& path : files) {
    auto const stamp = FileStamp::of(path);
    seen.push_back(stamp ? std::optional(*stamp) : std::nullopt);
  }
  return seen;
}

}  // namespace

CertificateWatch::CertificateWatch(TlsSettings const& settings, Duration interval, TimePoint now)
    : files_(files_of(settings)), interval_(interval), seen_(look_at(files_)) {
  if (!files_.empty() && interval_ > Duration::zero()) next_look_ = now + interval_;
}

bool CertificateWatch::sees_change(TimePoint now) {
  if (!next_look_ || now < *next_look_) return false;
  next_look_ = now + interval_;
  auto const before = std::exchange(seen_, look_at(files_));
  return before != seen_;
}

void reload_certificates(Server& server) {
  try {
    server.reload_tls();
    log(LogLevel::info, "tls_reloaded", {});
  } catch (std::runtime_error const& error) {
    log(LogLevel::error, "tls_not_reloaded", {{"reason", in_words_of_command_line(error.what())}});
  }
}

std::string in_words_of_command_line(std::string sentence) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 5> words{{
      {"tls.certificate.chain_file", "--tls-cert"},
      {"tls.certificate.key_file", "--tls-key"},
      {"tls.certificate.pfx_file", "--tls-pfx"},
      {"tls.client_ca_file", "--tls-client-ca"},
      {"tls.further", "--tls-further"},
  }};
  for (auto const& [option, word] : words) {
    if (!sentence.starts_with(option)) continue;
    auto const end = std::min(sentence.find(':'), sentence.size());  // behind `[0].chain_file`
    return sentence.replace(0, end, word);
  }
  return sentence;
}

}  // namespace chorus::app
