// HostedSession: an Engine.IO session with what listens to it, as a worker keeps it.
#pragma once
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "chorus/server.hpp"
#include "engine/session.hpp"
#include "server/mount.hpp"
#include "socket/client.hpp"

namespace chorus::server {

/// What a hosted session asks of its worker.
class SessionOwner {
 public:
  /// The session has closed; it is destroyed after this turn, not before.
  virtual void session_closed(std::string const& sid) = 0;

 protected:
  ~SessionOwner() = default;
};

/// Thread: its worker's. Lifetime: owned by the Site's table, then by its graveyard until the turn ends.
class HostedSession {
 public:
  explicit HostedSession(Mount const& mount) : mount_(mount) {}
  virtual ~HostedSession() = default;

  virtual engine::Session& session() = 0;
  /// The session is open.
  virtual void opened() {}
  /// A POST is about to be handed over; nullptr: it was.
  virtual void carry_headers(http::Request const*) {}
  Mount const& mount() const { return mount_; }

 private:
  Mount const& mount_;
};

/// What all sessions are made with.
struct SessionParts {
  std::string sid;
  Mount const& mount;
  Timers& timers;
  engine::Outlet& outlet;
  SessionOwner& owner;
  engine::Dialect dialect;
};

/// With Socket.IO on top.
class SocketIoSession final : public HostedSession, engine::SessionListener {
 public:
  SocketIoSession(SessionParts parts, socket::Hub& hub, Handshake::Request request)
      : HostedSession(parts.mount),
        owner_(parts.owner),
        session_(std::move(parts.sid), parts.mount.engine, parts.timers, parts.outlet, *this, parts.dialect),
        client_(hub, session_, std::move(request)) {}

  engine::Session& session() override { return session_; }
  void opened() override { client_.open(); }

 private:
  void on_message(engine::MessageKind kind, Bytes data) override { client_.on_message(kind, data); }
  void on_upgraded() override { client_.on_upgraded(); }
  void on_close(engine::CloseReason reason) override {
    client_.on_close(reason);
    owner_.session_closed(session_.sid());
  }

  SessionOwner& owner_;
  engine::Session session_;
  socket::Client client_;
};

/// As it is, for programs that speak Engine.IO themselves.
class RawSession final : public HostedSession, engine::SessionListener, engine::PacketWatch, EngineSocket {
 public:
  RawSession(SessionParts parts, socket::Hub& hub, Handshake::Request request)
      : HostedSession(parts.mount),
        hub_(hub),
        owner_(parts.owner),
        request_(std::move(request)),
        session_(std::move(parts.sid), parts.mount.engine, parts.timers, parts.outlet, *this, parts.dialect) {}

  engine::Session& session() override { return session_; }
  void opened() override;
  void carry_headers(http::Request const* request) override;

 private:
  void on_message(engine::MessageKind kind, Bytes data) override;
  void on_upgraded() override;
  void on_close(engine::CloseReason reason) override;
  void on_packet_create(engine::Packet const& packet, engine::Compress compress) override;
  void on_flush(std::size_t packets) override;
  void on_drain() override;
  void on_heartbeat() override;
  void on_upgrading() override;
  /// Calls the program's handler of this kind, if there is one.
  template <class F, class... Values>
  void tell(char const* what, F const& handler, Values&&... values);

  void send_text(std::string_view text, EngineSendOptions options) override {
    session_.send(text, {}, compression(options));
  }
  void send_binary(std::string_view bytes, EngineSendOptions options) override {
    session_.send_binary(bytes, compression(options));
  }
  static engine::Compress compression(EngineSendOptions options) {
    return options.compress ? engine::Compress::yes : engine::Compress::no;
  }
  void close() override { session_.close(); }
  std::string const& sid() const override { return session_.sid(); }
  Handshake::Request const& request() const override { return request_; }
  std::string_view transport() const override {
    return session_.transport() == engine::Transport::polling ? "polling" : "websocket";
  }
  int protocol() const override { return static_cast<int>(session_.revision()); }
  HttpHeaders const* post_headers() const override { return carrying_ ? &headers_ : nullptr; }

  socket::Hub& hub_;
  SessionOwner& owner_;
  Handshake::Request const request_;
  engine::Session session_;
  HttpHeaders headers_;
  bool carrying_ = false;
};

/// A request's headers with their names in lower case.
std::vector<std::pair<std::string, std::string>> lower_headers(http::Request const& request);

}  // namespace chorus::server
