#include "app/start_notice.hpp"

#include "app/network.hpp"

namespace chorus::app {
namespace {

std::string url(std::string_view host, StartFacts const& facts) {
  std::string text = facts.encrypted ? "https://" : "http://";
  bool const is_ipv6 = host.find(':') != std::string_view::npos;
  text.append(is_ipv6 ? "[" : "").append(host).append(is_ipv6 ? "]" : "");
  return text + ":" + std::to_string(facts.port);
}

std::string where(StartFacts const& facts) {
  bool const is_any = is_any_address(facts.host);
  std::string const here = url(is_any ? "localhost" : facts.host, facts);
  std::string lines = facts.web_root.empty() ? "  Clients:      " + here + " (no web page: --web FOLDER serves one)\n"
                                             : "  Open:         " + here + "\n";
  if (!is_any) return lines;
  if (facts.lan_addresses.empty()) return lines + "  On a phone:   no address found that other devices could reach\n";
  for (auto const& address : facts.lan_addresses) lines += "  On a phone:   " + url(address, facts) + "\n";
  return lines;
}

std::string workers(StartFacts const& facts) {
  auto const each = std::to_string(facts.workers);
  return facts.processes == 1 ? each : each + " in each of " + std::to_string(facts.processes) + " processes";
}

std::string io_uring(StartFacts const& facts) {
  if (facts.io_uring) return "in use";
  return facts.io_uring_wanted ? "not available here, plain system calls instead" : "off";
}

std::string tokens(StartFacts const& facts) {
  if (!facts.token_check.empty()) return "  Tokens:       checked, " + facts.token_check + "\n";
  std::string lines = "  Tokens:       NOT CHECKED (development mode): anybody is who they say\n";
  if (is_loopback(facts.host))
    lines += "  For devices on the local network: chorus serve --host 0.0.0.0 --dev-tokens\n";
  return lines;
}

}  // namespace

std::string start_notice(StartFacts const& facts) {
  return "Listening on port " + std::to_string(facts.port) + ".\n" + where(facts) +
         "  Workers:      " + workers(facts) + "\n" +   //
         "  io_uring:     " + io_uring(facts) + "\n" +  //
         "  Descriptors:  " + std::to_string(facts.descriptors) + " (about as many connections)\n" + tokens(facts);
}

}  // namespace chorus::app
