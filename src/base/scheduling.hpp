// How the kernel schedules the server's own threads.
#pragma once
#include <sched.h>

namespace chorus {

/// The calling thread works in batches: when something wakes it, it does not take the core from whoever did so, but
/// comes when that one waits. What is to be done has gathered by then. Two processes that talk over Redis, a core less
/// than threads, spend 14 % less CPU time a message (docs/benchmarks.md); with a core for each thread nothing changes.
/// Where the kernel refuses it the thread runs as before.
inline void schedule_as_batch() {
  sched_param const none{};
  ::sched_setscheduler(0, SCHED_BATCH, &none);
}

}  // namespace chorus
