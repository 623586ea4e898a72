// CLI11's one home.
#include "app/command_line.hpp"

#include <CLI/CLI.hpp>
#include <sstream>

#include "app/typed_options.hpp"
#include "app/units.hpp"

namespace chorus::app {
namespace {

using std::chrono::milliseconds;

constexpr unsigned processes_max = 64;

/// Lines of a length that can be read; the formatter indents them.
std::string wrapped(std::string const& text) {
  constexpr std::size_t width = 76;
  std::string lines, word;
  std::size_t column = 0;
  std::istringstream words(text);
  while (words >> word) {
    bool const breaks = column > 0 && column + 1 + word.size() > width;
    if (column > 0) lines += breaks ? '\n' : ' ';
    column = breaks || column == 0 ? word.size() : column + 1 + word.size();
    lines += word;
  }
  return lines;
}

/// The options of `serve`, one kind of value after the other. Each takes its default from where it writes to.
class Options {
 public:
  explicit Options(CLI::App& app) : app_(app) {}

  void group(std::string name) { group_ = std::move(name); }

  void text(std::string const& name, std::string& target, std::string const& type, std::string const& help) {
    finish(app_.add_option(name, target, wrapped(help)), name, type, target);
  }

  template <class Number>
  void number(std::string const& name, Number& target, std::uint64_t least, std::uint64_t greatest,
              std::string const& help) {
    auto read = [=, &target](std::string const& value) {
      auto const parsed = parse_count(value);
      if (!parsed || *parsed < least || *parsed > greatest)
        refuse_value(name, value, "a number from " + std::to_string(least) + " to " + std::to_string(greatest));
      target = static_cast<Number>(*parsed);
    };
    finish(app_.add_option_function<std::string>(name, read, wrapped(help)), name, "N", std::to_string(target));
  }

  template <class Target>
  void duration(std::string const& name, Target& target, milliseconds least, milliseconds greatest,
                std::string const& help) {
    auto read = [=, &target](std::string const& value) {
      auto const parsed = parse_duration(value);
      if (!parsed || *parsed < least || *parsed > greatest)
        refuse_value(name, value,
                     "a time from " + (least.count() == 0 ? "0s" : format_duration(least)) + " to " +
                         format_duration(greatest) + ", as 500ms, 25s, 2m or 1h");
      target = std::chrono::duration_cast<Target>(*parsed);
    };
    finish(app_.add_option_function<std::string>(name, read, wrapped(help)), name, "TIME", format_duration(target));
  }

  void bytes(std::string const& name, std::size_t& target, std::size_t least, std::size_t greatest,
             std::string const& help) {
    auto read = [=, &target](std::string const& value) {
      auto const parsed = parse_bytes(value);
      if (!parsed || *parsed < least || *parsed > greatest)
        refuse_value(
            name, value,
            "a size from " + format_bytes(least) + " to " + format_bytes(greatest) + ", as 4096, 64K, 4M or 1G");
      target = *parsed;
    };
    finish(app_.add_option_function<std::string>(name, read, wrapped(help)), name, "SIZE", format_bytes(target));
  }

  template <class T>
  void choice(std::string const& name, T& target, std::vector<std::pair<std::string, T>> const& choices,
              std::string const& help) {
    std::string allowed, chosen;
    for (auto const& [word, value] : choices) {
      allowed += (allowed.empty() ? "" : "|") + word;
      if (value == target) chosen = word;
    }
    auto read = [=, &target](std::string const& value) {
      for (auto const& [word, meaning] : choices)
        if (word == value) {
          target = meaning;
          return;
        }
      refuse_value(name, value, allowed);
    };
    finish(app_.add_option_function<std::string>(name, read, wrapped(help)), name, allowed, chosen);
  }

