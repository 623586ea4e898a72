// What a session needs only while it polls: buffer, parked poll, probing WebSocket. Inner part of a session.
#pragma once
#include "base/time.hpp"
#include "engine/message_queue.hpp"
#include "engine/types.hpp"

namespace chorus::engine {

/// Plain values; Session's functions work on them (session_polling.cpp). Goes with the upgrade.
struct PollingState {
  PollingState(Timer::Callback callback, void* session) : timer(callback, session) {}

  MessageQueue buffer;
  Ticket poll;                 // the parked GET
  Ticket post;                 // a POST whose head has arrived and whose body has not
  Ticket probe;                // the WebSocket that wants to become the transport
  BinaryForm probe_binary{};   // how it wants binary
  bool probed = false;         // it has sent "2probe"
  bool ping_buffered = false;  // a "2" leaves before the messages, so that many of them do not starve the heartbeat
  bool corked = false;         // a payload is being read: answers to its packets leave together in one poll

  Timer timer;                                   // the earliest of these four
  TimePoint upgrade_deadline{};                  // while probing
  TimePoint noop_due{};                          // while probed
  TimePoint close_deadline{};                    // while closing
  TimePoint return_deadline = TimePoint::max();  // a client lost in the middle of its upgrade must poll again by then
};

}  // namespace chorus::engine
