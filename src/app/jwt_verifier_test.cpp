#include "app/jwt_verifier.hpp"

#include <gtest/gtest.h>

#include "app/test_tokens.hpp"

namespace chorus::app {
namespace {

using namespace std::chrono_literals;

std::string const adas_claims = R"({"sub":"ada"})";

JwtVerifier verifier(std::string const& key) {
  auto made = JwtVerifier::from_key(key);
  CHORUS_CHECK(made.has_value(), "the key of a test is good");
  return *made;
}

Result<Person, TokenError> verify(std::string const& token, std::string const& key = test_secret) {
  return verifier(key).verify(token, test_now, 60s);
}

/// "ok", or why not.
std::string outcome(std::string const& claims) {
  auto const result = verify(hs256_token(test_secret, claims));
  return result.has_value() ? "ok" : std::string(to_text(result.error()));
}

TEST(JwtVerifier, takes_its_algorithm_from_the_key) {
  EXPECT_EQ(verifier(test_secret).description(), "HS256");
  EXPECT_EQ(verifier(TestKey::rsa().public_pem()).description(), "RS256");
  EXPECT_EQ(verifier(TestKey::ec().public_pem()).description(), "ES256");
  EXPECT_EQ(verifier(TestKey::ec("P-384").public_pem()).description(), "ES384");
  EXPECT_EQ(verifier(TestKey::ed25519().public_pem()).description(), "EdDSA");
}

TEST(JwtVerifier, accepts_what_the_keys_holder_signed) {
  EXPECT_EQ(verify(hs256_token(test_secret, adas_claims))->id, "ada");
  auto const rsa = TestKey::rsa();
  EXPECT_EQ(verify(signed_token(rsa, "RS256", adas_claims), rsa.public_pem())->id, "ada");
  auto const ec = TestKey::ec();
  EXPECT_EQ(verify(signed_token(ec, "ES256", adas_claims), ec.public_pem())->id, "ada");
  auto const p521 = TestKey::ec("P-521");
  EXPECT_EQ(verify(signed_token(p521, "ES512", adas_claims), p521.public_pem())->id, "ada");
  auto const ed25519 = TestKey::ed25519();
  EXPECT_EQ(verify(signed_token(ed25519, "EdDSA", adas_claims), ed25519.public_pem())->id, "ada");
}

TEST(JwtVerifier, refuses_what_somebody_else_signed) {
  EXPECT_EQ(verify(hs256_token("another secret of thirty-two byte", adas_claims)).error(), TokenError::bad_signature);
  EXPECT_EQ(verify(signed_token(TestKey::rsa(), "RS256", adas_claims), TestKey::rsa().public_pem()).error(),
            TokenError::bad_signature);
  EXPECT_EQ(verify(signed_token(TestKey::ec(), "ES256", adas_claims), TestKey::ec().public_pem()).error(),
            TokenError::bad_signature);
}

TEST(JwtVerifier, refuses_claims_changed_after_the_signature) {
  auto const token = hs256_token(test_secret, adas_claims);
  auto const signature = token.substr(token.rfind('.'));
  EXPECT_EQ(verify(unsigned_token(R"({"alg":"HS256","typ":"JWT"})", R"({"sub":"eve"})") + signature).error(),
            TokenError::bad_signature);
}

TEST(JwtVerifier, refuses_tokens_without_a_signature) {
  auto const none = unsigned_token(R"({"alg":"none","typ":"JWT"})", adas_claims) + ".";
  for (auto const& key : {test_secret, TestKey::rsa().public_pem(), TestKey::ec().public_pem()}) {
    EXPECT_EQ(verify(none, key).error(), TokenError::wrong_algorithm);
    EXPECT_TRUE(verify(unsigned_token(R"({"alg":"HS256","typ":"JWT"})", adas_claims), key).has_error());
    EXPECT_TRUE(verify(unsigned_token(R"({"alg":"HS256","typ":"JWT"})", adas_claims) + ".", key).has_error());
    EXPECT_TRUE(verify(unsigned_token(R"({"typ":"JWT"})", adas_claims) + ".", key).has_error());
  }
}

TEST(JwtVerifier, refuses_the_public_key_used_as_a_secret) {
  for (auto const& pem : {TestKey::rsa().public_pem(), TestKey::ec().public_pem()})
    EXPECT_EQ(verify(hs256_token(pem, adas_claims), pem).error(), TokenError::wrong_algorithm);
}

TEST(JwtVerifier, refuses_another_algorithm_of_the_same_family) {
  auto const text = unsigned_token(R"({"alg":"HS512","typ":"JWT"})", adas_claims);
  EXPECT_EQ(verify(text + "." + base64url(hmac_sha256(test_secret, text))).error(), TokenError::wrong_algorithm);
  auto const rsa = TestKey::rsa();
  EXPECT_EQ(verify(signed_token(rsa, "RS384", adas_claims), rsa.public_pem()).error(), TokenError::wrong_algorithm);
  EXPECT_EQ(verify(signed_token(rsa, "ES256", adas_claims), rsa.public_pem()).error(), TokenError::wrong_algorithm);
}

TEST(JwtVerifier, refuses_what_is_no_token) {
  for (auto const* text : {"", ".", "..", "a.b.c", "not a token", "e30.e30.e30", "eyJhbGciOiJIUzI1NiJ9.."})
    EXPECT_TRUE(verify(text).has_error()) << text;
  auto const token = hs256_token(test_secret, adas_claims);
  EXPECT_EQ(verify(token + std::string(1, '\0')).error(), TokenError::malformed);
  EXPECT_EQ(verify(token + "\n").error(), TokenError::malformed);
  EXPECT_TRUE(verify(token + ".x").has_error());
  EXPECT_EQ(verify(token + std::string(JwtVerifier::token_bytes_max, 'A')).error(), TokenError::malformed);
}

TEST(JwtVerifier, refuses_a_token_cut_anywhere) {
  auto const token = hs256_token(test_secret, adas_claims);
  for (std::size_t size = 0; size < token.size(); ++size)
    EXPECT_TRUE(verify(token.substr(0, size)).has_error()) << size;
}

TEST(JwtVerifier, refuses_what_it_would_have_to_understand_and_does_not) {
  auto const text = unsigned_token(R"({"alg":"HS256","typ":"JWT","crit":["b64"],"b64":false})", adas_claims);
  EXPECT_EQ(verify(text + "." + base64url(hmac_sha256(test_secret, text))).error(), TokenError::malformed);
}

TEST(JwtVerifier, heeds_expiry_with_leeway) {
  EXPECT_EQ(outcome(R"({"sub":"ada","exp":1800000001})"), "ok");
  EXPECT_EQ(outcome(R"({"sub":"ada","exp":1799999941})"), "ok");
  EXPECT_EQ(outcome(R"({"sub":"ada","exp":1799999940})"), "expired");
  EXPECT_EQ(outcome(R"({"sub":"ada","exp":1799999940.5})"), "ok");
  EXPECT_EQ(outcome(R"({"sub":"ada","exp":0})"), "expired");
  EXPECT_EQ(outcome(R"({"sub":"ada","exp":"1900000000"})"), "expired");
  EXPECT_EQ(outcome(R"({"sub":"ada","exp":null})"), "expired");
}

TEST(JwtVerifier, heeds_not_before_with_leeway) {
  EXPECT_EQ(outcome(R"({"sub":"ada","nbf":1800000060})"), "ok");
  EXPECT_EQ(outcome(R"({"sub":"ada","nbf":1800000061})"), "not yet valid");
  EXPECT_EQ(outcome(R"({"sub":"ada","nbf":"0"})"), "not yet valid");
}

TEST(JwtVerifier, wants_a_subject_that_can_be_a_user) {
  EXPECT_EQ(outcome(R"({})"), "no subject");
  EXPECT_EQ(outcome(R"({"sub":""})"), "no subject");
  EXPECT_EQ(outcome(R"({"sub":42})"), "no subject");
  EXPECT_EQ(outcome(R"({"sub":")" + std::string(128, 's') + R"("})"), "ok");
  EXPECT_EQ(outcome(R"({"sub":")" + std::string(129, 's') + R"("})"), "no subject");
}

TEST(JwtVerifier, takes_the_name_from_the_claims) {
  auto named = [](std::string const& claims) { return *verify(hs256_token(test_secret, claims)); };
  EXPECT_EQ(named(R"({"sub":"ada","firstName":"Ada","lastName":"Lovelace"})"), (Person{"ada", "Ada", "Lovelace"}));
  EXPECT_EQ(named(R"({"sub":"ada","name":"Ada Lovelace"})"), (Person{"ada", "Ada Lovelace", ""}));
  EXPECT_EQ(named(R"({"sub":"ada","name":7})"), (Person{"ada", "ada", ""}));
  std::string umlauts;
  for (int i = 0; i < 100; ++i) umlauts += "ü";
  EXPECT_EQ(named(R"({"sub":"a","lastName":"x)" + umlauts + R"("})").last_name, "x" + umlauts.substr(0, 126));
}

TEST(JwtVerifier, wants_the_issuer_and_one_of_the_audiences_it_was_told) {
  auto strict = verifier(test_secret);
  strict.want({"https://issuer", {"chat", "other"}});
  auto const why = [&](std::string const& claims) {
    auto const result = strict.verify(hs256_token(test_secret, claims), test_now, 60s);
    return result ? "ok" : std::string(to_text(result.error()));
  };
  EXPECT_EQ(why(R"({"sub":"ada","iss":"https://issuer","aud":"chat"})"), "ok");
  EXPECT_EQ(why(R"({"sub":"ada","iss":"https://issuer","aud":["x",7,"other"]})"), "ok");
  EXPECT_EQ(why(R"({"sub":"ada","aud":"chat"})"), "wrong issuer");
  EXPECT_EQ(why(R"({"sub":"ada","iss":"https://issuer/","aud":"chat"})"), "wrong issuer");
  EXPECT_EQ(why(R"({"sub":"ada","iss":["https://issuer"],"aud":"chat"})"), "wrong issuer");
  EXPECT_EQ(why(R"({"sub":"ada","iss":"https://issuer"})"), "wrong audience");
  EXPECT_EQ(why(R"({"sub":"ada","iss":"https://issuer","aud":[]})"), "wrong audience");
  EXPECT_EQ(why(R"({"sub":"ada","iss":"https://issuer","aud":{"chat":1}})"), "wrong audience");
}

TEST(JwtVerifier, names_what_is_wrong_with_a_key) {
  auto why = [](std::string const& key) { return JwtVerifier::from_key(key).error(); };
  EXPECT_EQ(why("too short"), "it is a secret of 9 bytes; HS256 needs 32 at least, chosen at random");
  EXPECT_NE(why("").find("0 bytes"), std::string::npos);
  EXPECT_NE(why(TestKey::rsa(1024).public_pem()).find("1024 bits"), std::string::npos);
  EXPECT_NE(why(TestKey::ec("secp256k1").public_pem()).find("another kind"), std::string::npos);
  EXPECT_NE(why(TestKey::rsa().private_pem()).find("private key"), std::string::npos);
  EXPECT_NE(why("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n").find("no public key"),
            std::string::npos);
}

}  // namespace
}  // namespace chorus::app