  void flag(std::string const& name, bool& target, std::string const& help) {
    if (char const* const text = std::getenv(variable_of(name).c_str())) {
      std::string const value(text);
      if (value != "" && value != "1" && value != "true" && value != "0" && value != "false")
        refuse_value(name, value, "1|true|0|false");
    }
    bool const is_on = target;
    app_.add_flag(name, target, wrapped(help))
        ->envname(variable_of(name))
        ->group(group_)
        ->option_text(" ")
        ->disable_flag_override();
    if (!is_on) return;
    app_.add_flag_callback(
            "--no-" + name.substr(2), [&target] { target = false; }, "or not")
        ->group(group_)
        ->option_text(" ");
  }

  void list(std::string const& name, std::vector<std::string>& target, std::string const& type,
            std::string const& help) {
    auto* const option = app_.add_option(name, target, wrapped(help))->delimiter(',')->expected(1);
    finish(option, name, type, "");
    option->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  }

 private:
  void finish(CLI::Option* option, std::string const& name, std::string const& type, std::string const& value) {
    // A script's own argument gives way to what its caller adds.
    option->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
    option->envname(variable_of(name))->group(group_)->option_text(type + (value.empty() ? "" : " (" + value + ")"));
  }

  CLI::App& app_;
  std::string group_;
};

void add_main_options(Options& options, Config& config, Typed& typed) {
  auto& server = config.server;
  options.group("Where it listens, what it serves");
  options.number("--port", server.port, 0, 65535, "TCP port; 0 takes any free one");
  options.text("--host", server.host, "ADDRESS",
               "localhost is this machine only, on IPv4 and IPv6; 0.0.0.0 is everybody who can reach it");
  options.number("--processes", config.processes, 1, processes_max,
                 "processes that serve, each with threads of its own, under a supervisor that replaces what crashes");
  options.number("--workers", server.workers, 0, 64,
                 "threads that serve, in each process; 0 is one per core, divided among the processes");
  options.text("--redis", config.redis, "URL",
               "the Redis that several processes and machines share; without it, more than one process starts a "
               "private redis-server");
  options.text("--web", server.web_root, "FOLDER", "static files, the chat page; found by itself if not given");
  options.list("--cors-origin", server.cors.origins, "ORIGIN",
               "web page origins besides the server's own that may connect; again for more, or * for any");
  options.flag("--cors-credentials", server.cors.credentials,
               "their pages may send cookies and the like, as https://admin.socket.io does");
  options.flag("--allow-eio3", server.allow_eio3,
               "serve clients of Socket.IO 1 and 2 as well, which speak Engine.IO 3 (this is so by itself),");
  using Parser = ServerOptions::Parser;
  options.choice("--parser", server.parser,
                 {{"auto", Parser::automatic}, {"json", Parser::json}, {"msgpack", Parser::msgpack}},
                 "how clients write packets: as each one's first packet shows, or all of them in one way");
  options.choice("--io-uring", server.io_uring,
                 {{"auto", ServerOptions::IoUring::automatic}, {"off", ServerOptions::IoUring::off}},
                 "batch system calls by io_uring where the kernel allows it");

  options.group("Who may come in");
  options.text("--token-key-file", typed.key_file, "FILE",
               "check tokens (JWT) with this key: a public key in PEM (RSA for RS256, EC for ES256, ES384 or ES512 by "
               "its curve, "
               "Ed25519 for EdDSA), else a secret of 32 bytes or more for HS256; or the key itself in the variable "
               "CHORUS_TOKEN_KEY");
  options.text("--jwks", typed.jwks_file, "FILE",
               "check tokens with the keys of this set (JWKS), by their ids; it is read again within 10s when it has "
               "changed, and within 1s when a token has a key that is not known");
  options.text("--token-issuer", typed.wanted.issuer, "TEXT", "who must have issued a token (iss)");
  options.list("--token-audience", typed.wanted.audiences, "TEXT",
               "for whom a token must be (aud); again for more, of which one will do");
  options.duration("--token-leeway", config.token_leeway, milliseconds(0), std::chrono::hours(1),
                   "what clocks may differ by when a token's expiry is checked");
  options.flag("--dev-tokens", config.dev_tokens,
               "take any token, id is the user; without a key this is so on localhost, elsewhere only with this flag");

  options.group("What it says");
  options.choice("--lang", config.language, {{"en", Language::english}, {"fr", Language::french}},
                 "language of the texts clients get");
  options.choice("--log-level", config.log_level,
                 {{"debug", LogLevel::debug},
                  {"info", LogLevel::info},
                  {"warning", LogLevel::warning},
                  {"error", LogLevel::error}},
                 "least important lines to write, to standard error");
  options.list("--log-debug", typed.log_debug, "AREA",
               "write debug lines of these parts, whatever the level: engine (connections), cluster (messages of "
               "Redis), /name (a namespace), /begin* (all whose names begin so), * (everything)");
  options.choice("--log-format", config.log_format, {{"text", LogFormat::text}, {"json", LogFormat::json}},
                 "one line an event, for people or for programs");
}

void add_tls(Options& options, Config& config, Typed& typed) {
  using namespace std::chrono_literals;
  auto& tls = config.server.tls;
  options.group("TLS (HTTPS and WSS)");
  options.text("--tls-cert", tls.certificate.chain_file, "FILE",
               "serve HTTPS with this certificate: PEM, the server's own first, then those that vouch for it");
  options.text("--tls-key", tls.certificate.key_file, "FILE", "its key, in PEM; without it, the key is in --tls-cert");
  options.text("--tls-pfx", tls.certificate.pfx_file, "FILE", "both in one PKCS #12 file");
  options.text("--tls-passphrase-file", typed.passphrase_file, "FILE",
               "holds the passphrase of the key; or the passphrase itself in the variable CHORUS_TLS_PASSPHRASE");
  options.list("--tls-further", typed.further, "FILE",
               "a certificate with its key (PEM) for other host names, which clients ask for; again for more");
  using Clients = TlsSettings::ClientCertificates;
  options.choice("--tls-client-certs", tls.client_certificates,
                 {{"none", Clients::none}, {"request", Clients::request}, {"require", Clients::require}},
                 "clients' certificates: not asked for, asked for, or nobody comes in without");
  options.text("--tls-client-ca", tls.client_ca_file, "FILE", "who vouches for clients' certificates (PEM)");
  options.choice("--tls-version-min", tls.version_min,
                 {{"1.2", TlsSettings::Version::tls_1_2}, {"1.3", TlsSettings::Version::tls_1_3}},
                 "oldest version of TLS to speak");
  options.duration("--tls-handshake-timeout", tls.handshake_timeout, 100ms, 10min, "until a client has shaken hands");
  options.duration("--tls-watch-interval", config.tls_watch_interval, 0ms, 24h,
                   "how often the files are looked at: when they were replaced, new connections get what they hold; "
                   "0s is never");
}

void add_admin(Options& options, Config& config, Typed& typed) {
  auto& admin = config.admin;
  options.group("Admin UI (https://admin.socket.io)");
  options.text("--admin-user", admin.user, "NAME",
               "let this user look at the server, at the namespace /admin; without it, nobody can");
  options.text("--admin-password-hash-file", typed.admin_hash_file, "FILE",
               "holds the bcrypt hash of the password ($2a$, $2b$ or $2y$); or the hash itself in the variable "
               "CHORUS_ADMIN_PASSWORD_HASH");
  options.flag("--admin-readonly", admin.readonly, "nobody can emit, move between rooms or disconnect there");
  options.flag("--admin-production", admin.production,
               "tell it counts only, not of each client, room and event: for many clients");
}

void add_limits(Options& options, Config& config) {
  using namespace std::chrono_literals;
  auto& server = config.server;
  options.group("Limits");
  options.bytes("--message-bytes-max", server.message_bytes_max, 1024, 100u << 20, "of one message from a client");
  options.bytes("--head-bytes-max", server.head_bytes_max, 1024, 1u << 20, "of a request's line and headers");
  options.bytes("--backlog-bytes-max", server.backlog_bytes_max, 64u << 10, 1u << 30,
                "unsent to one client; a slower one is disconnected");
  options.number("--connections-max", server.connections_max, 0, 10'000'000,
                 "open at once; 0 is as many as descriptors allow");
  options.number("--attachments-max", server.attachments_max, 0, 1000, "binary attachments of one packet");
  options.number("--json-depth-max", server.json_depth_max, 1, 1024, "arrays and objects inside each other");
  options.number("--rooms-max", server.rooms_max, 1, 1'000'000, "rooms one connection may be in");
  options.number("--namespaces-max", server.namespaces_max, 1, 10'000, "namespaces one client may join");

  options.group("Times");
  options.duration("--ping-interval", server.ping_interval, 100ms, 1h, "between two pings to a client");
  options.duration("--ping-timeout", server.ping_timeout, 100ms, 1h, "for the answer; later, the client is gone");
  options.duration("--upgrade-timeout", server.upgrade_timeout, 100ms, 10min, "for polling to become a WebSocket");
  options.duration("--connect-timeout", server.connect_timeout, 100ms, 10min, "until a client joins a namespace");
  options.duration("--headers-timeout", server.headers_timeout, 100ms, 10min, "until a request's headers are there");
  options.duration("--request-timeout", server.request_timeout, 100ms, 1h, "until a whole request is there");
  options.duration("--keep-alive-timeout", server.keep_alive_timeout, 100ms, 1h, "of an idle HTTP connection");
  options.duration("--drain-timeout", server.drain_timeout, 0ms, 10min, "at the end: for what is still to be sent");
  options.duration("--start-timeout", config.start_timeout, 100ms, 10min,
                   "for a process to serve; later, it is killed");
}

void add_recovery(Options& options, Config& config, Typed& typed) {
  using namespace std::chrono_literals;
  auto& recovery = config.server.connection_state_recovery;
  options.group("Clients that come back");
  options.duration("--recovery", recovery.max_disconnection, 0ms, 24h,
                   "a client whose connection broke, and who is back at its process within this time, goes on where it "
                   "was and hears what it missed; 0s is never");
  options.flag("--recovery-recheck", typed.recovery_recheck,
               "look at its token again; else it counts as it was shown first");
  options.number("--recovery-sessions-max", recovery.sessions_max, 1, 10'000'000,
                 "kept in each process for clients that are away; beyond, the oldest goes");
  options.number("--recovery-packets-max", recovery.packets_max, 1, 100'000'000,
                 "kept in each process of what is emitted; beyond, the oldest go");
  options.bytes("--recovery-bytes-max", recovery.bytes_max, 64u << 10, std::size_t{16} << 30, "of these packets");
}

void add_compression(Options& options, Config& config) {
  auto& deflate = config.server.per_message_deflate;
  auto& http = config.server.http_compression;
  options.group("Compression");
  options.flag("--per-message-deflate", deflate.enabled, "of WebSocket messages, with clients that offer it");
  options.bytes("--deflate-threshold", deflate.threshold, 0, 100u << 20,
                "smaller WebSocket messages go out as they are");
  options.number("--deflate-level", deflate.level, 1, 9, "from the fastest to the smallest");
  options.flag("--deflate-context-takeover", deflate.context_takeover,
               "messages refer back to earlier ones: small ones become smaller, but each connection takes up to 300K, "
               "and a message to many is compressed for each");
  options.choice("--http-compression", http.enabled, {{"on", true}, {"off", false}},
                 "of answers to polling, and of static files, with clients that accept it");
  options.bytes("--http-compression-threshold", http.threshold, 0, 100u << 20,
                "smaller answers to polling go out as they are");
}

void add_running_options(Options& options, Config& config, Typed& typed) {
  options.group("How it runs");
  options.flag("--takeover", config.takeover,
               "replace the own instance that serves the port: take its listening sockets, and tell it to end when "
               "this one is ready; no connection fails");
  options.flag("--no-supervisor", typed.no_supervisor, "one process in the foreground; nobody replaces it");
  options.flag("--test-placement", config.server.test_placement,
               "for tests: a query parameter worker=N chooses the worker of a connection");
}

void add_status_options(Options& options, StatusQuery& status) {
  options.group("Options");
  options.number("--port", status.port, 1, 65535, "the port it serves");
  options.flag("--json", status.json, "for programs");
}

constexpr char const* examples = R"(
Each option can be set by a variable too: --ping-interval by CHORUS_PING_INTERVAL, and so on.
TIME is 500ms, 25s, 2m or 1h; SIZE is 4096, 64K, 4M or 1G. In brackets: the default.

Examples:
  chorus serve
      the chat on http://localhost:7999, one worker per core
  chorus serve --host 0.0.0.0 --dev-tokens
      for the phones of the local network; anybody is who they say
  chorus serve --host 0.0.0.0 --port 80 --token-key-file public.pem --log-format json
      tokens signed by the holder of the private key; logs for programs
  chorus serve --host 0.0.0.0 --port 443 --tls-cert chain.pem --tls-key key.pem --token-key-file public.pem
      over HTTPS; new certificates are taken up as soon as the files are replaced
  chorus serve --processes 4
      four processes; `chorus status` shows them, SIGHUP replaces them one after another
  chorus serve --admin-user ann --admin-password-hash-file hash --cors-origin https://admin.socket.io --cors-credentials
      ann looks at it with the Admin UI that is hosted there
)";

CommandLine ended(int code, std::string output, std::string error) {
  CommandLine line;
  line.exit_code = code;
  line.output = std::move(output);
  line.error = std::move(error);
  return line;
}

CommandLine asked_for_status(StatusQuery const& status) {
  CommandLine line;
  line.status = status;
  return line;
}

CommandLine wrong(std::string sentence) {
  return ended(exit_usage, {}, "chorus: " + std::move(sentence) + "\nSee `chorus serve --help`.\n");
}

}  // namespace

CommandLine read_command_line(std::vector<std::string> arguments) {
  Config config;
  config.server.port = default_port;
  config.server.allow_eio3 = true;  // the clients of the system this chat comes from
  Typed typed;

  CLI::App app("A multi-core Socket.IO server with a chat.", "chorus");
  app.set_version_flag("--version", std::string("chorus ") + CHORUS_VERSION);
  app.require_subcommand(1);
  auto& serve = *app.add_subcommand("serve", "Serve the chat until SIGTERM or SIGINT.");
  serve.footer(examples);
  StatusQuery status;
  auto& status_command = *app.add_subcommand("status", "Show the processes of the instance on a port.");
  app.footer("\nSee `chorus serve --help` for its options.\n");
  for (auto* each : {&app, &serve, &status_command}) each->get_formatter()->column_width(40);
  Options options(serve), status_options(status_command);

  std::reverse(arguments.begin(), arguments.end());  // CLI11 takes them from the back
  try {
    add_main_options(options, config, typed);
    add_admin(options, config, typed);
    add_tls(options, config, typed);
    add_limits(options, config);
    add_recovery(options, config, typed);
    add_compression(options, config);
    add_running_options(options, config, typed);
    add_status_options(status_options, status);
    app.parse(std::move(arguments));
    if (status_command) return asked_for_status(status);
    complete(config, typed);
  } catch (UsageError const& error) {
    return wrong(error.sentence);
  } catch (CLI::CallForHelp const&) {
    return ended(0, app.help(), {});
  } catch (CLI::CallForVersion const& version) {
    return ended(0, std::string(version.what()) + "\n", {});
  } catch (CLI::ArgumentMismatch const& error) {
    // "--port: 1 required TEXT missing", "dev-tokens was given a disallowed flag override"
    std::string what(error.what());
    what.erase(0, what.find_first_not_of('-'));
    auto const name = what.substr(0, what.find_first_of(": "));
    bool const is_flag = what.find("override") != std::string::npos;
    return wrong("--" + name + (is_flag ? ": takes no value." : ": takes one value."));
  } catch (CLI::RequiredError const&) {
    return wrong("it must be told what to do; allowed: serve, status.");
  } catch (CLI::ParseError const& error) {
    return wrong(std::string(error.what()) + ".");
  }
  CommandLine line;
  line.config = std::move(config);
  return line;
}

}  // namespace chorus::app
