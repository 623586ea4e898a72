#include "engine/session_id.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <algorithm>
#include <array>

#include "base/base64.hpp"
#include "base/check.hpp"
#include "base/random.hpp"

namespace chorus::engine {
namespace {

constexpr std::size_t owner_size = 4;
constexpr std::size_t random_size = 12;
constexpr std::size_t check_size = 8;
constexpr std::size_t signed_size = owner_size + random_size;
static_assert(base64_size(signed_size + check_size) == session_id_size, "no padding and no stray bits");

// Of an id with a text.
constexpr std::size_t tag_random_size = 6;
constexpr std::size_t tag_signed_size = owner_size + tag_random_size;
constexpr std::size_t tag_size = 24;
static_assert(base64_size(tag_signed_size + check_size) == tag_size, "no padding and no stray bits");

struct FreeMac {
  void operator()(EVP_MAC* mac) const { EVP_MAC_free(mac); }
};

/// A keyed context that waits for the bytes to sign.
EVP_MAC_CTX* prepare(Bytes key) {
  std::unique_ptr<EVP_MAC, FreeMac> const mac(EVP_MAC_fetch(nullptr, "SIPHASH", nullptr));
  CHORUS_CHECK(mac != nullptr, "OpenSSL has no SipHash");
  EVP_MAC_CTX* const context = EVP_MAC_CTX_new(mac.get());
  CHORUS_CHECK(context != nullptr, "no memory for a MAC context");
  std::size_t output = check_size;
  OSSL_PARAM const params[] = {OSSL_PARAM_construct_size_t("size", &output), OSSL_PARAM_construct_end()};
  bool const ready = EVP_MAC_init(context, reinterpret_cast<unsigned char const*>(key.data()), key.size(), params) == 1;
  CHORUS_CHECK(ready, "SipHash refused its key");
  return context;
}

/// A copy each time: OpenSSL's contexts are not for several threads at once.
std::array<unsigned char, check_size> check_of(EVP_MAC_CTX const* prepared, Bytes bytes) {
  std::array<unsigned char, check_size> check{};
  EVP_MAC_CTX* const context = EVP_MAC_CTX_dup(prepared);
  CHORUS_CHECK(context != nullptr, "no memory for a MAC context");
  std::size_t written = 0;
  bool const done = EVP_MAC_update(context, reinterpret_cast<unsigned char const*>(bytes.data()), bytes.size()) == 1 &&
                    EVP_MAC_final(context, check.data(), &written, check.size()) == 1;
  EVP_MAC_CTX_free(context);
  CHORUS_CHECK(done && written == check_size, "SipHash failed");
  return check;
}

/// decode_base64() takes both alphabets; an id has one spelling only.
bool is_url_alphabet(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

void append_owner(std::string& out, Owner owner) {
  out += static_cast<char>(owner.node >> 8);
  out += static_cast<char>(owner.node & 0xff);
  out += static_cast<char>(owner.incarnation);
  out += static_cast<char>(owner.worker);
}

void append_random(std::string& out, std::size_t size) {
  out.resize(out.size() + size);
  fill_random(out.data() + out.size() - size, size);
}

Owner owner_in(Bytes bytes) {
  auto const byte = [&](std::size_t at) { return static_cast<std::uint8_t>(bytes[at]); };
  return {static_cast<std::uint16_t>(byte(0) << 8 | byte(1)), byte(2), byte(3)};
}

/// What stands in url_alphabet for `size` bytes; nothing for whatever has another spelling or size.
std::optional<std::string> decoded(Bytes text, std::size_t size) {
  if (text.size() != base64_size(size) || !std::all_of(text.begin(), text.end(), is_url_alphabet)) return std::nullopt;
  auto bytes = decode_base64(text);
  return bytes && bytes->size() == size ? std::move(bytes) : std::nullopt;
}

/// What a tag's check is of.
std::string signed_with_text(Bytes tag, Bytes text) {
  std::string out(tag);
  out.append(tag_signed_size, '\0').append(text);
  return out;
}

void append_check(std::string& out, std::array<unsigned char, check_size> const& check) {
  for (unsigned char const byte : check) out += static_cast<char>(byte);
}

}  // namespace

bool is_session_text(Bytes text) {
  return !text.empty() && text.size() <= session_text_bytes_max &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_url_alphabet(c) || c == '.' || c == '~'; });
}

SessionIdKey::SessionIdKey(Bytes key) {
  CHORUS_CHECK(key.size() == size, "a session id key has 16 bytes");
  prepared_.reset(prepare(key));
}

SessionIdKey SessionIdKey::random() {
  char key[size];
  fill_random(key, sizeof key);
  return SessionIdKey(Bytes(key, sizeof key));
}

SessionIdKey::SessionIdKey(SessionIdKey&&) noexcept = default;
SessionIdKey& SessionIdKey::operator=(SessionIdKey&&) noexcept = default;
SessionIdKey::~SessionIdKey() = default;

void SessionIdKey::Free::operator()(evp_mac_ctx_st* context) const { EVP_MAC_CTX_free(context); }

std::string SessionIdKey::mint(Owner owner) const {
  std::string bytes;
  bytes.reserve(signed_size + check_size);
  append_owner(bytes, owner);
  append_random(bytes, random_size);
  append_check(bytes, check_of(prepared_.get(), bytes));

  std::string sid;
  sid.reserve(session_id_size);
  append_base64url(sid, bytes);
  return sid;
}

std::string SessionIdKey::mint(Owner owner, Bytes text) const {
  CHORUS_CHECK(is_session_text(text), "an id's text was checked");
  std::string tag;
  append_owner(tag, owner);
  append_random(tag, tag_random_size);
  append_check(tag, check_of(prepared_.get(), signed_with_text(tag, text)));

  std::string sid(text);
  sid += '.';
  append_base64url(sid, tag);
  return sid;
}

std::optional<Owner> SessionIdKey::owner_of(Bytes sid) const {
  if (sid.size() > tag_size && sid[sid.size() - tag_size - 1] == '.') return owner_behind_text(sid);
  auto const bytes = decoded(sid, signed_size + check_size);
  if (!bytes) return std::nullopt;
  auto const check = check_of(prepared_.get(), Bytes(*bytes).substr(0, signed_size));
  if (CRYPTO_memcmp(check.data(), bytes->data() + signed_size, check_size) != 0) return std::nullopt;
  return owner_in(*bytes);
}

std::optional<Owner> SessionIdKey::owner_behind_text(Bytes sid) const {
  Bytes const text = sid.substr(0, sid.size() - tag_size - 1);
  auto const tag = decoded(sid.substr(sid.size() - tag_size), tag_signed_size + check_size);
  if (!is_session_text(text) || !tag) return std::nullopt;
  auto const check = check_of(prepared_.get(), signed_with_text(Bytes(*tag).substr(0, tag_signed_size), text));
  if (CRYPTO_memcmp(check.data(), tag->data() + tag_signed_size, check_size) != 0) return std::nullopt;
  return owner_in(*tag);
}

}  // namespace chorus::engine
