#include "engine/polling_body.hpp"

#include <utility>

#include "base/base64.hpp"

namespace chorus::engine {
namespace {

std::optional<EncodedPacket> as_text(std::optional<Bytes> packet) {
  if (!packet) return std::nullopt;
  return EncodedPacket{MessageKind::text, *packet};
}

}  // namespace

BodyReader::BodyReader(Dialect dialect, PostType type, Bytes body) : reader_(PayloadReader(body)) {
  if (!dialect.has_binary_payloads()) return;
  if (type == PostType::text)
    reader_ = v3::TextPayloadReader(body);
  else
    reader_ = v3::BinaryPayloadReader(body);
}

Result<std::optional<EncodedPacket>, PacketError> BodyReader::next() {
  if (auto* const reader = std::get_if<PayloadReader>(&reader_)) return as_text(reader->next());
  if (auto* const reader = std::get_if<v3::TextPayloadReader>(&reader_)) return reader->next();
  return std::get<v3::BinaryPayloadReader>(reader_).next();
}

void AnswerWriter::text_packet(Bytes prefix, Bytes rest) {
  if (dialect_.revision == Revision::v4)
    append_packet(body_, prefix, rest);
  else if (is_binary_)
    v3::append_to_binary_payload(body_, MessageKind::text, prefix, rest);
  else
    v3::append_to_text_payload(body_, prefix, rest);
}

void AnswerWriter::text(Bytes message, Compress compress) {
  allow(compress);
  text_packet("4", message);
}

void AnswerWriter::binary(Bytes message, Compress compress) {
  allow(compress);
  if (dialect_.revision == Revision::v4) return append_message(body_, MessageKind::binary, message);
  if (dialect_.binary == BinaryForm::base64) return text_packet(v3::base64_prefix, base64(message));
  if (!is_binary_) become_binary();
  v3::append_to_binary_payload(body_, MessageKind::binary, v3::binary_prefix, message);
}

void AnswerWriter::message(SharedMessage const& message) {
  allow(message.compress());
  if (message.has_text()) packet(message.text());
  for (std::size_t i = 0; i < message.attachment_count(); ++i) binary(message.attachment(i), message.compress());
}

void AnswerWriter::become_binary() {
  is_binary_ = true;
  std::string const text = std::exchange(body_, {});
  if (text.empty()) return;
  v3::TextPayloadReader reader(text);
  while (auto const each = reader.next().value()) packet(each->bytes);
}

HttpAnswer AnswerWriter::take() {
  auto const type = is_binary_ ? HttpAnswer::ContentType::octet_stream : HttpAnswer::ContentType::text_plain_utf8;
  return {200, type, std::move(body_), compress_};
}

}  // namespace chorus::engine
