#include "app/jwks_file.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "app/jwt_verifier.hpp"
#include "app/test_tokens.hpp"

namespace chorus::app {
namespace {

using namespace std::chrono_literals;

/// A file that is replaced as those who care for it do: by another one under its name.
class JwksFileTest : public ::testing::Test {
 protected:
  JwksFileTest() {
    char name[] = "/tmp/chorus-jwks-XXXXXX";
    folder_ = ::mkdtemp(name);
    path = folder_ + "/jwks.json";
    replace(set("old", old_key));
  }
  ~JwksFileTest() override { std::filesystem::remove_all(folder_); }

  static std::string set(std::string const& id, TestKey const& key) {
    return R"({"keys":[{"kid":")" + id + R"(",)" + key.jwk() + "}]}";
  }
  void replace(std::string const& text) const {
    std::ofstream(path + ".new") << text;
    std::filesystem::rename(path + ".new", path);
  }
  bool has(std::shared_ptr<JwkSet const> const& keys, std::string const& id) const {
    return keys->find(JwtAlgorithm::es256, id) != nullptr;
  }
  std::string verified(JwtVerifier const& verifier, TestKey const& key, std::string const& id,
                       JwksFile::Time now) const {
    auto const result = verifier.verify(identified_token(key, "ES256", id, R"({"sub":"ada"})"), now, 60s);
    return result ? "ok" : std::string(to_text(result.error()));
  }

  TestKey const old_key = TestKey::ec(), new_key = TestKey::ec();
  std::string path;

 private:
  std::string folder_;
};

TEST_F(JwksFileTest, is_looked_at_every_ten_seconds_and_sooner_for_an_unknown_key) {
  auto const file = *JwksFile::open(path);
  auto now = test_now;
  EXPECT_TRUE(has(file->keys(now), "old"));
  replace(set("new", new_key));
  EXPECT_TRUE(has(file->keys(now + 9s), "old"));
  EXPECT_TRUE(has(file->newer_keys(now + 500ms), "old"));
  EXPECT_TRUE(has(file->newer_keys(now + 1s), "new"));
  replace(set("newest", old_key));
  EXPECT_TRUE(has(file->keys(now + 10s), "new"));
  EXPECT_TRUE(has(file->keys(now + 11s), "newest"));
}

TEST_F(JwksFileTest, keeps_its_keys_while_the_file_is_gone_or_is_none_and_takes_the_next_one) {
  auto const file = *JwksFile::open(path);
  auto now = test_now;
  std::filesystem::remove(path);
  EXPECT_TRUE(has(file->keys(now += 10s), "old"));
  for (auto const* text : {"", "{}", "not json"}) {
    replace(text);
    EXPECT_TRUE(has(file->keys(now += 10s), "old")) << text;
  }
  replace(set("new", new_key));
  EXPECT_TRUE(has(file->keys(now += 10s), "new"));
  EXPECT_FALSE(has(file->keys(now), "old"));
}

TEST_F(JwksFileTest, is_looked_at_when_the_clock_was_set_back) {
  auto const file = *JwksFile::open(path);
  EXPECT_TRUE(has(file->keys(test_now), "old"));
  replace(set("new", new_key));
  EXPECT_TRUE(has(file->keys(test_now - 24h), "new"));
}

TEST_F(JwksFileTest, that_is_none_at_the_start_is_a_sentence) {
  EXPECT_EQ(JwksFile::open(path + "x").error(), "No such file or directory");
  replace("[]");
  EXPECT_EQ(JwksFile::open(path).error(), "it has no list of keys (\"keys\")");
}

TEST_F(JwksFileTest, lets_tokens_of_a_new_key_in_and_those_of_an_old_one_no_more) {
  auto const verifier = *JwtVerifier::from_jwks_file(path);
  EXPECT_EQ(verified(verifier, old_key, "old", test_now), "ok");
  EXPECT_EQ(verified(verifier, new_key, "new", test_now), "unknown key");
  EXPECT_EQ(verified(verifier, new_key, "old", test_now), "bad signature");
  replace(set("new", new_key));
  EXPECT_EQ(verified(verifier, new_key, "new", test_now + 1s), "ok");
  EXPECT_EQ(verified(verifier, old_key, "old", test_now + 1s), "unknown key");
  auto const none = unsigned_token(R"({"alg":"none","kid":"new"})", R"({"sub":"ada"})") + '.';
  EXPECT_EQ(verifier.verify(none, test_now, 60s).error(), TokenError::wrong_algorithm);
  auto const confused = unsigned_token(R"({"alg":"HS256","kid":"new"})", R"({"sub":"ada"})");
  EXPECT_EQ(
      verifier.verify(confused + '.' + base64url(hmac_sha256(new_key.public_pem(), confused)), test_now, 60s).error(),
      TokenError::unknown_key);
}

}  // namespace
}  // namespace chorus::app
