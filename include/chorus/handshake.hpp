// What a client brought when it knocked: request, query, auth payload. And the middlewares' verdict on it.
#pragma once
#include <any>
#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "chorus/args.hpp"
#include "chorus/name_values.hpp"

namespace chorus {

/// A person over several sockets: an address of its own (`io.user(id)`).
struct UserId {
  UserId() = default;
  /// `id`: as the program names its people.
  explicit UserId(std::string id) : value(std::move(id)) {}  // no aggregate: see chorus/coroutine.hpp, g++ 12
  std::string value;                                         ///< empty: nobody
  bool operator==(UserId const&) const = default;
};

/// What a client has shown of itself in the TLS handshake.
struct ClientCertificate {
  std::string_view subject;  ///< RFC 2253: "CN=anna,O=Example"
  bool verified = false;     ///< TlsSettings::client_ca_file vouches for it; else anybody can have made it
};

/// How a client introduced itself. An immutable value. Thread: any. Lifetime: shared by all who hold the Socket.
class Handshake {
 public:
  /// A request header by name, case ignored; empty when absent.
  std::string_view header(std::string_view name) const;
  /// By name, case ignored.
  bool has_header(std::string_view name) const;
  /// Header names in lower case, in the order of the request.
  NameValues headers() const { return request_.headers(); }
  /// A query parameter, decoded; nullopt when absent.
  std::optional<std::string_view> query(std::string_view name) const;
  /// All of them, with `EIO` and `transport`, in the order of the request.
  NameValues query() const { return request_.query(); }
  /// The request's target as it came.
  std::string_view url() const { return request_.url(); }
  /// The client's address, without a port.
  std::string_view address() const { return request_.address(); }
  /// An Origin header was present.
  bool cross_domain() const { return has_header("origin"); }
  /// The connection is encrypted.
  bool secure() const { return request_.secure(); }
  /// Nothing: it was not asked for, or has none (TlsSettings::client_certificates).
  std::optional<ClientCertificate> client_certificate() const { return request_.client_certificate(); }
  /// When the session began.
  std::chrono::system_clock::time_point issued() const { return request_.issued(); }

  /// The payload of the CONNECT packet (Socket.IO v5, "Connection to a namespace"): raw JSON, `{}` if there was none.
  std::string const& auth_json() const { return auth_; }
  /// One member of it as T; nullopt when absent or of another type.
  template <class T>
  std::optional<T> auth(std::string_view member) const {
    return ArgView(auth_)[member].template as<T>();
  }
  /// The whole as a JSON object, as Socket.IO's `socket.handshake` has it.
  std::string to_json() const;

  /// What all namespaces of one session share: a handle to an immutable value, one piece of memory. Views that it gives
  /// live as long as a handle to that value. What has no comment here does as Handshake's of the same name.
  /// Thread: any.
  class Request {
   public:
    /// What it is made of.
    struct Parts {
      std::vector<std::pair<std::string, std::string>> headers;            ///< names in lower case
      std::vector<std::pair<std::string, std::string>> query;              ///< decoded
      std::string_view url;                                                ///< the request's target as it came
      std::string_view address;                                            ///< the client's, without a port
      bool secure = false;                                                 ///< the connection is encrypted
      std::chrono::system_clock::time_point issued;                        ///< when the session began
      std::optional<ClientCertificate> client_certificate = std::nullopt;  ///< empty: none was brought
    };
    Request() = default;
    explicit Request(Parts const& parts) : Request(parts, Request()) {}
    /// The same value. When its headers' names are the first of `model`, it keeps that model, and of its own headers
    /// and URL only what differs. A model is a request that keeps none itself; any other is not used.
    Request(Parts const& parts, Request const& model);
    Request(Request const& other) noexcept;
    Request(Request&& other) noexcept : body_(std::exchange(other.body_, nullptr)) {}
    Request& operator=(Request other) noexcept {
      std::swap(body_, other.body_);
      return *this;
    }
    ~Request();

    NameValues headers() const;
    NameValues query() const;
    std::string_view url() const;
    std::string_view address() const;
    bool secure() const;
    std::optional<ClientCertificate> client_certificate() const;
    std::chrono::system_clock::time_point issued() const;

    /// What it keeps in memory, without its model, which it may share with many.
    std::size_t bytes() const;
    /// Empty when it keeps none.
    Request model() const;

   private:
    struct Body;
    Body* body_ = nullptr;
  };
  /// For Chorus itself.
  Handshake(Request request, std::string auth)
      : request_(std::move(request)), auth_(auth.empty() ? "{}" : std::move(auth)) {}
  /// What it shares with the same client's handshakes in other namespaces.
  Request const& request() const { return request_; }

 private:
  Request request_;
  std::string auth_;
};

/// A middleware's verdict (a value): let in, as whom and with what; or refuse with what the client is told.
class Admission {
 public:
  /// It lets in.
  bool admitted() const { return admitted_; }
  std::optional<UserId> user;  ///< whose device the socket is; empty: nobody's
  std::any data;               ///< what Socket::data() finds
  /// For Chorus itself: set by admit() where the data's type can be encoded.
  void (*encode_data)(std::any const&, ArgsWriter&) = nullptr;
  /// With a user: what others learn of the device (Device::info_json), on every node. Keep it short. Raw JSON.
  std::string device_info;
  std::string message;    ///< for a refusal: CONNECT_ERROR's `message`
  std::string data_json;  ///< and its `data` as JSON; empty: no such member

  /// As admit().
  static Admission yes() { return Admission(true); }
  /// As refuse().
  static Admission no(std::string message, std::string data_json = {}) {
    Admission verdict(false);
    verdict.message = std::move(message);
    verdict.data_json = std::move(data_json);
    return verdict;
  }

 private:
  explicit Admission(bool admitted) : admitted_(admitted) {}
  bool admitted_;
};

/// Lets in, as nobody's device.
inline Admission admit() { return Admission::yes(); }
/// The socket is one of this user's devices.
inline Admission admit(UserId user) {
  auto verdict = Admission::yes();
  verdict.user = std::move(user);
  return verdict;
}
/// The same, with what `socket.data<T>()` is to hold.
template <class T>
Admission admit(UserId user, T data) {
  auto verdict = admit(std::move(user));
  verdict.data = std::move(data);
  if constexpr (Encodable<T>)
    verdict.encode_data = [](std::any const& any, ArgsWriter& writer) { encode(writer, *std::any_cast<T>(&any)); };
  return verdict;
}
/// The client sees `connect_error` with this message.
inline Admission refuse(std::string message) { return Admission::no(std::move(message)); }
/// ... and this `error.data`.
template <class T>
Admission refuse(std::string message, T const& data) {
  return Admission::no(std::move(message), encode_args(data).text());
}

/// A verdict that may come later, once, from any thread. Dropped without a word, it refuses when the time limit
/// (`ServerOptions::admission_timeout`) is over.
class Verdict {
 public:
  /// For Chorus itself.
  explicit Verdict(std::function<void(Admission)> decide) : decide_(std::move(decide)) {}
  /// The verdict.
  void operator()(Admission admission) const { decide_(std::move(admission)); }

 private:
  std::function<void(Admission)> decide_;
};

}  // namespace chorus
