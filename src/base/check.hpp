// CHORUS_CHECK: for our own bugs only. What a peer sends is never checked this way; it becomes a Result.
#pragma once

namespace chorus {
/// Prints the sentence with its place and aborts.
[[noreturn]] void check_failed(char const* condition, char const* sentence, char const* file, int line);
}  // namespace chorus

/// Aborts with `sentence` when `condition` does not hold, in every build. Keep it off the per-receiver path.
#define CHORUS_CHECK(condition, sentence)                               \
  do {                                                                  \
    if (!(condition)) [[unlikely]]                                      \
      ::chorus::check_failed(#condition, sentence, __FILE__, __LINE__); \
  } while (false)

/// The same, compiled out of release builds (NDEBUG): for paths that run once per receiver.
#ifdef NDEBUG
#define CHORUS_DCHECK(condition, sentence) static_cast<void>(0)
#else
#define CHORUS_DCHECK(condition, sentence) CHORUS_CHECK(condition, sentence)
#endif
