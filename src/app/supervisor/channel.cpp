#include "app/supervisor/channel.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <cerrno>
#include <cstring>
#include <system_error>

namespace chorus::app {
namespace {

constexpr std::size_t control_size = CMSG_SPACE(Channel::descriptors_max * sizeof(int));

union Control {
  char bytes[control_size];
  cmsghdr align;
};

void attach(msghdr& header, Control& control, std::vector<int> const& descriptors) {
  auto const size = descriptors.size() * sizeof(int);
  header.msg_control = control.bytes;
  header.msg_controllen = CMSG_SPACE(size);
  cmsghdr* const part = CMSG_FIRSTHDR(&header);
  part->cmsg_level = SOL_SOCKET;
  part->cmsg_type = SCM_RIGHTS;
  part->cmsg_len = CMSG_LEN(size);
  std::memcpy(CMSG_DATA(part), descriptors.data(), size);
}

std::vector<server::FileDescriptor> detach(msghdr& header) {
  std::vector<server::FileDescriptor> descriptors;
  for (cmsghdr* part = CMSG_FIRSTHDR(&header); part != nullptr; part = CMSG_NXTHDR(&header, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
    std::size_t const count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int descriptor = -1;
      std::memcpy(&descriptor, CMSG_DATA(part) + i * sizeof(int), sizeof descriptor);
      descriptors.emplace_back(descriptor);
    }
  }
  return descriptors;
}

}  // namespace

std::pair<Channel, Channel> Channel::pair() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
    throw std::system_error(errno, std::generic_category(), "a channel to a process");
  return {Channel(server::FileDescriptor(ends[0])), Channel(server::FileDescriptor(ends[1]))};
}

bool Channel::send(std::string_view message, std::vector<int> const& descriptors) {
  if (message.empty() || message.size() > message_bytes_max || descriptors.size() > descriptors_max) return false;
  iovec part{const_cast<char*>(message.data()), message.size()};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  Control control{};
  if (!descriptors.empty()) attach(header, control, descriptors);
  return ::sendmsg(socket_.get(), &header, MSG_NOSIGNAL | MSG_DONTWAIT) == static_cast<ssize_t>(message.size());
}

Channel::Received Channel::receive() {
  Received received;
  received.text.resize(message_bytes_max);
  iovec part{received.text.data(), received.text.size()};
  Control control{};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control.bytes;
  header.msg_controllen = sizeof control.bytes;
  auto const size = ::recvmsg(socket_.get(), &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  bool const not_yet = size < 0 && (errno == EAGAIN || errno == EINTR);
  received.text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  if (not_yet) return received;
  if (size <= 0) {
    received.kind = Received::Kind::closed;
    return received;
  }
  received.descriptors = detach(header);
  bool const cut = (header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0;
  received.kind = cut ? Received::Kind::garbage : Received::Kind::message;
  return received;
}

bool Channel::wait_for_message(Duration limit) const {
  auto const ms = std::chrono::duration_cast<std::chrono::milliseconds>(limit).count();
  pollfd waiting{socket_.get(), POLLIN, 0};
  int found = 0;
  do found = ::poll(&waiting, 1, static_cast<int>(ms));
  while (found < 0 && errno == EINTR);
  return found > 0;
}

}  // namespace chorus::app
