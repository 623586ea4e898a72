// SignIn: whether somebody who wants to look may, by a session or by name and password.
#pragma once
#include <deque>
#include <memory>
#include <string>

#include "admin/bcrypt.hpp"
#include "admin/session_store.hpp"
#include "base/guarded.hpp"
#include "chorus/handshake.hpp"
#include "chorus/socket.hpp"

namespace chorus::admin {

/// What a wrong name, a wrong password and nothing at all are refused with; the UI knows the words.
inline constexpr char const* invalid_credentials = "invalid credentials";
inline constexpr char const* too_many_attempts = "too many attempts to sign in at once; try again";

struct SignInSettings {
  std::string username;
  BcryptHash hash;
  std::size_t attempts_max = 2;           ///< checked at once
  std::size_t attempts_waiting_max = 20;  ///< beyond: refused
  std::size_t password_bytes_max = 512;   ///< a longer one is wrong
};

/// The middleware of the namespace. A password is checked by a helper thread, a wrong name as long as a right one.
///
/// Thread: any; decide() in turns of the sockets' workers. Lifetime: shared by what waits for a helper or for Redis.
class SignIn : public std::enable_shared_from_this<SignIn> {
 public:
  SignIn(SignInSettings settings, std::unique_ptr<SessionStore> store)
      : settings_(std::move(settings)), store_(std::move(store)) {}

  /// The verdict comes later, in a turn of the socket's worker. Who has given the password is told of a session first.
  void decide(Socket const& socket, Verdict const& verdict);
  /// They were let in: tells them of the session again. The UI (0.5.1) listens from its connection on, and its client
  /// has given out by then what came before.
  static void remind(Socket const& socket);

 private:
  /// What the socket of who has given the password holds.
  struct Session {
    std::string id;
  };
  struct Attempt {
    Socket socket;
    Verdict verdict;
    bool is_name = false;
    std::string password;
  };
  /// Those that a helper has, and those behind them.
  struct Attempts {
    std::size_t open = 0;
    std::deque<Attempt> waiting;
  };

  void check_password(Socket const& socket, Verdict const& verdict);
  void give_to_helper(Attempt attempt);
  /// One is done with: the next one's turn.
  void attempt_ended();
  void password_checked(Socket const& socket, Verdict const& verdict, bool right);
  static void refuse_with(Socket const& socket, Verdict const& verdict, char const* message);

  SignInSettings const settings_;
  std::unique_ptr<SessionStore> const store_;
  Guarded<Attempts> attempts_;
};

}  // namespace chorus::admin
