#include "app/command_line.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "app/test_tokens.hpp"

namespace chorus::app {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

/// A variable of the environment, for as long as it lives.
class Variable {
 public:
  Variable(char const* name, char const* value) : name_(name) { setenv(name, value, 1); }
  ~Variable() { unsetenv(name_); }
  Variable(Variable const&) = delete;
  Variable& operator=(Variable const&) = delete;

 private:
  char const* name_;
};

/// A file, for as long as it lives.
class File {
 public:
  explicit File(std::string const& content) {
    int const descriptor = ::mkstemp(path_.data());  // a name of its own: other tests run beside this one
    EXPECT_GE(descriptor, 0);
    ::close(descriptor);
    std::ofstream(path_, std::ios::binary) << content;
  }
  ~File() { std::remove(path_.c_str()); }
  File(File const&) = delete;
  File& operator=(File const&) = delete;
  std::string const& path() const { return path_; }

 private:
  std::string path_ = testing::TempDir() + "chorus_key_XXXXXX";
};

Config config(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "serve");
  auto line = read_command_line(std::move(arguments));
  EXPECT_EQ(line.error, "");
  return line.config.value_or(Config{});
}

std::string error(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "serve");
  auto line = read_command_line(std::move(arguments));
  EXPECT_FALSE(line.config);
  EXPECT_EQ(line.exit_code, exit_usage);
  EXPECT_EQ(line.output, "");
  return line.error;
}

TEST(CommandLine, needs_nothing_to_serve_on_localhost) {
  auto const c = config({});
  EXPECT_EQ(c.server.port, 7999);
  EXPECT_EQ(c.server.host, "localhost");
  EXPECT_EQ(c.server.workers, 0u);
  EXPECT_EQ(c.server.io_uring, ServerOptions::IoUring::automatic);
  EXPECT_EQ(c.language, Language::english);
  EXPECT_EQ(c.log_level, LogLevel::info);
  EXPECT_EQ(c.log_format, LogFormat::text);
  EXPECT_EQ(c.token_leeway, 60s);
  EXPECT_FALSE(c.verifier);
  EXPECT_FALSE(c.dev_tokens);
  EXPECT_FALSE(c.server.test_placement);
}

TEST(CommandLine, sets_everything) {
  auto const c = config({"--port",
                         "80",
                         "--host=127.0.0.1",
                         "--workers",
                         "64",
                         "--web",
                         "page",
                         "--log-level",
                         "debug",
                         "--log-format",
                         "json",
                         "--lang",
                         "fr",
                         "--io-uring",
                         "off",
                         "--no-supervisor",
                         "--test-placement",
                         "--dev-tokens",
                         "--token-leeway",
                         "90"});
  EXPECT_EQ(c.server.port, 80);
  EXPECT_EQ(c.server.host, "127.0.0.1");
  EXPECT_EQ(c.server.workers, 64u);
  EXPECT_EQ(c.server.web_root, "page");
  EXPECT_EQ(c.log_level, LogLevel::debug);
  EXPECT_EQ(c.log_format, LogFormat::json);
  EXPECT_EQ(c.language, Language::french);
  EXPECT_EQ(c.server.io_uring, ServerOptions::IoUring::off);
  EXPECT_TRUE(c.server.test_placement);
  EXPECT_TRUE(c.dev_tokens);
  EXPECT_EQ(c.token_leeway, 90s);
}

TEST(CommandLine, sets_the_limits) {
  auto const c =
      config({"--message-bytes-max", "2M", "--backlog-bytes-max", "64K", "--connections-max", "1000", "--ping-interval",
              "500ms", "--ping-timeout", "2m", "--drain-timeout", "0", "--rooms-max", "7"});
  EXPECT_EQ(c.server.message_bytes_max, 2u << 20);
  EXPECT_EQ(c.server.backlog_bytes_max, 64u << 10);
  EXPECT_EQ(c.server.connections_max, 1000u);
  EXPECT_EQ(c.server.ping_interval, 500ms);
  EXPECT_EQ(c.server.ping_timeout, 2min);
  EXPECT_EQ(c.server.drain_timeout, 0ms);
  EXPECT_EQ(c.server.rooms_max, 7u);
}

