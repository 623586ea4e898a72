// The session id, and the one place that knows how it is laid out.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/bytes.hpp"

struct evp_mac_ctx_st;  // OpenSSL's EVP_MAC_CTX

namespace chorus::engine {

/// Who keeps a session. Whoever receives one of its requests knows this at once and never asks everybody.
struct Owner {
  std::uint16_t node = 0;  // a process of the cluster, by its number in the directory
  std::uint8_t incarnation =
      0;                    // of that number: counts its holders, so that a successor refuses its predecessor's ids
  std::uint8_t worker = 0;  // a thread of that process

  friend bool operator==(Owner const&, Owner const&) = default;
};

inline constexpr std::size_t session_id_size = 32;
/// Of a text that a program gives for an id.
inline constexpr std::size_t session_text_bytes_max = 64;

/// Whether an id may begin with this text: 1 to session_text_bytes_max of RFC 3986's unreserved characters, which stand
/// for themselves in a URL, in JSON and in a cookie.
bool is_session_text(Bytes text);

/// Mints and checks session ids: 32 characters of [A-Za-z0-9_-], the base64url form of 24 bytes:
///
///     0..3    owner: node (big-endian), incarnation, worker
///     4..15   96 random bits: an id cannot be guessed
///     16..23  SipHash-2-4 of the bytes before under the key: a made-up id is refused without asking its owner
///
/// Or a program's text, `.` and 24 such characters, the form of 18 bytes:
///
///     0..3    owner
///     4..9    48 random bits: of two equal texts each makes an id of its own, so none can take over the other's
///     session 10..17  SipHash-2-4 of these ten bytes, ten zeros and the text; by its length it is no check of the
///     other kind
///
/// Thread: any; const calls may overlap. The supervisor makes the key, a cluster configures it.
class SessionIdKey {
 public:
  static constexpr std::size_t size = 16;

  /// `key` has exactly `size` bytes.
  explicit SessionIdKey(Bytes key);
  static SessionIdKey random();
  SessionIdKey(SessionIdKey&&) noexcept;
  SessionIdKey& operator=(SessionIdKey&&) noexcept;
  ~SessionIdKey();

  std::string mint(Owner owner) const;
  /// `text` is one by is_session_text().
  std::string mint(Owner owner, Bytes text) const;
  /// Nothing for whatever was not minted under this key, to the letter; takes the same time wherever it differs.
  std::optional<Owner> owner_of(Bytes sid) const;

 private:
  std::optional<Owner> owner_behind_text(Bytes sid) const;

  struct Free {
    void operator()(evp_mac_ctx_st* context) const;
  };
  std::unique_ptr<evp_mac_ctx_st, Free> prepared_;  // keyed; each use works on a copy
};

}  // namespace chorus::engine
