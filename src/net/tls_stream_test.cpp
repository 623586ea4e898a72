#include "net/tls_stream.hpp"

#include <gmock/gmock.h>

#include <functional>

#include "net/tls_test_support.hpp"

namespace chorus::net {
namespace {

using tls_test::Identity;
using tls_test::TlsClientOptions;
using State = TlsStream::State;

class TlsStreams : public ::testing::TestWithParam<int> {
 protected:
  TlsClientOptions options() const {
    return {.trusted = &files_.authority, .host = "localhost", .version = GetParam()};
  }
  TlsFiles files_;
};
INSTANTIATE_TEST_SUITE_P(Version, TlsStreams, ::testing::Values(TLS1_2_VERSION, TLS1_3_VERSION),
                         [](auto const& each) { return each.param == TLS1_2_VERSION ? "tls_1_2" : "tls_1_3"; });

TEST_P(TlsStreams, shake_hands_and_carry_words_in_both_directions) {
  TlsDialogue dialogue(files_.load(), options());
  dialogue.talk();
  ASSERT_TRUE(dialogue.server.established());
  ASSERT_TRUE(dialogue.client.established());
  dialogue.client.say("GET /");
  dialogue.talk();
  EXPECT_EQ(dialogue.received, "GET /");
  Collected answer;
  ASSERT_TRUE(dialogue.server.encrypt("200", answer));
  EXPECT_EQ(answer.bytes.find("200"), std::string::npos);
  dialogue.client.take(answer.bytes);
  EXPECT_EQ(dialogue.client.received, "200");
}

TEST_P(TlsStreams, understand_what_comes_byte_by_byte) {
  TlsDialogue dialogue(files_.load(), options());
  dialogue.talk(1);
  ASSERT_TRUE(dialogue.server.established());
  dialogue.client.say("word");
  dialogue.client.say("after word");
  dialogue.talk(1);
  EXPECT_EQ(dialogue.received, "wordafter word");
}

TEST_P(TlsStreams, carry_a_megabyte_whole_in_whatever_pieces_it_comes) {
  std::string megabyte(1 << 20, 'm');
  for (std::size_t i = 0; i < megabyte.size(); i += 997) megabyte[i] = static_cast<char>(i);
  for (std::size_t const piece : {std::size_t{1} << 14, std::size_t{4'099}, std::size_t{16'389}}) {
    TlsDialogue dialogue(files_.load(), options());
    dialogue.talk();
    dialogue.client.say(megabyte);
    dialogue.tell_server(dialogue.client.take_output(), piece);
    EXPECT_TRUE(dialogue.received == megabyte);
    Collected answer;
    ASSERT_TRUE(dialogue.server.encrypt(megabyte, answer));
    dialogue.client.take(answer.bytes);
    EXPECT_TRUE(dialogue.client.received == megabyte);
  }
}

TEST_P(TlsStreams, a_goodbye_ends_what_comes_and_not_what_goes) {
  TlsDialogue dialogue(files_.load(), options());
  dialogue.talk();
  dialogue.client.say("last");
  SSL_shutdown(dialogue.client.ssl());
  dialogue.tell_server(dialogue.client.take_output());
  EXPECT_EQ(dialogue.received, "last");
  EXPECT_EQ(dialogue.server.state(), State::ended);
  Collected answer;
  EXPECT_TRUE(dialogue.server.encrypt("answer", answer));
  dialogue.server.say_goodbye();
  dialogue.client.take(answer.bytes + dialogue.server.take_pending());
  EXPECT_EQ(dialogue.client.received, "answer");
  EXPECT_TRUE(dialogue.client.ended);
}

TEST_P(TlsStreams, a_changed_byte_fails_with_an_alert) {
  TlsDialogue dialogue(files_.load(), options());
  dialogue.talk();
  dialogue.client.say("0123456789");
  auto bytes = dialogue.client.take_output();
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  dialogue.tell_server(bytes);
  EXPECT_EQ(dialogue.server.state(), State::failed);
  EXPECT_EQ(dialogue.received, "");
  dialogue.client.take(dialogue.server.take_pending());
  EXPECT_TRUE(dialogue.client.failed) << "an alert";
  Collected answer;
  EXPECT_FALSE(dialogue.server.encrypt("more", answer));
  dialogue.server.say_goodbye();
  EXPECT_FALSE(dialogue.server.has_pending());
}

TEST_P(TlsStreams, cut_anywhere_wait_for_more) {
  TlsDialogue whole(files_.load(), options());
  whole.client.go_on();
  auto const hello = whole.client.take_output();
  for (std::size_t size = 0; size < hello.size(); size += 7) {
    TlsDialogue dialogue(files_.load(), options());
    dialogue.tell_server(Bytes(hello).substr(0, size));
    EXPECT_EQ(dialogue.server.state(), State::open) << size;
    EXPECT_FALSE(dialogue.server.established());
  }
}

TEST_P(TlsStreams, nothing_is_encrypted_before_the_handshake_is_done) {
  TlsStream stream(files_.load());
  Collected sink;
  EXPECT_FALSE(stream.encrypt("early", sink));
  stream.say_goodbye();
  EXPECT_EQ(sink.bytes, "");
  EXPECT_FALSE(stream.has_pending());
}

TEST_P(TlsStreams, agree_on_http_1_1_and_on_nothing_else) {
  auto offer = options();
  offer.protocol = "http/1.1";
  TlsDialogue dialogue(files_.load(), offer);
  dialogue.talk();
  EXPECT_EQ(dialogue.client.protocol(), "http/1.1");
  offer.protocol = "h2";
  TlsDialogue other(files_.load(), offer);
  other.talk();
  EXPECT_EQ(other.server.state(), State::failed);
  EXPECT_THAT(other.client.error, ::testing::HasSubstr("no application protocol"));
}

TEST_P(TlsStreams, the_certificate_is_the_one_for_the_host_that_is_asked_for) {
  Identity const chat("chat", {"chat.example"}, &files_.authority);
  Identity const wild("wild", {"*.example.net"}, &files_.authority);
  for (auto const* each : {&chat, &wild})
    files_.settings.further.push_back(
        {.chain_file = files_.folder.write(each == &chat ? "chat" : "wild", each->certificate_pem() + each->key_pem()),
         .key_file = {},
         .pfx_file = {},
         .passphrase = {}});
  auto const context = files_.load();
  auto const shown = [&](std::string const& host) {
    auto asking = options();
    asking.host = host;
    TlsDialogue dialogue(context, asking);
    dialogue.talk();
    EXPECT_TRUE(dialogue.server.established()) << host;
    return dialogue.client.server_name();
  };
  EXPECT_EQ(shown("chat.example"), "chat");
  EXPECT_EQ(shown("CHAT.example"), "chat");
  EXPECT_EQ(shown("a.example.net"), "wild");
  EXPECT_EQ(shown("localhost"), "server");
  EXPECT_EQ(shown("unknown.example"), "server");
  EXPECT_EQ(shown(""), "server");
}

TEST_P(TlsStreams, a_session_is_taken_up_by_any_server_with_the_same_secret) {
  auto const first = files_.load("shared");
  TlsDialogue dialogue(first, options());
  dialogue.talk();
  EXPECT_FALSE(dialogue.server.resumed());
  auto again = options();
  again.session = SSL_get1_session(dialogue.client.ssl());
  auto const taken_up = [&](std::shared_ptr<TlsContext const> const& context) {
    TlsDialogue next(context, again);
    next.talk();
    EXPECT_TRUE(next.server.established());
    EXPECT_EQ(next.server.resumed(), next.client.resumed());
    return next.server.resumed();
  };
  EXPECT_TRUE(taken_up(first));
  EXPECT_TRUE(taken_up(files_.load("shared"))) << "another process, or after a reload";
  EXPECT_FALSE(taken_up(files_.load("of its own")));
  files_.settings.session_tickets = false;
  EXPECT_FALSE(taken_up(files_.load("shared")));
  files_.settings.session_tickets = true;
  files_.settings.client_certificates = TlsSettings::ClientCertificates::request;
  EXPECT_FALSE(taken_up(files_.load("shared"))) << "other rules";
  SSL_SESSION_free(again.session);
}

TEST_P(TlsStreams, a_client_is_who_its_certificate_says) {
  using Clients = TlsSettings::ClientCertificates;
  Identity const anna("Anna Ångström", {}, &files_.authority);
  Identity const stranger("Anna Ångström");  // nobody else vouches for it
  files_.settings.client_ca_file = files_.folder.write("ca.pem", files_.authority.certificate_pem());
  auto const seen = [&](Clients wish, Identity const* shown) {
    files_.settings.client_certificates = wish;
    auto showing = options();
    showing.identity = shown;
    auto dialogue = std::make_unique<TlsDialogue>(files_.load(), showing);
    dialogue->talk();
    return dialogue;
  };
  auto const known = seen(Clients::require, &anna);
  EXPECT_EQ(known->server.peer().subject, "CN=Anna Ångström");
  EXPECT_TRUE(known->server.peer().verified);
  EXPECT_EQ(seen(Clients::require, nullptr)->server.state(), State::failed);
  EXPECT_EQ(seen(Clients::require, &stranger)->server.state(), State::failed);
  EXPECT_TRUE(seen(Clients::request, &anna)->server.peer().verified);
  auto const unknown = seen(Clients::request, &stranger);
  EXPECT_TRUE(unknown->server.established());
  EXPECT_EQ(unknown->server.peer().subject, "CN=Anna Ångström");
  EXPECT_FALSE(unknown->server.peer().verified);
  EXPECT_EQ(seen(Clients::request, nullptr)->server.peer().subject, "");
  EXPECT_EQ(seen(Clients::none, &anna)->server.peer().subject, "");

  auto taken_up = options();
  taken_up.identity = &anna;
  taken_up.session = SSL_get1_session(known->client.ssl());
  files_.settings.client_certificates = Clients::require;
  TlsDialogue again(files_.load(), taken_up);
  again.talk();
  SSL_SESSION_free(taken_up.session);
  EXPECT_TRUE(again.server.resumed());
  EXPECT_EQ(again.server.peer().subject, "CN=Anna Ångström") << "the ticket holds it";
  EXPECT_TRUE(again.server.peer().verified);
}

TEST(TlsStream, keys_that_are_renewed_are_followed) {
  TlsFiles const files;
  TlsDialogue dialogue(files.load());
  dialogue.talk();
  ASSERT_EQ(SSL_key_update(dialogue.client.ssl(), SSL_KEY_UPDATE_REQUESTED), 1);
  dialogue.client.say("with new keys");
  dialogue.talk();
  EXPECT_EQ(dialogue.received, "with new keys");
  Collected answer;
  ASSERT_TRUE(dialogue.server.encrypt("so do I", answer));
  dialogue.client.take(answer.bytes);
  EXPECT_EQ(dialogue.client.received, "so do I");
}

TEST(TlsStream, a_second_handshake_is_refused) {
  TlsFiles const files;
  TlsDialogue dialogue(files.load(), {.version = TLS1_2_VERSION});
  dialogue.talk();
  ASSERT_EQ(SSL_renegotiate(dialogue.client.ssl()), 1);
  SSL_do_handshake(dialogue.client.ssl());
  dialogue.tell_server(dialogue.client.take_output());
  dialogue.client.take(dialogue.server.take_pending());
  EXPECT_TRUE(dialogue.client.failed);
  EXPECT_THAT(dialogue.client.error, ::testing::HasSubstr("no renegotiation"));
}

TEST(TlsStream, what_is_no_tls_fails_at_once) {
  TlsFiles const files;
  for (Bytes const words : {Bytes("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), Bytes("\x16\x03\x01\xff\xff", 5),
                            Bytes("\0\0\0\0\0\0\0\0\0\0\0\0", 12), Bytes("\x17\x03\x03\0\1x", 6)}) {
    TlsDialogue dialogue(files.load());
    dialogue.tell_server(words);
    EXPECT_EQ(dialogue.server.state(), State::failed);
    EXPECT_EQ(dialogue.received, "");
  }
}

TEST(TlsStream, an_older_version_than_allowed_fails) {
  TlsFiles files;
  files.settings.version_min = TlsSettings::Version::tls_1_3;
  TlsDialogue dialogue(files.load(), {.version = TLS1_2_VERSION});
  dialogue.talk();
  EXPECT_EQ(dialogue.server.state(), State::failed);
  EXPECT_THAT(dialogue.client.error, ::testing::HasSubstr("protocol version"));
}

// ---- files

std::string fault(TlsFiles const& files) {
  try {
    files.load();
  } catch (std::runtime_error const& error) {
    return error.what();
  }
  return {};
}

TEST(TlsContext, a_pkcs12_file_stands_for_certificate_and_key) {
  TlsFiles files;
  files.settings.certificate = {.chain_file = {},
                                .key_file = {},
                                .pfx_file = files.folder.write("server.pfx", files.server.pkcs12("open sesame")),
                                .passphrase = "open sesame"};
  TlsDialogue dialogue(files.load(), {.trusted = &files.authority});
  dialogue.talk();
  EXPECT_TRUE(dialogue.server.established());
  files.settings.certificate.passphrase = "wrong";
  EXPECT_THAT(fault(files), ::testing::StartsWith("tls.certificate.pfx_file: '" + files.folder.path("server.pfx") +
                                                  "' cannot be read as PKCS #12 (with this passphrase): "));
}

TEST(TlsContext, a_key_may_need_a_passphrase) {
  TlsFiles files;
  files.folder.write("server.key", files.server.key_pem("open sesame"));
  EXPECT_THAT(fault(files), ::testing::HasSubstr("holds no key that can be read (in PEM, with this passphrase)"));
  files.settings.certificate.passphrase = "open sesame";
  EXPECT_EQ(fault(files), "");
}

TEST(TlsContext, says_which_option_and_file_it_cannot_use) {
  using Break = std::function<void(TlsFiles&)>;
  struct Case {
    Break break_it;
    std::string sentence;
  };
  for (auto const& [break_it, sentence] : std::vector<Case>{
           {[](TlsFiles& f) { f.settings.certificate.chain_file = f.folder.path("none"); },
            "tls.certificate.chain_file: 'FOLDER/none' cannot be read: No such file or directory"},
           {[](TlsFiles& f) { f.settings.certificate.chain_file = f.folder.path(""); },
            "tls.certificate.chain_file: 'FOLDER/' cannot be read: Is a directory"},
           {[](TlsFiles& f) { f.folder.write("server.pem", "?"); },
            "tls.certificate.chain_file: 'FOLDER/server.pem' holds no certificate in PEM"},
           {[](TlsFiles& f) { f.folder.write("server.pem", std::string(2u << 20, ' ')); },
            "tls.certificate.chain_file: 'FOLDER/server.pem' is larger than 1 MiB"},
           {[](TlsFiles& f) { f.folder.write("server.pem", f.server.certificate_pem().insert(60, "?")); },
            "tls.certificate.chain_file: 'FOLDER/server.pem' holds a certificate that cannot be read: "},
           {[](TlsFiles& f) { f.folder.write("server.key", f.authority.key_pem()); },
            "tls.certificate.key_file: 'FOLDER/server.key' does not hold the key of the certificate: key values "
            "mismatch"},
           {[](TlsFiles& f) { f.settings.certificate.pfx_file = "both"; },
            "tls.certificate: takes either chain_file or pfx_file"},
           {[](TlsFiles& f) { f.settings.client_certificates = TlsSettings::ClientCertificates::require; },
            "tls.client_ca_file: is needed where tls.client_certificates are required"},
           {[](TlsFiles& f) { f.settings.client_ca_file = f.folder.path("server.key"); },
            "tls.client_ca_file: 'FOLDER/server.key' holds no certificate in PEM"},
           {[](TlsFiles& f) {
              f.settings.further = {{}, {}};
              f.settings.further[0] = f.settings.certificate;
              f.settings.further[1].chain_file = f.folder.path("none");
            },
            "tls.further[1].chain_file: 'FOLDER/none' cannot be read: No such file or directory"},
           {[](TlsFiles& f) { f.settings.further.resize(65); }, "tls.further: has 65 certificates; 64 at most"},
       }) {
    TlsFiles files;
    break_it(files);
    auto said = fault(files);
    auto const folder = files.folder.path("");
    if (auto const at = said.find(folder); at != std::string::npos) said.replace(at, folder.size(), "FOLDER/");
    EXPECT_THAT(said, ::testing::StartsWith(sentence));
  }
}

}  // namespace
}  // namespace chorus::net
