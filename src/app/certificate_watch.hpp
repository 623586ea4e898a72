// CertificateWatch: sees that the files of TLS were replaced, so that nobody has to tell.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "app/file_stamp.hpp"
#include "base/time.hpp"
#include "chorus/server.hpp"

namespace chorus::app {

/// Looks at the files' times, sizes and identities every `interval`; reads none. Thread: one.
class CertificateWatch {
 public:
  /// `interval` zero, or no TLS: it never looks.
  CertificateWatch(TlsSettings const& settings, Duration interval, TimePoint now);

  std::optional<TimePoint> next_look() const { return next_look_; }
  /// It is time, and a file is not what it was when it was looked at last.
  bool sees_change(TimePoint now);

 private:
  std::vector<std::string> files_;
  Duration interval_;
  std::vector<std::optional<FileStamp>> seen_;
  std::optional<TimePoint> next_look_;
};

/// New connections get what the files hold now; where they cannot be used, that is logged and all stays as it is.
void reload_certificates(Server& server);

/// A sentence of TlsSettings' options in the words of the command line.
std::string in_words_of_command_line(std::string sentence);

}  // namespace chorus::app
