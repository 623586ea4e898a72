#include "app/serve.hpp"

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <stdexcept>

#include "app/chat.hpp"
#include "app/health.hpp"
#include "app/log_sink.hpp"
#include "app/network.hpp"
#include "app/start_notice.hpp"

namespace chorus::app {
namespace {

StartFacts facts_of(Config const& config, Server const& server) {
  StartFacts facts;
  facts.host = config.server.host;
  facts.port = server.port();
  facts.workers = server.workers();
  facts.io_uring = server.stats().io_uring;
  facts.io_uring_wanted = config.server.io_uring != ServerOptions::IoUring::off;
  facts.descriptors = descriptor_limit();
  if (config.verifier) facts.token_algorithm = to_text(config.verifier->algorithm());
  facts.web_root = config.server.web_root;
  if (is_any_address(config.server.host)) facts.lan_addresses = lan_addresses();
  return facts;
}

}  // namespace

std::string find_web_root() {
  namespace fs = std::filesystem;
  std::error_code error;
  auto const program = fs::read_symlink("/proc/self/exe", error);
  for (auto const& folder : {fs::path("web"), program.parent_path() / "../share/chorus/web"})
    if (fs::is_regular_file(folder / "index.html", error)) return folder.lexically_normal().string();
  return {};
}

int serve(Config config) {
  start_logging(config.log_level, config.log_format);
  std::signal(SIGPIPE, SIG_IGN);  // whoever reads our output may go away
  if (config.server.web_root.empty()) config.server.web_root = find_web_root();
  try {
    Server server(config.server);
    Chat chat(server, {.authenticator = Authenticator(
                           {.verifier = config.verifier, .leeway = config.token_leeway, .language = config.language})});
    add_health_route(server);
    return server.run([&] {
      std::fputs(start_notice(facts_of(config, server)).c_str(), stdout);
      std::fflush(stdout);
    });
  } catch (std::runtime_error const& error) {
    std::fprintf(stderr, "chorus: %s\n", error.what());
    return exit_failure;
  }
}

}  // namespace chorus::app
