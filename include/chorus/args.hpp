// Event and ack arguments: C++ values to JSON and back, without a JSON library.
//
// Outgoing: `ArgsWriter w; w.add("x"); w.add(7);` gives the text `"x",7` and the list of binary attachments.
// Incoming: `Args` holds the received text; `args[0].as<std::string>()` decodes when, and only if, it is asked.
// Own types: specialise `chorus::fields<T>` (a list of members) or `chorus::Codec<T>` (anything).
//
// Thread: any; these are plain values and views. Lifetime: Args, ArgView and the cursors are views of the received
// packet: valid until the handler they were given to returns; what outlives it must be decoded or copied.
#pragma once
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace chorus {

class ArgsWriter;
class ArgView;
class Args;

/// How T travels. A specialisation has either or both of
///   static void encode(ArgsWriter&, T const&);           // writes exactly one value
///   static std::optional<T> decode(ArgView);             // nothing: not a T
/// Provided: bool, integers, floating point, strings, nullptr_t and monostate (null), optional, vector, array, pair and
/// tuple (arrays), maps with std::string keys (objects), RawJson, Binary, types with `fields`, ArgView.
template <class T>
struct Codec;

/// JSON text that is passed on as it is. Must be one valid JSON value: checked when encoded in debug builds, while
/// release builds trust it. Decodes any argument.
struct RawJson {
  RawJson() = default;
  /// `json`: one valid JSON value.
  explicit RawJson(std::string json) : text(std::move(json)) {}  // no aggregate: see chorus/coroutine.hpp, g++ 12
  std::string text;                                              ///< one JSON value

  friend bool operator==(RawJson const&, RawJson const&) = default;
};

/// Bytes that travel beside the text as one attachment: a Buffer or ArrayBuffer on the other side. May stand anywhere
/// in the arguments.
class Binary {
 public:
  Binary() = default;
  /// These bytes, copied or moved in.
  explicit Binary(std::string bytes) : bytes_(std::move(bytes)) {}
  explicit Binary(std::span<std::byte const> bytes);

  /// As they travel.
  std::string const& bytes() const& { return bytes_; }
  std::string bytes() && { return std::move(bytes_); }
  /// In bytes.
  std::size_t size() const { return bytes_.size(); }

  friend bool operator==(Binary const&, Binary const&) = default;

 private:
  std::string bytes_;
};

/// Builds outgoing arguments: JSON text with placeholders, and the attachments these stand for. Its memory comes from
/// the thread's last writers and goes to its next: an emit allocates none.
class ArgsWriter {
 public:
  ArgsWriter();
  ~ArgsWriter();
  ArgsWriter(ArgsWriter const&) = default;
  ArgsWriter(ArgsWriter&&) noexcept = default;
  ArgsWriter& operator=(ArgsWriter const&) = default;
  ArgsWriter& operator=(ArgsWriter&&) noexcept = default;

  /// Appends the next argument.
  template <class T>
  void add(T const& value);
  /// Appends all of these as they came, attachments included: an echo, or a message that is passed on.
  void add_all(Args const& args);

  /// `"x",{"a":1}`: the arguments with commas between, without brackets.
  std::string const& text() const& { return text_; }
  std::string text() && { return std::move(text_); }
  /// In the order of their placeholders in the text.
  std::vector<std::string> const& attachments() const& { return attachments_; }
  std::vector<std::string> attachments() && { return std::move(attachments_); }
  /// Empty again; keeps its capacity.
  void clear();

  // For codecs: each writes exactly one value.

  /// `null`.
  void null();
  /// `true` or `false`.
  void boolean(bool value);
  /// A number; null for those that JSON has no text for (NaN, the infinities).
  void number(std::int64_t value);
  void number(std::uint64_t value);
  void number(float value);
  void number(double value);
  /// Bytes that are not UTF-8 become U+FFFD.
  void string(std::string_view text);
  /// As RawJson.
  void raw_json(std::string_view json);
  /// As Binary: an attachment, and its placeholder in the text.
  void binary(std::string_view bytes);
  /// A received value as it came; its attachments are copied and get numbers of this writer. Missing becomes null.
  void view(ArgView value);

 private:
  friend class ArrayWriter;
  friend class ObjectWriter;

  void copy(std::string_view raw, std::span<std::string const> attachments);

  std::string text_;
  std::vector<std::string> attachments_;
};

/// Writes one array: its elements in order, closed by the destructor.
class ArrayWriter {
 public:
  /// Begins it where `out` stands: as the value that a codec writes.
  explicit ArrayWriter(ArgsWriter& out);
  ~ArrayWriter();
  ArrayWriter(ArrayWriter const&) = delete;
  ArrayWriter& operator=(ArrayWriter const&) = delete;

  /// Writes the next element, by its Codec.
  template <class T>
  ArrayWriter& element(T const& value);
  /// Announces an element that the caller writes itself.
  ArgsWriter& next();

 private:
  ArgsWriter& out_;
  bool first_ = true;
};

/// Writes one object: its members in order, closed by the destructor.
class ObjectWriter {
 public:
  /// Begins it where `out` stands: as the value that a codec writes.
  explicit ObjectWriter(ArgsWriter& out);
  ~ObjectWriter();
  ObjectWriter(ObjectWriter const&) = delete;
  ObjectWriter& operator=(ObjectWriter const&) = delete;

  /// Writes the next member, by its Codec.
  template <class T>
  ObjectWriter& member(std::string_view name, T const& value);
  /// Announces a member whose value the caller writes itself.
  ArgsWriter& next(std::string_view name);

 private:
  ArgsWriter& out_;
  bool first_ = true;
};

/// What a received value is. `missing`: there is none.
enum class ArgKind : std::uint8_t { missing, null, boolean, number, string, array, object };

/// One received value: its JSON text, and the packet's attachments for the placeholders in it.
class ArgView {
 public:
  /// The missing argument: as<T>() is nothing, as<std::optional<U>>() holds an empty optional.
  ArgView() = default;
  /// `raw`: one valid JSON value without white space around it.
  explicit ArgView(std::string_view raw, std::span<std::string const> attachments = {})
      : raw_(raw), attachments_(attachments) {}

  /// Looks at the first character only.
  ArgKind kind() const;
  /// There is no such argument, member or element.
  bool is_missing() const { return raw_.empty(); }
  /// It is JSON's `null`; a missing one is not.
  bool is_null() const { return kind() == ArgKind::null; }

  /// Strict: a number is not a string, an integer must be integral and in range, an array of three is not a pair.
  template <class T>
  std::optional<T> as() const;

  /// An object's member (of repeated ones the last), an array's element; missing when there is none.
  ArgView operator[](std::string_view key) const;
  ArgView operator[](std::size_t index) const;
  /// Elements of an array, members of an object, otherwise 0. One pass over the text.
  std::size_t size() const;

  /// The attachment this value is the placeholder of, without copying it.
  std::optional<std::string_view> binary() const;

  /// Its JSON text; empty when missing.
  std::string_view raw() const { return raw_; }
  /// All of the packet's, which placeholders name by their index.
  std::span<std::string const> attachments() const { return attachments_; }

 private:
  std::string_view raw_;
  std::span<std::string const> attachments_;
};

/// Walks an array: `for (ArrayCursor c(view); auto element = c.next();)`. Nothing to walk in what is no array.
class ArrayCursor {
 public:
  /// Before the first element.
  explicit ArrayCursor(ArgView array);
  /// The next element; nothing behind the last one.
  std::optional<ArgView> next();

 private:
  std::string_view list_;
  std::size_t pos_ = 0;
  std::span<std::string const> attachments_;
};

/// Walks an object's members in the order of the text, repeated keys included.
class ObjectCursor {
 public:
  /// Its key is decoded, its value not yet.
  struct Member {
    std::string key;  ///< without escapes
    ArgView value;    ///< a view of the packet
  };

  /// Before the first member.
  explicit ObjectCursor(ArgView object);
  /// The next member; nothing behind the last one.
  std::optional<Member> next();

 private:
  std::string_view object_;
  std::size_t pos_ = 0;
  std::span<std::string const> attachments_;
};

/// What an event or an ack came with.
class Args {
 public:
  Args() = default;
  /// `list`: `"x",{"a":1}` as between an array's brackets, valid JSON; perhaps empty.
  explicit Args(std::string_view list, std::span<std::string const> attachments = {})
      : list_(list), attachments_(attachments) {}

  /// Missing when there are fewer. Asking in ascending order costs one pass over the text altogether.
  ArgView operator[](std::size_t index) const;
  /// One pass over the text.
  std::size_t size() const;
  /// There are no arguments.
  bool empty() const { return list_.empty(); }

  /// The first arguments as these types, all or nothing; more than asked for are ignored, as in JavaScript.
  template <class... Ts>
  std::optional<std::tuple<Ts...>> as() const;

  /// `"x",{"a":1}`: the text between the array's brackets.
  std::string_view raw() const { return list_; }
  /// All of the packet's, which placeholders name by their index.
  std::span<std::string const> attachments() const { return attachments_; }

 private:
  std::string_view list_;
  std::span<std::string const> attachments_;
  mutable std::size_t seen_index_ = 0;  // where the last look-up ended: the next one mostly begins there
  mutable std::size_t seen_pos_ = 0;
};

/// May be an argument of an emit or an answer.
template <class T>
concept Encodable = requires(ArgsWriter& out, std::remove_cvref_t<T> const& value) {
  Codec<std::remove_cvref_t<T>>::encode(out, value);
};
/// May be a parameter of a handler.
template <class T>
concept Decodable = requires(ArgView view) {
  { Codec<T>::decode(view) } -> std::same_as<std::optional<T>>;
};

/// Writes one value, by its Codec; for codecs of types that hold others.
template <class T>
void encode(ArgsWriter& out, T const& value) {
  static_assert(Encodable<T>, "this type cannot be an argument: specialise chorus::fields<T> or chorus::Codec<T>");
  Codec<T>::encode(out, value);
}

/// Reads one value, by its Codec; nothing: it is no T.
template <class T>
std::optional<T> decode(ArgView view) {
  static_assert(Decodable<T>, "this type cannot be an argument: specialise chorus::fields<T> or chorus::Codec<T>");
  return Codec<T>::decode(view);
}

/// All of these as one list of arguments.
template <class... Ts>
ArgsWriter encode_args(Ts const&... values) {
  ArgsWriter out;
  (out.add(values), ...);
  return out;
}

// ---- Own types ----

/// One member of a described type: its name in JSON and where it is.
template <class T, class M>
struct Field {
  std::string_view name;  ///< in JSON
  M T::*member;           ///< of T
};
/// As `fields<T>` lists them.
template <class T, class M>
constexpr Field<T, M> field(std::string_view name, M T::*member) {
  return {name, member};
}

/// For Chorus itself: what `fields` says of all other types.
struct NotDescribed {};

/// Makes a struct an argument type in both directions, as an object. T must have a default constructor for decoding.
///   template <> inline constexpr auto chorus::fields<User> =
///       std::tuple{chorus::field("name", &User::name), chorus::field("age", &User::age)};
/// Decoding: unknown members are ignored; a missing one fails, unless its type is std::optional.
template <class T>
inline constexpr auto fields = NotDescribed{};

/// `fields<T>` is given.
template <class T>
concept Described = !std::same_as<std::remove_cv_t<decltype(fields<T>)>, NotDescribed>;

namespace detail {

std::optional<bool> to_bool(ArgView view);
std::optional<std::int64_t> to_int64(ArgView view);
std::optional<std::uint64_t> to_uint64(ArgView view);
std::optional<double> to_double(ArgView view);
std::optional<std::string> to_string(ArgView view);

/// Characters are no numbers: whether 'a' should be "a" or 97 is for the caller to say.
template <class T>
concept Integer = std::integral<T> && !std::same_as<T, bool> && !std::same_as<T, char> && !std::same_as<T, wchar_t> &&
                  !std::same_as<T, char8_t> && !std::same_as<T, char16_t> && !std::same_as<T, char32_t>;

/// std::map, std::unordered_map and their like, by shape: the header need not include them.
template <class T>
concept StringMap = std::same_as<typename T::key_type, std::string> && requires(T map, typename T::mapped_type value) {
  map.insert_or_assign(std::string(), std::move(value));
};

}  // namespace detail

// ---- The provided codecs ----

template <>
struct Codec<bool> {
  static void encode(ArgsWriter& out, bool value) { out.boolean(value); }
  static std::optional<bool> decode(ArgView view) { return detail::to_bool(view); }
};

template <detail::Integer T>
struct Codec<T> {
  static void encode(ArgsWriter& out, T value) {
    if constexpr (std::is_signed_v<T>) {
      out.number(static_cast<std::int64_t>(value));
    } else {
      out.number(static_cast<std::uint64_t>(value));
    }
  }
  static std::optional<T> decode(ArgView view) {
    if constexpr (std::is_signed_v<T>) {
      return narrow(detail::to_int64(view));
    } else {
      return narrow(detail::to_uint64(view));
    }
  }

 private:
  template <class Wide>
  static std::optional<T> narrow(std::optional<Wide> value) {
    if (!value || !std::in_range<T>(*value)) return std::nullopt;
    return static_cast<T>(*value);
  }
};

template <>
struct Codec<double> {
  static void encode(ArgsWriter& out, double value) { out.number(value); }
  static std::optional<double> decode(ArgView view) { return detail::to_double(view); }
};

template <>
struct Codec<float> {
  static void encode(ArgsWriter& out, float value) { out.number(value); }
  static std::optional<float> decode(ArgView view) {
    auto const value = detail::to_double(view);
    constexpr double greatest = std::numeric_limits<float>::max();
    if (!value || *value > greatest || *value < -greatest) return std::nullopt;
    return static_cast<float>(*value);
  }
};

template <>
struct Codec<std::string> {
  static void encode(ArgsWriter& out, std::string_view value) { out.string(value); }
  static std::optional<std::string> decode(ArgView view) { return detail::to_string(view); }
};

// Only outgoing: a received string may have escapes, so that there is nothing to point at.
template <>
struct Codec<std::string_view> {
  static void encode(ArgsWriter& out, std::string_view value) { out.string(value); }
};
template <>
struct Codec<char const*> {
  static void encode(ArgsWriter& out, char const* value) { value == nullptr ? out.null() : out.string(value); }
};
template <>
struct Codec<char*> : Codec<char const*> {};
template <std::size_t N>
struct Codec<char[N]> {
  static void encode(ArgsWriter& out, char const (&value)[N]) {
    std::string_view const text(value, N);
    out.string(text.substr(0, text.find('\0')));
  }
};

template <>
struct Codec<std::nullptr_t> {
  static void encode(ArgsWriter& out, std::nullptr_t) { out.null(); }
  static std::optional<std::nullptr_t> decode(ArgView view) {
    return view.is_null() ? std::optional<std::nullptr_t>(nullptr) : std::nullopt;
  }
};
template <>
struct Codec<std::monostate> {
  static void encode(ArgsWriter& out, std::monostate) { out.null(); }
  static std::optional<std::monostate> decode(ArgView view) {
    return view.is_null() ? std::optional<std::monostate>(std::in_place) : std::nullopt;
  }
};

/// Empty: null outgoing, null or missing incoming.
template <class T>
struct Codec<std::optional<T>> {
  static void encode(ArgsWriter& out, std::optional<T> const& value) {
    value ? chorus::encode(out, *value) : out.null();
  }
  static std::optional<std::optional<T>> decode(ArgView view) {
    if (view.is_missing() || view.is_null()) return std::optional<T>();
    auto value = chorus::decode<T>(view);
    if (!value) return std::nullopt;
    return value;
  }
};

template <class T, class Allocator>
struct Codec<std::vector<T, Allocator>> {
  static void encode(ArgsWriter& out, std::vector<T, Allocator> const& values) {
    ArrayWriter array(out);
    for (auto const& value : values) array.element(static_cast<T const&>(value));  // the cast: vector<bool>
  }
  static std::optional<std::vector<T, Allocator>> decode(ArgView view) {
    if (view.kind() != ArgKind::array) return std::nullopt;
    std::vector<T, Allocator> values;
    ArrayCursor cursor(view);
    while (auto element = cursor.next()) {
      auto value = chorus::decode<T>(*element);
      if (!value) return std::nullopt;
      values.push_back(std::move(*value));
    }
    return values;
  }
};

namespace detail {

/// Arrays of a fixed number of elements, each with its own type: std::array, pair and tuple.
template <class Tuple>
struct TupleCodec {
  static constexpr std::size_t size = std::tuple_size_v<Tuple>;

  static void encode(ArgsWriter& out, Tuple const& values) {
    ArrayWriter array(out);
    std::apply([&](auto const&... value) { (array.element(value), ...); }, values);
  }
  static std::optional<Tuple> decode(ArgView view) {
    if (view.kind() != ArgKind::array || view.size() != size) return std::nullopt;
    ArrayCursor cursor(view);
    return decode_each(cursor, std::make_index_sequence<size>());
  }

 private:
  template <std::size_t... I>
  static std::optional<Tuple> decode_each([[maybe_unused]] ArrayCursor& cursor, std::index_sequence<I...>) {
    // Braces: the elements are decoded from left to right.
    std::tuple<std::optional<std::tuple_element_t<I, Tuple>>...> parts{
        chorus::decode<std::tuple_element_t<I, Tuple>>(*cursor.next())...};
    if (!(std::get<I>(parts).has_value() && ...)) return std::nullopt;
    return Tuple{std::move(*std::get<I>(parts))...};
  }
};

}  // namespace detail

template <class T, std::size_t N>
struct Codec<std::array<T, N>> : detail::TupleCodec<std::array<T, N>> {};
template <class A, class B>
struct Codec<std::pair<A, B>> : detail::TupleCodec<std::pair<A, B>> {};
template <class... Ts>
struct Codec<std::tuple<Ts...>> : detail::TupleCodec<std::tuple<Ts...>> {};

template <detail::StringMap T>
struct Codec<T> {
  static void encode(ArgsWriter& out, T const& map) {
    ObjectWriter object(out);
    for (auto const& [key, value] : map) object.member(key, value);
  }
  static std::optional<T> decode(ArgView view) {
    if (view.kind() != ArgKind::object) return std::nullopt;
    T map;
    ObjectCursor cursor(view);
    while (auto member = cursor.next()) {
      auto value = chorus::decode<typename T::mapped_type>(member->value);
      if (!value) return std::nullopt;
      map.insert_or_assign(std::move(member->key), std::move(*value));
    }
    return map;
  }
};

template <Described T>
struct Codec<T> {
  static void encode(ArgsWriter& out, T const& value) {
    ObjectWriter object(out);
    std::apply([&](auto const&... each) { (object.member(each.name, value.*each.member), ...); }, fields<T>);
  }
  static std::optional<T> decode(ArgView view) {
    if (view.kind() != ArgKind::object) return std::nullopt;
    T value{};
    bool const whole =
        std::apply([&](auto const&... each) { return (decode_member(view, value, each) && ...); }, fields<T>);
    if (!whole) return std::nullopt;
    return value;
  }

 private:
  template <class M>
  static bool decode_member(ArgView view, T& value, Field<T, M> const& each) {
    auto member = chorus::decode<M>(view[each.name]);
    if (!member) return false;
    value.*each.member = std::move(*member);
    return true;
  }
};

template <>
struct Codec<RawJson> {
  static void encode(ArgsWriter& out, RawJson const& value) { out.raw_json(value.text); }
  static std::optional<RawJson> decode(ArgView view) {
    if (view.is_missing()) return std::nullopt;
    return RawJson{std::string(view.raw())};
  }
};

template <>
struct Codec<Binary> {
  static void encode(ArgsWriter& out, Binary const& value) { out.binary(value.bytes()); }
  static std::optional<Binary> decode(ArgView view) {
    auto const bytes = view.binary();
    if (!bytes) return std::nullopt;
    return Binary(std::string(*bytes));
  }
};

/// A handler that takes an ArgView looks for itself; also at the missing argument. It goes out as it came.
template <>
struct Codec<ArgView> {
  static void encode(ArgsWriter& out, ArgView value) { out.view(value); }
  static std::optional<ArgView> decode(ArgView view) { return view; }
};

// ---- Bodies ----

template <class T>
void ArgsWriter::add(T const& value) {
  if (!text_.empty()) text_ += ',';
  chorus::encode(*this, value);
}

template <class T>
ArrayWriter& ArrayWriter::element(T const& value) {
  chorus::encode(next(), value);
  return *this;
}

template <class T>
ObjectWriter& ObjectWriter::member(std::string_view name, T const& value) {
  chorus::encode(next(name), value);
  return *this;
}

template <class T>
std::optional<T> ArgView::as() const {
  return chorus::decode<T>(*this);
}

template <class... Ts>
std::optional<std::tuple<Ts...>> Args::as() const {
  return [this]<std::size_t... I>(std::index_sequence<I...>)->std::optional<std::tuple<Ts...>> {
    std::tuple<std::optional<Ts>...> parts{(*this)[I].template as<Ts>()...};
    if (!(std::get<I>(parts).has_value() && ...)) return std::nullopt;
    return std::tuple<Ts...>{std::move(*std::get<I>(parts))...};
  }
  (std::index_sequence_for<Ts...>());
}

}  // namespace chorus
