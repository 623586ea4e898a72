#include "chorus/args.hpp"

#include <array>
#include <utility>

#include "base/check.hpp"
#include "base/json.hpp"
#include "socket/packet.hpp"

namespace chorus {
namespace {

/// Memory of texts that are done with, for the next ones of this thread.
class SpareTexts {
 public:
  ~SpareTexts() {
    gone_ = true;
    count_ = 0;
  }
  std::string take() {
    if (gone_ || count_ == 0) return {};
    return std::move(texts_[--count_]);
  }
  void give(std::string&& text) {
    constexpr std::size_t kept_least = 16, kept_most = 16'384;  // bytes: not worth keeping, and too much to keep
    if (gone_ || count_ == texts_.size() || text.capacity() < kept_least || text.capacity() > kept_most) return;
    text.clear();
    texts_[count_++] = std::move(text);
  }

 private:
  inline static thread_local bool gone_ = false;  // a writer may end after its thread's spare texts

  std::array<std::string, 4> texts_;
  std::size_t count_ = 0;
};

SpareTexts& spare_texts() {
  thread_local SpareTexts texts;
  return texts;
}

ArgKind kind_of(json::Kind kind) {
  switch (kind) {
    case json::Kind::missing:
      return ArgKind::missing;
    case json::Kind::null:
      return ArgKind::null;
    case json::Kind::boolean:
      return ArgKind::boolean;
    case json::Kind::number:
      return ArgKind::number;
    case json::Kind::string:
      return ArgKind::string;
    case json::Kind::array:
      return ArgKind::array;
    case json::Kind::object:
      return ArgKind::object;
  }
  return ArgKind::missing;
}

void append_placeholder(std::string& out, std::size_t number) {
  out += R"({"_placeholder":true,"num":)";
  json::append_number(out, std::uint64_t{number});
  out += '}';
}

}  // namespace

Binary::Binary(std::span<std::byte const> bytes) : bytes_(reinterpret_cast<char const*>(bytes.data()), bytes.size()) {}

ArgsWriter::ArgsWriter() : text_(spare_texts().take()) {}
ArgsWriter::~ArgsWriter() { spare_texts().give(std::move(text_)); }

void ArgsWriter::clear() {
  text_.clear();
  attachments_.clear();
}

void ArgsWriter::null() { text_ += "null"; }
void ArgsWriter::boolean(bool value) { text_ += value ? "true" : "false"; }
void ArgsWriter::number(std::int64_t value) { json::append_number(text_, value); }
void ArgsWriter::number(std::uint64_t value) { json::append_number(text_, value); }
void ArgsWriter::number(float value) { json::append_number(text_, value); }
void ArgsWriter::number(double value) { json::append_number(text_, value); }
void ArgsWriter::string(std::string_view text) { json::append_string(text_, text); }

void ArgsWriter::raw_json(std::string_view value) {
  CHORUS_DCHECK(json::is_valid(value, json::nesting_cap), "RawJson must hold one valid JSON value");
  text_ += value;
}

void ArgsWriter::binary(std::string_view bytes) {
  append_placeholder(text_, attachments_.size());
  attachments_.emplace_back(bytes);
}

void ArgsWriter::view(ArgView value) { value.is_missing() ? null() : copy(value.raw(), value.attachments()); }

void ArgsWriter::add_all(Args const& args) {
  if (args.empty()) return;
  if (!text_.empty()) text_ += ',';
  copy(args.raw(), args.attachments());
}

void ArgsWriter::copy(std::string_view raw, std::span<std::string const> attachments) {
  if (attachments.empty()) {  // then nothing stands for one, and the text need not be read
    text_ += raw;
    return;
  }
  auto const placeholders = socket::find_placeholders(raw, static_cast<unsigned>(attachments.size()));
  if (placeholders.has_error()) {  // a number beyond them was refused when the packet came in
    text_ += raw;
    return;
  }
  // What several placeholders name travels once, as it came.
  std::vector<std::optional<std::size_t>> numbers(attachments.size());
  std::size_t done = 0;
  for (auto const& placeholder : *placeholders) {
    text_ += raw.substr(done, placeholder.begin - done);
    done = placeholder.end;
    auto& number = numbers[placeholder.num];
    if (!number) {
      number = attachments_.size();
      attachments_.push_back(attachments[placeholder.num]);
    }
    append_placeholder(text_, *number);
  }
  text_ += raw.substr(done);
}

ArrayWriter::ArrayWriter(ArgsWriter& out) : out_(out) { out_.text_ += '['; }
ArrayWriter::~ArrayWriter() { out_.text_ += ']'; }

ArgsWriter& ArrayWriter::next() {
  if (!std::exchange(first_, false)) out_.text_ += ',';
  return out_;
}

ObjectWriter::ObjectWriter(ArgsWriter& out) : out_(out) { out_.text_ += '{'; }
ObjectWriter::~ObjectWriter() { out_.text_ += '}'; }

ArgsWriter& ObjectWriter::next(std::string_view name) {
  if (!std::exchange(first_, false)) out_.text_ += ',';
  json::append_string(out_.text_, name);
  out_.text_ += ':';
  return out_;
}

ArgKind ArgView::kind() const { return kind_of(json::kind(raw_)); }

ArgView ArgView::operator[](std::string_view key) const {
  auto const value = json::find(raw_, key);
  return value ? ArgView(*value, attachments_) : ArgView();
}

ArgView ArgView::operator[](std::size_t index) const {
  json::ArrayReader reader(raw_);
  while (auto const element = reader.next()) {
    if (index-- == 0) return ArgView(*element, attachments_);
  }
  return {};
}

std::size_t ArgView::size() const {
  std::size_t count = 0;
  json::ArrayReader elements(raw_);
  while (elements.next()) ++count;
  json::ObjectReader members(raw_);
  while (members.next()) ++count;
  return count;
}

std::optional<std::string_view> ArgView::binary() const {
  if (attachments_.empty() || kind() != ArgKind::object) return std::nullopt;
  auto const mark = json::find(raw_, "_placeholder");
  auto const number = json::find(raw_, "num");
  if (mark != "true" || !number) return std::nullopt;
  auto const num = json::to_uint64(*number);
  if (!num || *num >= attachments_.size()) return std::nullopt;
  return attachments_[static_cast<std::size_t>(*num)];
}

ArrayCursor::ArrayCursor(ArgView array) : attachments_(array.attachments()) {
  // The list between the brackets; what is no array has nothing to walk.
  if (array.kind() == ArgKind::array && array.raw().size() >= 2) {
    list_ = array.raw().substr(1, array.raw().size() - 2);
  }
}

std::optional<ArgView> ArrayCursor::next() {
  auto reader = json::ArrayReader::of_list(list_, pos_);
  auto const element = reader.next();
  pos_ = reader.position();
  if (!element) return std::nullopt;
  return ArgView(*element, attachments_);
}

ObjectCursor::ObjectCursor(ArgView object) : object_(object.raw()), attachments_(object.attachments()) {}

std::optional<ObjectCursor::Member> ObjectCursor::next() {
  auto reader = json::ObjectReader::from(object_, pos_);
  auto const member = reader.next();
  pos_ = reader.position();
  if (!member) return std::nullopt;
  return Member{json::to_string(member->key).value_or(std::string()), ArgView(member->value, attachments_)};
}

ArgView Args::operator[](std::size_t index) const {
  if (index < seen_index_) {
    seen_index_ = 0;
    seen_pos_ = 0;
  }
  auto reader = json::ArrayReader::of_list(list_, seen_pos_);
  for (;;) {
    auto const element = reader.next();
    if (!element) return {};
    if (seen_index_ == index) return ArgView(*element, attachments_);
    ++seen_index_;
    seen_pos_ = reader.position();
  }
}

std::size_t Args::size() const {
  std::size_t count = 0;
  auto reader = json::ArrayReader::of_list(list_);
  while (reader.next()) ++count;
  return count;
}

namespace detail {

std::optional<bool> to_bool(ArgView view) { return json::to_bool(view.raw()); }
std::optional<std::int64_t> to_int64(ArgView view) { return json::to_int64(view.raw()); }
std::optional<std::uint64_t> to_uint64(ArgView view) { return json::to_uint64(view.raw()); }
std::optional<double> to_double(ArgView view) { return json::to_double(view.raw()); }
std::optional<std::string> to_string(ArgView view) { return json::to_string(view.raw()); }

}  // namespace detail
}  // namespace chorus
