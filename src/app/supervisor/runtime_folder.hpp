// The private folder where instances of one user keep their control sockets, and where they are found.
#pragma once
#include <cstdint>
#include <string>

namespace chorus::app {

/// `$XDG_RUNTIME_DIR/chorus` where that is a folder of ours that can be written, else `/tmp/chorus-UID`. Made with mode
/// 0700 when it is not there. Throws std::runtime_error with a sentence when it is somebody else's, or no folder.
std::string make_runtime_folder();
/// Where make_runtime_folder() would be, without making or checking it.
std::string runtime_folder_path();
/// False for a folder that somebody else but root could have put there: what is in it is not to be trusted.
bool is_trusted_folder(std::string const& folder);

/// One instance's own folder in it, with `relay/` inside.
std::string make_instance_folder(std::string const& runtime_folder, std::uint16_t port);
/// What instances share that are one cluster, with `relay/` inside. It stays: who comes later finds the key in it.
std::string make_cluster_folder(std::string const& runtime_folder, std::string const& digest);
/// When the instance has ended; keeps what others have put there.
void remove_instance_folder(std::string const& folder);
std::string control_socket_path(std::string const& runtime_folder, std::uint16_t port);

}  // namespace chorus::app
