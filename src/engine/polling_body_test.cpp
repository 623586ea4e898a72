#include "engine/polling_body.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace chorus::engine {
namespace {

using ::testing::ElementsAre;
using namespace std::string_literals;
using Type = HttpAnswer::ContentType;

constexpr Dialect dialect_4{}, dialect_3{Revision::v3}, dialect_3_base64{Revision::v3, BinaryForm::base64};

std::vector<std::string> packets(Dialect dialect, PostType type, Bytes body) {
  std::vector<std::string> all;
  for (BodyReader reader(dialect, type, body);;) {
    auto const next = reader.next();
    if (!next) all.emplace_back("error");
    if (!next || !*next) return all;
    all.emplace_back(next->value().bytes);
  }
}

struct Answer {
  Type type;
  std::string body;
  bool operator==(Answer const&) const = default;
};

Answer answer(Dialect dialect, std::vector<std::string> const& texts, std::vector<Bytes> const& attachments = {}) {
  AnswerWriter writer(dialect);
  EXPECT_TRUE(writer.empty());
  for (auto const& each : texts) writer.text(each);
  if (!attachments.empty()) writer.message(*SharedMessage::make("5", attachments));
  writer.packet("6");
  auto http = writer.take();
  EXPECT_EQ(http.status, 200);
  return {http.content_type, http.body};
}

TEST(BodyReader, reads_what_its_dialect_says) {
  EXPECT_THAT(packets(dialect_4, PostType::text,
                      "4a\x1e"
                      "bAQ=="),
              ElementsAre("4a", "bAQ=="));
  EXPECT_THAT(packets(dialect_3, PostType::text, "2:4a6:b4AQ=="), ElementsAre("4a", "b4AQ=="));
  EXPECT_THAT(packets(dialect_3_base64, PostType::octet_stream, "\x00\x02\xff"s + "4a"), ElementsAre("4a"));
  EXPECT_THAT(packets(dialect_3, PostType::text, "4a"), ElementsAre("error"));
}

TEST(AnswerWriter, may_be_compressed_when_one_of_its_messages_may) {
  AnswerWriter answer({});
  answer.packet("2");
  answer.text("a", Compress::no);
  answer.binary("b", Compress::no);
  answer.message(*SharedMessage::make("c", {}, Compress::no));
  EXPECT_EQ(AnswerWriter(answer).take().compress, Compress::no);
  answer.message(*SharedMessage::make("d"));
  answer.text("e", Compress::no);
  EXPECT_EQ(answer.take().compress, Compress::yes);
}

TEST(AnswerWriter, separates_packets_in_revision_4) {
  EXPECT_EQ(answer(dialect_4, {"a", "b"}), (Answer{Type::text_plain_utf8,
                                                   "4a\x1e"
                                                   "4b\x1e"
                                                   "6"}));
  EXPECT_EQ(answer(dialect_4, {}, {"\x01"}), (Answer{Type::text_plain_utf8,
                                                     "45\x1e"
                                                     "bAQ==\x1e"
                                                     "6"}));
}

TEST(AnswerWriter, counts_in_revision_3) {
  EXPECT_EQ(answer(dialect_3, {"a", "€"}), (Answer{Type::text_plain_utf8, "2:4a2:4€1:6"}));
  EXPECT_EQ(answer(dialect_3_base64, {"a"}, {"\x01"}), (Answer{Type::text_plain_utf8, "2:4a2:456:b4AQ==1:6"}));
}

TEST(AnswerWriter, becomes_binary_with_the_first_binary_message_of_revision_3) {
  EXPECT_EQ(answer(dialect_3, {"a", "€"}, {"\x01", ""}),
            (Answer{Type::octet_stream, "\x00\x02\xff"s + "4a" + "\x00\x04\xff"s + "4€" + "\x00\x02\xff"s + "45" +
                                            "\x01\x02\xff\x04\x01" + "\x01\x01\xff\x04" + "\x00\x01\xff"s + "6"}));
  AnswerWriter alone(dialect_3);
  alone.binary("\x01\x02");
  EXPECT_EQ(alone.take().body, "\x01\x03\xff\x04\x01\x02");
}

}  // namespace
}  // namespace chorus::engine
