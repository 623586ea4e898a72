#include "server/tls_host.hpp"

#include <utility>

#include "base/random.hpp"

namespace chorus::server {
namespace {

constexpr std::size_t own_secret_size = 43;  // characters of a token: 258 bits

}  // namespace

void check_tls_files(TlsSettings const& settings) { net::TlsContext::load(settings, "nobody's"); }

TlsHost::TlsHost(TlsSettings settings, std::string secret)
    : settings_(std::move(settings)),
      secret_(secret.empty() ? random_token(own_secret_size) : std::move(secret)),
      context_(net::TlsContext::load(settings_, secret_)) {}

void TlsHost::reload() {
  auto next = net::TlsContext::load(settings_, secret_);
  context_.with([&next](auto& context) { context.swap(next); });
}

std::unique_ptr<net::TlsStream> TlsHost::accept() const {
  return std::make_unique<net::TlsStream>(context_.with([](auto const& context) { return context; }));
}

}  // namespace chorus::server
