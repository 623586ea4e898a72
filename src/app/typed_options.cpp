#include "app/typed_options.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <fstream>
#include <utility>

#include "admin/bcrypt.hpp"
#include "app/network.hpp"
#include "base/debug_areas.hpp"

namespace chorus::app {
namespace {

/// The option as it was written: by its variable, when the value came from there.
std::string source_of(std::string const& option, std::string const& value) {
  auto const variable = variable_of(option);
  char const* const text = std::getenv(variable.c_str());
  return text != nullptr && value == text ? variable : option;
}

/// A text file's last line break does not belong to the key; a binary key is taken as it is.
void trim_text_key(std::string& key) {
  bool const is_text = std::all_of(
      key.begin(), key.end(), [](char c) { return (c >= ' ' && c <= '~') || c == '\n' || c == '\r' || c == '\t'; });
  if (!is_text || !key.ends_with('\n')) return;
  key.pop_back();
  if (key.ends_with('\r')) key.pop_back();
}

/// What a file holds that keeps a secret out of the command line.
std::string read_secret_file(std::string const& option, std::string const& path, std::string const& what) {
  constexpr std::size_t key_bytes_max = 64 * 1024;
  std::ifstream file(path, std::ios::binary);
  std::string key(key_bytes_max + 1, '\0');
  file.read(key.data(), static_cast<std::streamsize>(key.size()));
  if (!file.is_open() || file.bad())
    throw UsageError{option + ": '" + path + "' cannot be read; allowed: a file with the " + what + "."};
  key.resize(static_cast<std::size_t>(file.gcount()));
  if (key.size() > key_bytes_max)
    throw UsageError{option + ": '" + path + "' is too big for a " + what + "; allowed: up to 64K."};
  trim_text_key(key);
  return key;
}

void read_jwks(Config& config, Typed const& typed) {
  if (!typed.key_file.empty())
    throw UsageError{"--jwks: a token key is configured too (--token-key-file); allowed: one of the two."};
  auto verifier = JwtVerifier::from_jwks_file(typed.jwks_file);
  if (verifier.has_error())
    throw UsageError{"--jwks: '" + typed.jwks_file + "' cannot be used: " + verifier.error() + "."};
  config.verifier = std::move(*verifier);
}

void read_key(Config& config, Typed const& typed) {
  if (!typed.jwks_file.empty()) return read_jwks(config, typed);
  char const* const variable = std::getenv("CHORUS_TOKEN_KEY");
  bool const from_file = !typed.key_file.empty();
  if (!from_file && (variable == nullptr || *variable == '\0')) return;
  auto verifier = JwtVerifier::from_key(from_file ? read_secret_file("--token-key-file", typed.key_file, "key")
                                                  : std::string(variable));
  if (verifier.has_error())
    throw UsageError{(from_file ? "--token-key-file: '" + typed.key_file + "' cannot be used: "
                                : std::string("CHORUS_TOKEN_KEY cannot be used: ")) +
                     verifier.error() + "."};
  config.verifier = std::move(*verifier);
}

void complete_admin(AdminUi& admin, Typed const& typed) {
  char const* const variable = std::getenv("CHORUS_ADMIN_PASSWORD_HASH");
  bool const from_file = !typed.admin_hash_file.empty();
  if (from_file)
    admin.password_hash = read_secret_file("--admin-password-hash-file", typed.admin_hash_file, "hash");
  else if (variable != nullptr)
    admin.password_hash = variable;

  if (admin.user.empty()) {
    if (admin.password_hash.empty() && !admin.readonly && !admin.production) return;
    throw UsageError{"the Admin UI needs a user; allowed: with --admin-user."};
  }
  if (admin.password_hash.empty())
    throw UsageError{"--admin-user needs a password; allowed: with --admin-password-hash-file."};
  if (!admin::BcryptHash::parse(admin.password_hash))
    throw UsageError{(from_file ? "--admin-password-hash-file: '" + typed.admin_hash_file + "' holds"
                                : std::string("CHORUS_ADMIN_PASSWORD_HASH is")) +
                     " no bcrypt hash; allowed: one that begins with $2a$, $2b$ or $2y$ and has 60 characters."};
}

void complete_tls(TlsSettings& tls, Typed const& typed) {
  char const* const variable = std::getenv("CHORUS_TLS_PASSPHRASE");
  if (!typed.passphrase_file.empty())
    tls.certificate.passphrase = read_secret_file("--tls-passphrase-file", typed.passphrase_file, "passphrase");
  else if (variable != nullptr)
    tls.certificate.passphrase = variable;
  for (auto const& file : typed.further) tls.further.push_back({file, {}, {}, tls.certificate.passphrase});

  if (!tls.certificate.chain_file.empty() && !tls.certificate.pfx_file.empty())
    throw UsageError{"--tls-pfx holds a certificate, and --tls-cert too; allowed: one of the two."};
  bool const wants_more = !tls.certificate.key_file.empty() || !tls.further.empty() || !tls.client_ca_file.empty() ||
                          tls.client_certificates != TlsSettings::ClientCertificates::none;
  if (!tls.enabled() && wants_more) throw UsageError{"TLS needs a certificate; allowed: with --tls-cert or --tls-pfx."};
}

void require_claims(Config& config, JwtVerifier::Wanted const& wanted) {
  if (wanted.issuer.empty() && wanted.audiences.empty()) return;
  if (!config.verifier)
    throw UsageError{
        "--token-issuer and --token-audience need tokens that are checked; allowed: with "
        "--token-key-file or --jwks."};
  config.verifier->want(wanted);
}

void check_together(Config const& config) {
  if (!config.supervised && (config.processes > 1 || config.takeover))
    throw UsageError{std::string(config.takeover ? "--takeover" : "--processes") +
                     " needs a supervisor; allowed: without --no-supervisor."};
  if (config.verifier && config.dev_tokens)
    throw UsageError{"--dev-tokens takes any token, but a token key is configured; allowed: one of the two."};
  if (!config.verifier && !config.dev_tokens && !is_loopback(config.server.host))
    throw UsageError{"--host: with '" + config.server.host +
                     "' others can reach this server, and no token key is configured. Give it a key with "
                     "--token-key-file or --jwks, or let anybody in as anyone with --dev-tokens."};
}

void read_debug_areas(Config& config, std::vector<std::string> const& areas) {
  for (auto const& area : areas) {
    if (!are_debug_areas(area)) refuse_value("--log-debug", area, "engine, cluster, /name, /begin* or *");
    config.log_debug += (config.log_debug.empty() ? "" : ",") + area;
  }
  if (!are_debug_areas(config.log_debug)) refuse_value("--log-debug", config.log_debug, "up to 64 of them");
}

}  // namespace

std::string variable_of(std::string const& option) {
  std::string name = "CHORUS_";
  for (char c : option.substr(2))
    name += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return name;
}

void refuse_value(std::string const& option, std::string const& value, std::string const& allowed) {
  throw UsageError{source_of(option, value) + ": '" + value + "' is not allowed; allowed: " + allowed + "."};
}

void complete(Config& config, Typed const& typed) {
  config.supervised = !typed.no_supervisor;
  config.server.cors.enforce = !config.server.cors.origins.empty();
  config.server.connection_state_recovery.skip_middlewares = !typed.recovery_recheck;
  read_key(config, typed);
  complete_admin(config.admin, typed);
  complete_tls(config.server.tls, typed);
  require_claims(config, typed.wanted);
  read_debug_areas(config, typed.log_debug);
  check_together(config);
}

}  // namespace chorus::app
