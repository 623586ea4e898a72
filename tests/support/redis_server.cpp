#include "support/redis_server.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <thread>

namespace chorus::testing {
namespace {

constexpr std::chrono::seconds start_max{20};
constexpr std::chrono::milliseconds between_looks{5};
constexpr int ports_tried_max = 5;

std::string made_folder() {
  auto pattern = (std::filesystem::temp_directory_path() / "chorus-redis-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder can be made");
  return pattern;
}

/// Free when looked at; somebody may be faster, so the start is tried with several.
std::uint16_t free_port() {
  int const probe = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  bool const bound = ::bind(probe, generic, size) == 0 && ::getsockname(probe, generic, &size) == 0;
  ::close(probe);
  if (!bound) throw std::runtime_error("no port is free");
  return ntohs(address.sin_port);
}

std::string read_file(std::string const& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace

RedisServer::RedisServer(Options options) : options_(std::move(options)), folder_(made_folder()) {
  if (options_.tls) write_certificate(certificate_file(), folder_ + "/key.pem");
  for (int i = 0; i < ports_tried_max; ++i) {
    port_ = free_port();
    if (try_to_start()) return;
  }
  auto const log = read_file(folder_ + "/log");
  std::filesystem::remove_all(folder_);
  throw std::runtime_error("redis-server does not start (script/bootstrap test installs it): " + log);
}

RedisServer::~RedisServer() {
  kill();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void RedisServer::start() {
  if (!try_to_start()) throw std::runtime_error("redis-server does not start again: " + read_file(folder_ + "/log"));
}

std::vector<std::string> RedisServer::command_line() const {
  std::string const port = std::to_string(port_);
  std::vector<std::string> line{"redis-server", "--port",    options_.tls ? "0" : port,
                                "--bind",       "127.0.0.1", "--unixsocket",
                                socket_path(),  "--save",    "",
                                "--appendonly", "no",        "--dir",
                                folder_,        "--logfile", folder_ + "/log",
                                "--daemonize",  "no"};
  if (options_.tls) {
    line.insert(line.end(),
                {"--tls-port", port, "--tls-cert-file", certificate_file(), "--tls-key-file", folder_ + "/key.pem",
                 "--tls-ca-cert-file", certificate_file(), "--tls-auth-clients", "no"});
  }
  for (std::string argument : options_.arguments) {
    if (auto const at = argument.find("{folder}"); at != std::string::npos) argument.replace(at, 8, folder_);
    line.push_back(argument);
  }
  return line;
}

bool RedisServer::try_to_start() {
  ::unlink(socket_path().c_str());
  auto const line = command_line();
  std::vector<char*> arguments;
  for (std::string const& argument : line) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  pid_t const parent = ::getpid();
  process_ = ::fork();
  if (process_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(1);
    ::execvp(arguments[0], arguments.data());
    ::_exit(127);
  }
  auto const deadline = std::chrono::steady_clock::now() + start_max;
  while (std::chrono::steady_clock::now() < deadline) {
    if (answers()) return true;
    if (::waitpid(process_, nullptr, WNOHANG) != 0) {
      process_ = -1;
      return false;
    }
    std::this_thread::sleep_for(between_looks);
  }
  kill();
  return false;
}

/// Any answer to a PING will do, a refusal too.
bool RedisServer::answers() {
  int const client = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, socket_path().c_str(), sizeof address.sun_path - 1);
  char answer = 0;
  bool const answered = ::connect(client, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
                        ::send(client, "PING\r\n", 6, MSG_NOSIGNAL) == 6 && ::recv(client, &answer, 1, 0) == 1;
  ::close(client);
  return answered;
}

void RedisServer::kill() {
  if (process_ < 0) return;
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
  process_ = -1;
}

void RedisServer::pause() {
  ::kill(process_, SIGSTOP);
  ::waitpid(process_, nullptr, WUNTRACED);
}

void RedisServer::resume() { ::kill(process_, SIGCONT); }

void write_certificate(std::string const& certificate_file, std::string const& key_file) {
  using File = std::unique_ptr<FILE, int (*)(FILE*)>;
  std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> const key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
  std::unique_ptr<X509, void (*)(X509*)> const certificate(X509_new(), &X509_free);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_set_version(certificate.get(), X509_VERSION_3);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 24 * 3600);
  X509_set_pubkey(certificate.get(), key.get());
  X509_NAME* const name = X509_get_subject_name(certificate.get());
  auto const* const common_name = reinterpret_cast<unsigned char const*>("localhost");
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, common_name, -1, -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  for (auto const& [kind, text] : std::array<std::pair<int, char const*>, 2>{
           {{NID_basic_constraints, "critical,CA:TRUE"}, {NID_subject_alt_name, "DNS:localhost"}}}) {
    X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, text);
    X509_add_ext(certificate.get(), extension, -1);
    X509_EXTENSION_free(extension);
  }
  X509_sign(certificate.get(), key.get(), EVP_sha256());
  File const certificate_out(std::fopen(certificate_file.c_str(), "w"), &std::fclose);
  File const key_out(std::fopen(key_file.c_str(), "w"), &std::fclose);
  if (!certificate_out || !key_out || PEM_write_X509(certificate_out.get(), certificate.get()) != 1 ||
      PEM_write_PrivateKey(key_out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    throw std::runtime_error("no certificate can be written to " + certificate_file);
  }
}

}  // namespace chorus::testing
