#include "load/tls_end.hpp"

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "support/certificates.hpp"

namespace load {
namespace {

/// OpenSSL's own server, with a certificate that nobody vouches for.
class Server {
 public:
  explicit Server(int version) : context_(SSL_CTX_new(TLS_server_method()), SSL_CTX_free) {
    SSL_CTX_set_min_proto_version(context_.get(), version);
    SSL_CTX_set_max_proto_version(context_.get(), version);
    SSL_CTX_use_certificate(context_.get(), identity_.certificate());
    SSL_CTX_use_PrivateKey(context_.get(), identity_.key());
    ssl_.reset(SSL_new(context_.get()), SSL_free);
    in_ = BIO_new(BIO_s_mem());
    out_ = BIO_new(BIO_s_mem());
    SSL_set_bio(ssl_.get(), in_, out_);
    SSL_set_accept_state(ssl_.get());
  }

  void take(std::string_view ciphertext) {
    BIO_write(in_, ciphertext.data(), static_cast<int>(ciphertext.size()));
    char room[4096];
    for (int size = 0; (size = SSL_read(ssl_.get(), room, sizeof room)) > 0;)
      heard.append(room, static_cast<std::size_t>(size));
  }
  void say(std::string_view text) { ASSERT_GT(SSL_write(ssl_.get(), text.data(), static_cast<int>(text.size())), 0); }
  std::string give() {
    auto const bytes = chorus::tls_test::contents(out_);
    BIO_reset(out_);
    return bytes;
  }

  std::string heard;

 private:
  chorus::tls_test::Identity identity_{"server"};
  std::shared_ptr<SSL_CTX> context_;
  std::shared_ptr<SSL> ssl_;
  BIO* in_ = nullptr;
  BIO* out_ = nullptr;
};

class TlsEnds : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Versions, TlsEnds, testing::Values(TLS1_2_VERSION, TLS1_3_VERSION));

TEST_P(TlsEnds, say_what_waited_for_the_handshake_and_hear_the_answer) {
  Server server(GetParam());
  TlsEnd client(make_tls_context());
  std::string to_say = "a request", wire, heard;
  for (int round = 0; round < 5 && !to_say.empty(); ++round) {
    client.give(to_say, wire);
    server.take(std::exchange(wire, {}));
    client.take(server.give(), heard);
  }
  EXPECT_EQ(to_say, "");
  EXPECT_EQ(server.heard, "a request");
  EXPECT_EQ(heard, "");
  std::string const answer(50'000, 'a');  // several records
  server.say(answer);
  auto const bytes = server.give();
  for (std::size_t at = 0; at < bytes.size(); at += 1'000)
    client.take(std::string_view(bytes).substr(at, 1'000), heard);
  EXPECT_EQ(heard, answer);
}

TEST(TlsEnd, throws_when_the_server_speaks_no_tls) {
  TlsEnd client(make_tls_context());
  std::string heard;
  EXPECT_THROW(client.take("HTTP/1.1 400 Bad Request\r\n\r\n", heard), std::runtime_error);
}

}  // namespace
}  // namespace load