TEST(CommandLine, sets_what_is_kept_for_clients_that_come_back) {
  auto const usual = config({}).server.connection_state_recovery;
  EXPECT_EQ(usual.max_disconnection, 0ms);
  EXPECT_TRUE(usual.skip_middlewares);
  auto const c = config({"--recovery", "2m", "--recovery-recheck", "--recovery-sessions-max", "3",
                         "--recovery-packets-max", "4", "--recovery-bytes-max", "64K"})
                     .server.connection_state_recovery;
  EXPECT_EQ(c.max_disconnection, 2min);
  EXPECT_FALSE(c.skip_middlewares);
  EXPECT_EQ(c.sessions_max, 3u);
  EXPECT_EQ(c.packets_max, 4u);
  EXPECT_EQ(c.bytes_max, 64u << 10);
  Variable const variable("CHORUS_RECOVERY", "30s");
  EXPECT_EQ(config({}).server.connection_state_recovery.max_disconnection, 30s);
}

TEST(CommandLine, sets_what_is_compressed) {
  auto const usual = config({});
  EXPECT_FALSE(usual.server.per_message_deflate.enabled);
  EXPECT_TRUE(usual.server.http_compression.enabled);
  auto const c =
      config({"--per-message-deflate", "--deflate-threshold", "0", "--deflate-level", "9", "--deflate-context-takeover",
              "--http-compression", "off", "--http-compression-threshold", "2K"});
  EXPECT_TRUE(c.server.per_message_deflate.enabled);
  EXPECT_EQ(c.server.per_message_deflate.threshold, 0u);
  EXPECT_EQ(c.server.per_message_deflate.level, 9);
  EXPECT_TRUE(c.server.per_message_deflate.context_takeover);
  EXPECT_FALSE(c.server.http_compression.enabled);
  EXPECT_EQ(c.server.http_compression.threshold, 2048u);
}

TEST(CommandLine, sets_what_concerns_tls) {
  using Clients = TlsSettings::ClientCertificates;
  EXPECT_FALSE(config({}).server.tls.enabled());
  File const secret("open sesame\n");
  auto const c = config({"--tls-cert", "chain.pem", "--tls-key", "key.pem", "--tls-passphrase-file", secret.path(),
                         "--tls-further", "a.pem,b.pem", "--tls-client-certs", "request", "--tls-client-ca", "ca.pem",
                         "--tls-version-min", "1.3", "--tls-handshake-timeout", "3s", "--tls-watch-interval", "0"});
  auto const& tls = c.server.tls;
  EXPECT_EQ(tls.certificate.chain_file, "chain.pem");
  EXPECT_EQ(tls.certificate.key_file, "key.pem");
  EXPECT_EQ(tls.certificate.passphrase, "open sesame");
  ASSERT_EQ(tls.further.size(), 2u);
  EXPECT_EQ(tls.further[1].chain_file, "b.pem");
  EXPECT_EQ(tls.client_certificates, Clients::request);
  EXPECT_EQ(tls.client_ca_file, "ca.pem");
  EXPECT_EQ(tls.version_min, TlsSettings::Version::tls_1_3);
  EXPECT_EQ(tls.handshake_timeout, 3s);
  EXPECT_EQ(c.tls_watch_interval, 0ms);
  Variable const variable("CHORUS_TLS_PASSPHRASE", "from outside");
  EXPECT_EQ(config({"--tls-pfx", "server.pfx"}).server.tls.certificate.passphrase, "from outside");
}

TEST(CommandLine, refuses_what_of_tls_does_not_fit_together) {
  EXPECT_THAT(error({"--tls-key", "key.pem"}), HasSubstr("allowed: with --tls-cert or --tls-pfx."));
  EXPECT_THAT(error({"--tls-client-certs", "request"}), HasSubstr("allowed: with --tls-cert or --tls-pfx."));
  EXPECT_THAT(error({"--tls-cert", "a.pem", "--tls-pfx", "a.pfx"}), HasSubstr("allowed: one of the two."));
  EXPECT_THAT(error({"--tls-cert", "a.pem", "--tls-passphrase-file", "/nowhere"}),
              HasSubstr("--tls-passphrase-file: '/nowhere' cannot be read; allowed: a file with the passphrase."));
}

TEST(CommandLine, runs_one_supervised_process_unless_told_otherwise) {
  auto const c = config({});
  EXPECT_TRUE(c.supervised);
  EXPECT_EQ(c.processes, 1u);
  EXPECT_FALSE(c.takeover);
  EXPECT_EQ(c.redis, "");
  EXPECT_EQ(c.start_timeout, 30s);
  EXPECT_FALSE(config({"--no-supervisor"}).supervised);
  auto const several = config({"--processes", "4", "--takeover", "--redis", "redis://h", "--start-timeout", "1s"});
  EXPECT_EQ(several.processes, 4u);
  EXPECT_TRUE(several.takeover);
  EXPECT_EQ(several.redis, "redis://h");
  EXPECT_EQ(several.start_timeout, 1s);
  Variable const variable("CHORUS_REDIS", "redis://other");
  EXPECT_EQ(config({}).redis, "redis://other");
}

