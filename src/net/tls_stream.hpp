// TlsStream: TLS over memory, between the bytes of a socket and those of its connection.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "base/bytes.hpp"
#include "net/tls_context.hpp"

struct bio_st;

namespace chorus::net {

/// Who is at the other end, as far as its certificate says.
struct TlsPeer {
  std::string subject;  ///< RFC 2253 ("CN=anna,O=Example"); empty: it brought no certificate
  bool verified = false;
};

/// Takes what is to be sent. Borrowed for the call.
class CiphertextSink {
 public:
  virtual void put(Bytes ciphertext) = 0;

 protected:
  ~CiphertextSink() = default;
};

/// A server's end of one connection: ciphertext in, plaintext out, and back. It does no I/O, and keeps nothing but the
/// beginning of a record that is not complete and what it has to say by itself (the handshake, tickets, alerts) until
/// that is taken.
///
/// Thread: one at a time; it moves with its connection. Memory: about 15 KiB where nothing is on its way.
class TlsStream {
 public:
  /// Room for plaintext beside the size of the ciphertext: that of a record whose beginning came before (RFC
  /// 8446, 5.1).
  static constexpr std::size_t extra_room = 16 * 1024 + 1;

  enum class State : std::uint8_t {
    open,
    ended,   ///< the peer has said that nothing more will come
    failed,  ///< what came is no TLS, or breaks its rules: an alert that says so waits to be taken
  };

  explicit TlsStream(std::shared_ptr<TlsContext const> context);
  ~TlsStream();
  TlsStream(TlsStream const&) = delete;
  TlsStream& operator=(TlsStream const&) = delete;

  /// Takes all of `ciphertext`, and returns how many bytes of plaintext there are at the beginning of `room`, which is
  /// at least `extra_room` longer than the ciphertext.
  std::size_t decrypt(Bytes ciphertext, MutableBytes room);
  State state() const { return state_; }
  /// The handshake is done.
  bool established() const;
  /// ... and took up an earlier session.
  bool resumed() const;
  TlsPeer peer() const;

  /// What it has to say by itself is to be sent before anything that is encrypted later.
  bool has_pending() const { return !pending_.empty(); }
  std::string take_pending() { return std::exchange(pending_, {}); }

  /// False: the stream cannot be written (any more, or yet).
  bool encrypt(Bytes plaintext, CiphertextSink& sink);
  /// The word that nothing more will come is pending; nothing is encrypted after it.
  void say_goodbye();

 private:
  friend struct TlsBio;

  struct FreeSsl {
    void operator()(ssl_st* ssl) const;
  };

  std::shared_ptr<TlsContext const> context_;
  std::unique_ptr<ssl_st, FreeSsl> ssl_;
  Bytes input_;                     // during decrypt()
  CiphertextSink* sink_ = nullptr;  // during encrypt()
  std::string pending_;
  State state_ = State::open;
};

}  // namespace chorus::net
