// Body of chorus::instrument.
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "admin/actions.hpp"
#include "admin/sign_in.hpp"
#include "admin/watch.hpp"
#include "base/log.hpp"
#include "chorus/admin.hpp"
#include "chorus/server.hpp"
#include "socket/definition.hpp"

namespace chorus {
namespace {

[[noreturn]] void refuse_option(std::string const& name, std::string const& why) {
  throw std::runtime_error("instrument: " + name + ": " + why);
}

AdminOptions checked(AdminOptions options) {
  if (options.namespace_name.empty() || options.namespace_name == "/")
    refuse_option("namespace_name", "\"" + options.namespace_name + "\" is not allowed; a name of its own, as /admin");
  if (options.namespace_name.front() != '/') options.namespace_name.insert(0, 1, '/');
  if (options.stats_interval.count() < 1)
    refuse_option("stats_interval", std::to_string(options.stats_interval.count()) + " ms is not allowed; 1 or more");
  if (options.attempts_max < 1) refuse_option("attempts_max", "0 is not allowed; 1 or more");
  if (options.store.session_duration.count() < 1)
    refuse_option("store.session_duration",
                  std::to_string(options.store.session_duration.count()) + " s is not allowed; 1 or more");
  return options;
}

std::unique_ptr<admin::SessionStore> make_store(AdminStore const& options, Server const& server) {
  if (options.kind == AdminStore::Kind::memory) return std::make_unique<admin::MemoryStore>(options);
  if (!server.cluster().configured()) refuse_option("store.kind", "redis is not allowed without ServerOptions::redis");
  return std::make_unique<admin::RedisStore>(options, server.cluster());
}

/// nullptr: nobody is asked for anything.
std::shared_ptr<admin::SignIn> make_sign_in(AdminOptions const& options, Server const& server) {
  if (std::holds_alternative<NoAuth>(options.auth)) return nullptr;
  auto const* const basic = std::get_if<BasicAuth>(&options.auth);
  if (basic == nullptr)
    refuse_option("auth", "it has to be chosen; a BasicAuth, or NoAuth to let in whoever can reach the server");
  if (basic->username.empty()) refuse_option("auth.username", "it is empty; a name is needed");
  auto hash = admin::BcryptHash::parse(basic->password);
  if (!hash)  // which is not repeated: it may be the password itself
    refuse_option("auth.password",
                  "it is no bcrypt hash; one that begins with $2a$, $2b$ or $2y$ and has 60 characters");
  if (hash->cost() > options.hash_cost_max)
    refuse_option("auth.password", "its cost of " + std::to_string(hash->cost()) + " is above hash_cost_max, " +
                                       std::to_string(options.hash_cost_max));
  return std::make_shared<admin::SignIn>(
      admin::SignInSettings{basic->username, std::move(*hash), options.attempts_max, options.attempts_waiting_max,
                            options.password_bytes_max},
      make_store(options.store, server));
}

}  // namespace

void instrument(Server& server, AdminOptions wanted) {
  auto const options = checked(std::move(wanted));
  auto const sign_in = make_sign_in(options, server);
  auto const& board = server.sockets().registry()->board();
  if (!board->watch(std::make_shared<admin::Watch>(options, board->workers())))
    throw std::runtime_error("instrument: it is called once, before the server starts");

  auto nsp = server.of(options.namespace_name);
  if (sign_in) {
    nsp.use([sign_in](Socket const& socket, Verdict const& verdict) { sign_in->decide(socket, verdict); });
    nsp.on_connection(&admin::SignIn::remind);
  } else {
    log(LogLevel::warning, "admin_without_login", {{"namespace", nsp.name()}});
  }
  if (!options.readonly) admin::offer_actions(nsp);
}

}  // namespace chorus