TEST(CommandLine, refuses_what_needs_a_supervisor_without_one) {
  EXPECT_THAT(error({"--no-supervisor", "--processes", "2"}), HasSubstr("--processes needs a supervisor"));
  EXPECT_THAT(error({"--no-supervisor", "--takeover"}), HasSubstr("--takeover needs a supervisor"));
}

TEST(CommandLine, asks_for_the_status_of_a_port) {
  auto const plain = read_command_line({"status"});
  ASSERT_TRUE(plain.status);
  EXPECT_FALSE(plain.config);
  EXPECT_EQ(plain.status->port, 7999);
  EXPECT_FALSE(plain.status->json);
  auto const json = read_command_line({"status", "--port", "80", "--json"});
  EXPECT_EQ(json.status->port, 80);
  EXPECT_TRUE(json.status->json);
  EXPECT_EQ(read_command_line({"status", "--port", "0"}).exit_code, exit_usage);
  EXPECT_THAT(read_command_line({"status", "--help"}).output, HasSubstr("--json"));
}

TEST(CommandLine, serves_clients_of_socket_io_2_unless_told_otherwise) {
  EXPECT_TRUE(config({}).server.allow_eio3);
  EXPECT_TRUE(config({"--allow-eio3"}).server.allow_eio3);
  EXPECT_FALSE(config({"--no-allow-eio3"}).server.allow_eio3);
  Variable const variable("CHORUS_ALLOW_EIO3", "0");
  EXPECT_FALSE(config({}).server.allow_eio3);
  EXPECT_TRUE(config({"--allow-eio3"}).server.allow_eio3);
}

TEST(CommandLine, takes_several_origins) {
  EXPECT_THAT(config({"--cors-origin", "http://a", "--cors-origin", "http://b"}).server.cors.origins,
              ElementsAre("http://a", "http://b"));
  Variable const variable("CHORUS_CORS_ORIGIN", "http://a,http://b");
  EXPECT_THAT(config({}).server.cors.origins, ElementsAre("http://a", "http://b"));
  EXPECT_TRUE(config({}).server.cors.enforce) << "others may not connect";
}

TEST(CommandLine, looks_at_no_origin_unless_some_are_named) { EXPECT_FALSE(config({}).server.cors.enforce); }

TEST(CommandLine, takes_variables_and_lets_the_command_line_win) {
  Variable const port("CHORUS_PORT", "8001");
  Variable const lang("CHORUS_LANG", "fr");
  Variable const interval("CHORUS_PING_INTERVAL", "1s");
  Variable const dev("CHORUS_DEV_TOKENS", "1");
  auto const c = config({"--lang", "en"});
  EXPECT_EQ(c.server.port, 8001);
  EXPECT_EQ(c.language, Language::english);
  EXPECT_EQ(c.server.ping_interval, 1s);
  EXPECT_TRUE(c.dev_tokens);
}

TEST(CommandLine, takes_the_last_of_repeated_values) {
  EXPECT_EQ(config({"--port", "1", "--lang", "fr", "--port", "2", "--dev-tokens", "--dev-tokens"}).server.port, 2);
}

TEST(CommandLine, names_wrong_values_with_what_is_allowed) {
  struct Case {
    std::vector<std::string> arguments;
    std::string sentence;
  };
  for (auto const& [arguments, sentence] : std::vector<Case>{
           {{"--port", "70000"}, "--port: '70000' is not allowed; allowed: a number from 0 to 65535."},
           {{"--port", "http"}, "--port: 'http' is not allowed; allowed: a number from 0 to 65535."},
           {{"--port=-1"}, "--port: '-1' is not allowed"},
           {{"--port", "7999x"}, "--port: '7999x' is not allowed"},
           {{"--port"}, "--port: takes one value."},
           {{"--processes", "0"}, "--processes: '0' is not allowed; allowed: a number from 1 to 64."},
           {{"--workers", "65"}, "--workers: '65' is not allowed; allowed: a number from 0 to 64."},
           {{"--lang", "de"}, "--lang: 'de' is not allowed; allowed: en|fr."},
           {{"--log-level", "loud"}, "allowed: debug|info|warning|error."},
           {{"--log-format", "xml"}, "allowed: text|json."},
           {{"--io-uring", "on"}, "allowed: auto|off."},
           {{"--token-leeway", "2h"}, "allowed: a time from 0s to 1h"},
           {{"--ping-interval", "0"}, "allowed: a time from 100ms to 1h"},
           {{"--message-bytes-max", "1TB"}, "allowed: a size from 1K to 100M"},
           {{"--backlog-bytes-max", "1"}, "allowed: a size from 64K to 1G"},
           {{"--recovery", "2d"}, "--recovery: '2d' is not allowed; allowed: a time from 0s to 24h"},
           {{"--recovery-sessions-max", "0"}, "--recovery-sessions-max: '0' is not allowed"},
           {{"--dev-tokens=7"}, "--dev-tokens: takes no value."},
           {{"--bogus"}, "--bogus"},
           {{"extra"}, "extra"},
       })
    EXPECT_THAT(error(arguments), HasSubstr(sentence));
}

