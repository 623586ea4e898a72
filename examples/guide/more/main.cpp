#include <chorus/server.hpp>

using namespace chorus;

int main() {
  Server io({
      .port = 3000,
      .allow_eio3 = true,                        // clients of Socket.IO 1 and 2 as well
      .per_message_deflate = {.enabled = true},  // WebSocket messages from 1024 bytes on are made smaller
  });

  io.on("name?", [](Socket const&, Ack ack) { ack("more"); });

  io.on_connection([](Socket const& socket) {
    // Handlers of this socket alone, beside those that all have (io.on). They end with it.
    socket.once("hello", [](Socket const& s) { s.emit("hello, stranger"); });
    ListenerId const counting = socket.on("tick", [n = 0](Socket const& s) mutable { s.emit("ticks", ++n); });
    socket.on("enough", [counting](Socket const& s) { s.off(counting); });  // or s.off("tick"), or all: s.off()
  });

  io.on_connection([](Socket const& socket) {
    // Sees each event before its handlers do: lets it pass, changes it, or refuses it.
    socket.use([](EventDraft const& draft) -> Admission {
      if (draft.event() == "hi") draft.set_event("hello");
      bool const is_admin = draft.socket().handshake().auth<bool>("admin").value_or(false);
      if (draft.event().starts_with("admin:") && !is_admin) return refuse("not for you");
      return admit();
    });
    socket.on_error([](Socket const& s, EventError const& error) { s.emit("refused", error.event, error.message); });
  });

  using Log = std::vector<std::string>;
  io.on_connection([](Socket const& socket) {
    socket.set_data(Log());
    // Whatever comes, before middlewares and handlers, and whatever goes out, broadcasts included.
    socket.on_any([](Incoming const& in) { in.socket.data<Log>().push_back("< " + std::string(in.event)); });
    socket.on_any_outgoing(
        [](Outgoing const& out) { out.socket.data<Log>().push_back("> " + std::string(out.event)); });
    // Before those that are there. The other form: the event's name and its arguments.
    socket.prepend_any([log = &socket.data<Log>()](std::string_view, Args const& args) {
      log->push_back("  " + std::string(args.raw()));
    });
    socket.on("log?", [](Socket const& s, Ack ack) { ack(s.data<Log>()); });
    socket.on("no log", [](Socket const& s) {
      s.off_any();
      s.off_any_outgoing();
    });
  });

  io.on_connection([](Socket const& socket) {
    // The connection under it, which the client's sockets of other namespaces share.
    socket.conn().on_upgrade([socket](std::string_view transport) { socket.emit("now over", transport); });
    socket.on("how?", [](Socket const& s, Ack ack) {
      ClientConnection const conn = s.conn();
      ack(conn.transport(), conn.upgraded(), conn.protocol());
    });
    socket.on("cut me off", [](Socket const& s) { s.conn().close(); });  // its client comes back by itself
  });

  // A namespace for each name that the function says yes to, when a client first asks for it.
  Namespace teams = io.of_function([](std::string_view name, ArgView auth) {
    return name.starts_with("/team-") && auth["key"].as<std::string>() == "key of " + std::string(name.substr(6));
  });
  teams.on_connection([](Socket const& socket) { socket.emit("team", socket.nsp().substr(6)); });

  // Once for each namespace that is new.
  io.on_new_namespace([&io](Namespace const& nsp) { io.emit("new namespace", nsp.name()); });

  // Rooms come with their first member and go with their last one.
  io.of("/").on_create_room([&io](std::string const& room) { io.emit("opened", room); });
  io.of("/").on_delete_room([&io](std::string const& room) { io.emit("closed", room); });
  io.on("join", [](Socket const& socket, std::string room) { socket.join(room); });
  io.on("leave", [](Socket const& socket, std::string room) { socket.leave(room); });

  return io.run();
}
