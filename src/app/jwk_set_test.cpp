#include "app/jwk_set.hpp"

#include <gtest/gtest.h>

#include "app/test_tokens.hpp"

namespace chorus::app {
namespace {

std::string set_of(std::initializer_list<std::string> keys) {
  std::string list;
  for (auto const& key : keys) list += (list.empty() ? "{" : ",{") + key + "}";
  return R"({"keys":[)" + list + "]}";
}

std::string fault(std::string const& text) {
  auto const set = JwkSet::parse(text);
  return set ? "none" : set.error();
}

TEST(JwkSet, has_keys_of_all_kinds_that_check_what_their_holders_signed) {
  auto const rsa = TestKey::rsa(), p256 = TestKey::ec(), p384 = TestKey::ec("P-384"), p521 = TestKey::ec("P-521"),
             ed = TestKey::ed25519();
  auto const set = JwkSet::parse(
      set_of({R"("kid":"r",)" + rsa.jwk(), R"("kid":"r5","alg":"RS512",)" + rsa.jwk(),
              R"("kid":"p","alg":"PS256",)" + rsa.jwk(), R"("kid":"a",)" + p256.jwk(),
              R"("kid":"b","use":"sig",)" + p384.jwk(), R"("kid":"c",)" + p521.jwk(), R"("kid":"d",)" + ed.jwk(),
              R"("kid":"h","kty":"oct","k":")" + base64url(test_secret) + '"'}));
  ASSERT_TRUE(set) << set.error();
  EXPECT_EQ(set->size(), 8u);
  std::string const text = "what is signed";
  auto const check = [&](JwtAlgorithm algorithm, std::string const& id, std::string const& signature) {
    auto const* key = set->find(algorithm, id);
    ASSERT_NE(key, nullptr) << id;
    EXPECT_TRUE(key->verifies(text, signature)) << id;
    EXPECT_FALSE(key->verifies(text + "!", signature)) << id;
    EXPECT_FALSE(key->verifies(text, signature + '\0')) << id;
    EXPECT_FALSE(key->verifies(text, signature.substr(1))) << id;
    EXPECT_FALSE(key->verifies(text, "")) << id;
    EXPECT_FALSE(key->verifies(text, std::string(signature.size(), '\0'))) << id;
  };
  check(JwtAlgorithm::rs256, "r", rsa.sign(text));
  check(JwtAlgorithm::rs512, "r5", rsa.sign(text, EVP_sha512()));
  check(JwtAlgorithm::ps256, "p", rsa.sign(text, EVP_sha256(), TestKey::Padding::pss));
  check(JwtAlgorithm::es256, "a", p256.sign(text));
  check(JwtAlgorithm::es384, "b", p384.sign(text));
  check(JwtAlgorithm::es512, "c", p521.sign(text));
  check(JwtAlgorithm::eddsa, "d", ed.sign(text));
  check(JwtAlgorithm::hs256, "h", hmac_sha256(test_secret, text));
  EXPECT_FALSE(set->find(JwtAlgorithm::ps256, "p")->verifies(text, rsa.sign(text)));
}

TEST(JwkSet, finds_a_key_by_id_and_algorithm_or_the_only_one_for_the_algorithm) {
  auto const one = TestKey::ec().jwk(), two = TestKey::ec().jwk(), other = TestKey::ed25519().jwk();
  auto const set = JwkSet::parse(set_of({R"("kid":"one",)" + one, R"("kid":"two",)" + two, other}));
  ASSERT_TRUE(set);
  EXPECT_EQ(set->find(JwtAlgorithm::es256, "two")->id(), "two");
  EXPECT_EQ(set->find(JwtAlgorithm::es256, "three"), nullptr);
  EXPECT_EQ(set->find(JwtAlgorithm::es384, "two"), nullptr);
  EXPECT_EQ(set->find(JwtAlgorithm::hs256, "two"), nullptr);
  EXPECT_EQ(set->find(JwtAlgorithm::es256, ""), nullptr) << "two keys could be meant";
  EXPECT_NE(set->find(JwtAlgorithm::eddsa, ""), nullptr);
  EXPECT_EQ(set->find(JwtAlgorithm::eddsa, "x"), nullptr);
}

TEST(JwkSet, passes_over_keys_that_cannot_be_used) {
  auto const good = TestKey::ec().jwk();
  auto const set = JwkSet::parse(
      set_of({R"("kty":"EC","crv":"P-256","x":"AA","y":"AA")", R"("kty":"new")", "", R"("use":"enc",)" + good,
              R"("alg":"RS256",)" + good, R"("alg":"none",)" + good, TestKey::rsa(1024).jwk(),
              R"("kty":"oct","k":"c2hvcnQ")", R"("kty":"OKP","crv":"X25519","x":"AA")", good}));
  ASSERT_TRUE(set) << set.error();
  EXPECT_EQ(set->size(), 1u);
}

TEST(JwkSet, that_is_none_is_a_sentence) {
  EXPECT_EQ(fault(""), "it is no JSON");
  EXPECT_EQ(fault("{} x"), "it is no JSON");
  EXPECT_EQ(fault("{\"keys\":[\xff]}"), "it is no JSON");
  EXPECT_EQ(fault("[]"), "it has no list of keys (\"keys\")");
  EXPECT_EQ(fault(R"({"keys":{}})"), "it has no list of keys (\"keys\")");
  EXPECT_EQ(fault(R"({"keys":[]})"), "it has no key that can check tokens; it is empty");
  EXPECT_NE(fault(R"({"keys":[7,{"kty":"x"}]})").find("kty \"x\""), std::string::npos);
  EXPECT_EQ(fault(std::string(JwkSet::text_bytes_max + 1, ' ')), "it is above 256 KiB");
  auto const key = '{' + TestKey::ec().jwk() + '}';
  std::string many = R"({"keys":[)" + key;
  for (int i = 0; i < 100; ++i) many += ',' + key;
  EXPECT_EQ(fault(many + "]}"), "it has more than 100 keys");
  // A point that is not on its curve.
  EXPECT_NE(fault(set_of({R"("kty":"EC","crv":"P-256","x":")" + base64url(std::string(32, '\1')) + R"(","y":")" +
                          base64url(std::string(32, '\2')) + '"'})),
            "none");
}

TEST(JwkSet, cut_anywhere_is_no_set) {
  auto const text = set_of({R"("kid":"a",)" + TestKey::ec().jwk()});
  for (std::size_t size = 0; size < text.size(); ++size) EXPECT_NE(fault(text.substr(0, size)), "none") << size;
}

}  // namespace
}  // namespace chorus::app
