// How another thread ends a worker's wait. Internal to net.
#pragma once
#include <atomic>

#include "net/file_descriptor.hpp"

namespace chorus::net {

/// An eventfd in an edge-triggered set, so it never has to be read, behind a flag that saves the writes in between.
class WakeUp {
 public:
  WakeUp();

  int descriptor() const { return descriptor_.get(); }

  /// Thread: any. What was done before is seen by who sees taken().
  void signal() {
    if (!signalled_.exchange(true, std::memory_order_acq_rel)) post();
  }
  /// Thread: any. Makes the descriptor readable without a signal.
  void post() const;
  /// Thread: the worker's. There was a signal since the last call.
  bool take() {
    return signalled_.load(std::memory_order_acquire) && signalled_.exchange(false, std::memory_order_acq_rel);
  }

 private:
  FileDescriptor descriptor_;
  std::atomic<bool> signalled_{false};
};

}  // namespace chorus::net
