#include "base/base64.hpp"

#include <gtest/gtest.h>

#include "base/random.hpp"

namespace chorus {
namespace {

struct Vector {
  char const* plain;
  char const* encoded;
};
// RFC 4648, section 10
constexpr Vector vectors[] = {{"", ""},
                              {"f", "Zg=="},
                              {"fo", "Zm8="},
                              {"foo", "Zm9v"},
                              {"foob", "Zm9vYg=="},
                              {"fooba", "Zm9vYmE="},
                              {"foobar", "Zm9vYmFy"}};

TEST(Base64, encodes_and_decodes_the_vectors_of_the_rfc) {
  for (auto const& v : vectors) {
    EXPECT_EQ(base64(v.plain), v.encoded);
    EXPECT_EQ(decode_base64(v.encoded), v.plain);
  }
}

TEST(Base64, url_form_has_no_padding_and_its_own_two_characters) {
  std::string out;
  append_base64url(out, "\xfb\xff\xfe");
  EXPECT_EQ(out, "-__-");
  EXPECT_EQ(decode_base64("-__-"), "\xfb\xff\xfe");
  EXPECT_EQ(decode_base64("+//+"), "\xfb\xff\xfe");
}

TEST(Base64, random_bytes_come_back) {
  for (std::size_t size = 0; size < 70; ++size) {
    std::string bytes(size, '\0');
    fill_random(bytes.data(), size);
    EXPECT_EQ(decode_base64(base64(bytes)), bytes);
  }
}

TEST(Base64, refuses_what_is_not_base64) {
  for (char const* bad : {"A", "A===", "AB=A", "Zg=", "Z g=", "Zh==", "Zm9=", "====", "Zm9v\n",
                          "Zm\xff"
                          "v"})
    EXPECT_EQ(decode_base64(bad), std::nullopt) << bad;
}

}  // namespace
}  // namespace chorus