TEST(CommandLine, names_the_variable_a_wrong_value_came_from) {
  Variable const port("CHORUS_PORT", "many");
  EXPECT_THAT(error({}), HasSubstr("CHORUS_PORT: 'many' is not allowed; allowed: a number from 0 to 65535."));
  Variable const dev("CHORUS_DEV_TOKENS", "maybe");
  EXPECT_THAT(error({}), HasSubstr("CHORUS_DEV_TOKENS: 'maybe' is not allowed; allowed: 1|true|0|false."));
}

TEST(CommandLine, lets_nobody_in_unchecked_from_outside_unless_asked_to_by_name) {
  for (auto const* host : {"0.0.0.0", "::", "192.168.1.7", "example.org"}) {
    auto const why = error({"--host", host});
    EXPECT_THAT(why, HasSubstr(host));
    EXPECT_THAT(why, HasSubstr("--token-key-file"));
    EXPECT_THAT(why, HasSubstr("--dev-tokens"));
    EXPECT_TRUE(config({"--host", host, "--dev-tokens"}).dev_tokens);
  }
  for (auto const* host : {"localhost", "127.0.0.1", "::1"}) EXPECT_EQ(config({"--host", host}).server.host, host);
}

TEST(CommandLine, reads_the_key_from_a_file_or_from_a_variable) {
  File const rsa(TestKey::rsa().public_pem());
  EXPECT_EQ(config({"--host", "0.0.0.0", "--token-key-file", rsa.path()}).verifier->description(), "RS256");
  File const ec(TestKey::ec().public_pem());
  Variable const file("CHORUS_TOKEN_KEY_FILE", ec.path().c_str());
  EXPECT_EQ(config({}).verifier->description(), "ES256");
}

