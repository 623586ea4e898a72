// What can be done in this process to all sockets of a target, whoever asked: an Audience or another node.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "chorus/audience.hpp"
#include "socket/switchboard.hpp"

namespace chorus::socket {

using BoardPtr = std::shared_ptr<Switchboard>;

// Thread: any. The last argument runs once, in a turn of the worker that asked (worker 0 for a foreign thread), when it
// has taken effect on all workers; it may be empty where nothing is asked for.

/// `rooms`: keys.
void join_sockets(BoardPtr const& board, TargetPtr const& target, std::vector<std::string> rooms,
                  std::function<void()> done);
void leave_sockets(BoardPtr const& board, TargetPtr const& target, std::vector<std::string> rooms,
                   std::function<void()> done);
void disconnect_sockets(BoardPtr const& board, TargetPtr const& target, bool close_connection,
                        std::function<void()> done);

void describe_sockets(BoardPtr const& board, TargetPtr const& target,
                      std::function<void(std::vector<SocketInfo>)> on_sockets);
void count_sockets(BoardPtr const& board, TargetPtr const& target, std::function<void(std::size_t)> on_count);
/// Keys of all rooms of a namespace, the sockets' own ones included; sorted, each once.
void list_rooms(BoardPtr const& board, std::string nsp, std::function<void(std::vector<std::string>)> on_keys);

/// An event of another server for this one: told to the namespace's handlers, on its home worker. `answer` (empty: none
/// is wanted) is called once: by whom and when the handlers please, without data when none of them can any more.
void hear_server_side(BoardPtr const& board, std::string nsp, std::string event, OwnedArgs args,
                      std::function<void(ArgsWriter)> answer);

}  // namespace chorus::socket
