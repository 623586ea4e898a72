// What a session needs only while somebody watches its packets. Inner part of a session.
#pragma once
#include <cstddef>
#include <string>

#include "base/time.hpp"
#include "engine/outlet.hpp"

namespace chorus::engine {

/// Plain values; Session's functions work on them (session_watching.cpp). Goes when nobody watches any more.
struct Watching {
  Watching(Timer::Callback callback, void* session) : later(callback, session) {}

  PacketWatch* watch = nullptr;  // nullptr: nobody any more, but one of its calls has not ended
  unsigned calls = 0;            // of the watch that run, one inside another
  bool creating = false;         // one of them is on_packet_create()
  std::size_t untold = 0;        // packets that went to the transport, and no on_flush() was told
  std::string kept;              // the packet that is told: its sender may need the memory for what a handler sends
  Timer later;                   // armed for the next turn when something could not be done inside a call
};

}  // namespace chorus::engine