TEST(CommandLine, reads_a_key_set_and_what_tokens_must_claim) {
  auto const key = TestKey::ec();
  File const set(R"({"keys":[{"kid":"k1",)" + key.jwk() + "}]}");
  auto const c = config({"--host", "0.0.0.0", "--jwks", set.path(), "--token-issuer", "https://issuer",
                         "--token-audience", "chat,other"});
  EXPECT_EQ(c.verifier->description(), "by the keys in " + set.path());
  auto const verify = [&](std::string const& claims) {
    return c.verifier->verify(identified_token(key, "ES256", "k1", claims), {}, 60s).has_value();
  };
  EXPECT_TRUE(verify(R"({"sub":"ada","iss":"https://issuer","aud":"other"})"));
  EXPECT_FALSE(verify(R"({"sub":"ada","iss":"https://issuer"})"));
  EXPECT_FALSE(verify(R"({"sub":"ada","aud":"chat"})"));
  EXPECT_THAT(error({"--jwks", "/nowhere"}), HasSubstr("--jwks: '/nowhere' cannot be used: No such file"));
  EXPECT_THAT(error({"--jwks", set.path(), "--token-key-file", set.path()}), HasSubstr("one of the two"));
  EXPECT_THAT(error({"--token-issuer", "x"}), HasSubstr("--jwks"));
}

TEST(CommandLine, lets_look_who_has_a_hash_of_a_password) {
  std::string const hash = "$2b$10$heqvAkYMez.Va6Et2uXInOnkCT6/uQj1brkrbyG3LpopDklcq7ZOS";
  EXPECT_EQ(config({}).admin.user, "");
  File const file(hash + "\n");
  auto const c = config({"--admin-user", "ann", "--admin-password-hash-file", file.path(), "--admin-readonly",
                         "--admin-production", "--cors-credentials"});
  EXPECT_EQ(c.admin.user, "ann");
  EXPECT_EQ(c.admin.password_hash, hash);
  EXPECT_TRUE(c.admin.readonly);
  EXPECT_TRUE(c.admin.production);
  EXPECT_TRUE(c.server.cors.credentials);

  EXPECT_THAT(error({"--admin-user", "ann"}), HasSubstr("--admin-user needs a password"));
  EXPECT_THAT(error({"--admin-readonly"}), HasSubstr("the Admin UI needs a user"));
  EXPECT_THAT(error({"--admin-password-hash-file", file.path()}), HasSubstr("the Admin UI needs a user"));
  EXPECT_THAT(error({"--admin-user", "ann", "--admin-password-hash-file", "/nowhere"}),
              HasSubstr("'/nowhere' cannot be read"));
  File const password("changeit\n");
  auto const why = error({"--admin-user", "ann", "--admin-password-hash-file", password.path()});
  EXPECT_THAT(why, HasSubstr("holds no bcrypt hash"));
  EXPECT_THAT(why, testing::Not(HasSubstr("changeit")));
  {
    Variable const variable("CHORUS_ADMIN_PASSWORD_HASH", hash.c_str());
    EXPECT_EQ(config({"--admin-user", "ann"}).admin.password_hash, hash);
  }
  Variable const variable("CHORUS_ADMIN_PASSWORD_HASH", "changeit");
  EXPECT_THAT(error({"--admin-user", "ann"}), HasSubstr("CHORUS_ADMIN_PASSWORD_HASH is no bcrypt hash"));
}

TEST(CommandLine, takes_a_secret_as_it_is_but_for_a_text_files_last_line_break) {
  std::string const secret = "0123456789abcdef0123456789abcdef";
  auto verifies = [](Config const& c, std::string const& key) {
    return c.verifier->verify(hs256_token(key, R"({"sub":"ada"})"), {}, 60s).has_value();
  };
  {
    Variable const variable("CHORUS_TOKEN_KEY", secret.c_str());
    EXPECT_TRUE(verifies(config({}), secret));
  }
  File const text(secret + "\n");
  EXPECT_TRUE(verifies(config({"--token-key-file", text.path()}), secret));
  std::string const binary = secret + "\x01\xff\n";
  File const bytes(binary);
  EXPECT_TRUE(verifies(config({"--token-key-file", bytes.path()}), binary));
}

TEST(CommandLine, says_what_is_wrong_with_a_key) {
  EXPECT_THAT(error({"--token-key-file", "/nowhere/key"}), HasSubstr("'/nowhere/key' cannot be read"));
  File const small("secret");
  EXPECT_THAT(error({"--token-key-file", small.path()}), HasSubstr("a secret of 6 bytes"));
  File const big(std::string(70'000, 'x'));
  EXPECT_THAT(error({"--token-key-file", big.path()}), HasSubstr("too big"));
  File const good(std::string(32, 'x'));
  EXPECT_THAT(error({"--token-key-file", good.path(), "--dev-tokens"}), HasSubstr("one of the two"));
  Variable const variable("CHORUS_TOKEN_KEY", "secret");
  auto const why = error({});
  EXPECT_THAT(why, HasSubstr("CHORUS_TOKEN_KEY"));
  EXPECT_EQ(why.find("'secret'"), std::string::npos) << "keys are not for screens";
}

TEST(CommandLine, takes_the_areas_of_debug_lines_in_one_list_or_several_and_from_a_variable) {
  EXPECT_EQ(config({}).log_debug, "");
  EXPECT_EQ(config({"--log-debug", "engine,/chat", "--log-debug", "cluster"}).log_debug, "engine,/chat,cluster");
  EXPECT_THAT(error({"--log-debug", "engine,chat"}),
              HasSubstr("--log-debug: 'chat' is not allowed; allowed: engine, cluster, /name, /begin* or *."));
  Variable const variable("CHORUS_LOG_DEBUG", "/room-*");
  EXPECT_EQ(config({}).log_debug, "/room-*");
}

TEST(CommandLine, helps) {
  auto const help = read_command_line({"serve", "--help"});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_FALSE(help.config);
  for (auto const* part :
       {"--port N (7999)", "--ping-interval TIME (25s)", "--log-level debug|info|warning|error (info)",
        "CHORUS_PING_INTERVAL", "Examples:", "Limits:", "--recovery TIME (0)"})
    EXPECT_THAT(help.output, HasSubstr(part));
  EXPECT_THAT(read_command_line({"--version"}).output, testing::MatchesRegex("chorus [0-9]+\\.[0-9]+\\.[0-9]+\n"));
}

TEST(CommandLine, wants_to_be_told_what_to_do) {
  for (std::vector<std::string> const& arguments : {std::vector<std::string>{}, {"sreve"}}) {
    auto const line = read_command_line(arguments);
    EXPECT_EQ(line.exit_code, exit_usage);
    EXPECT_THAT(line.error, HasSubstr("allowed: serve, status."));
  }
}

}  // namespace
}  // namespace chorus::app
